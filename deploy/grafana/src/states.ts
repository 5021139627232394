// Dashboards: states in words. Out: what the numbers of the health metrics mean.
import { BAD, GOOD } from './palette.ts';
import type { Word } from './stat.ts';

/** `up` and `procevents_collector_up` added together. */
export const EXPORTER_STATES: Readonly<Record<string, Word>> = {
  '0': { text: 'Down', color: 'dark-red' },
  '1': { text: 'Blind', color: BAD },
  '2': { text: 'Watching', color: GOOD },
};

export const WORKS: Readonly<Record<string, Word>> = {
  '0': { text: 'does not', color: BAD },
  '1': { text: 'works', color: GOOD },
};

/** A time of 0: there was none yet. */
export const NEVER: Readonly<Record<string, Word>> = { '0': { text: 'never', color: GOOD } };
