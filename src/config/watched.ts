// Configuration: readers of what `watch` is to show. In: the text that a user typed. Out: kinds or a pattern, or
// NotAllowed.
import { RE2JS } from 're2js';
import { NotAllowed } from './values.ts';

/** The kernel's, as in the contract's `event` label. A loss is told whatever is asked for. */
export const WATCHED_KINDS = [
  'fork',
  'exec',
  'uid',
  'gid',
  'sid',
  'ptrace',
  'comm',
  'coredump',
  'exit',
] as const;
export type WatchedKind = (typeof WATCHED_KINDS)[number];

const ALL = 'all';
// Far above any list of alternatives that a person types; RE2 programs grow with it.
const LONGEST = 1000;

export function watchedKinds(text: string): readonly WatchedKind[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === ALL) return WATCHED_KINDS;
  const kinds = WATCHED_KINDS.filter((kind) => words.includes(kind));
  if (words.length !== kinds.length) {
    throw new NotAllowed(text, `${ALL}, or some of ${WATCHED_KINDS.join(',')}`);
  }
  return kinds;
}

export function commPattern(text: string): string {
  if (text.length > LONGEST) throw new NotAllowed(text, `at most ${LONGEST} characters`);
  try {
    RE2JS.compile(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotAllowed(text, `a regular expression as RE2 has it (${why})`);
  }
  return text;
}
