// Dashboards: one number. In: a query. Out: a tile, coloured by what the number means.
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { byThresholds, dress, thresholds, type Look } from './look.ts';
import { PLAIN } from './palette.ts';
import { instants, ranges, type Query } from './queries.ts';

export interface Stat extends Look {
  readonly queries: readonly Query[];
  /** Its past behind it; then the number is the last of the time shown. */
  readonly past?: boolean;
  /** The colour for all below, and from which value on which other. */
  readonly colours?: readonly [string, ...(readonly [number, string])[]];
  readonly words?: Readonly<Record<string, Word>>;
  /** The whole tile in the colour, to be seen from afar. */
  readonly filled?: boolean;
}

export interface Word {
  readonly text: string;
  readonly color?: string;
}

export function stat(look: Stat): PanelBuilder {
  const { queries, past = false, colours = [PLAIN], words, filled = false } = look;
  const [below, ...steps] = colours;
  const panel = new PanelBuilder()
    .targets(past ? ranges(queries) : instants(queries))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .graphMode(past ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(filled ? BigValueColorMode.Background : BigValueColorMode.Value)
    .textMode(queries.length === 1 ? BigValueTextMode.Value : BigValueTextMode.ValueAndName)
    .colorScheme(byThresholds())
    .thresholds(thresholds(below, ...steps));
  dress(panel, look);
  if (words !== undefined) panel.mappings(worded(words));
  return panel;
}

/** Numbers that stand for a state. */
export function worded(words: Readonly<Record<string, Word>>): ValueMapping[] {
  return [{ type: MappingType.ValueToText, options: { ...words } }];
}
