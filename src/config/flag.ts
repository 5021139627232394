// Configuration: what one flag is, and the makers of flags. In: texts and a reader of values. Out: an entry for a table.
import { boolean } from './values.ts';

/** The sections of --help, in its order. The options of commands stand with these. */
export const SECTIONS = [
  'Commands',
  'Web',
  'Paths',
  'Collector',
  'Pairs',
  'Storms',
  'Privilege',
  'Log',
  'Check',
] as const;

export interface Flag<T> {
  /** Without the dashes. */
  readonly name: string;
  readonly section: (typeof SECTIONS)[number];
  /** `switch` takes no value on the command line: --name and --no-name. */
  readonly type: 'switch' | 'value' | 'list';
  /** The word for its value in --help. */
  readonly value: string;
  /** As one would type them; they go through the same reader as what users type. A list has any number, others one. */
  readonly fallback: readonly string[];
  /** What an empty fallback means, for --help and the README. */
  readonly emptyMeans?: string;
  readonly help: string;
  /** Whether an empty value means something. */
  readonly mayBeEmpty: boolean;
  /** One text, or for a list any number. Throws NotAllowed. */
  readonly read: (texts: readonly string[]) => T;
}

interface Text {
  readonly name: string;
  readonly section: (typeof SECTIONS)[number];
  readonly fallback: string | readonly string[];
  readonly emptyMeans?: string;
  readonly help: string;
}

function flag<T>(text: Text, rest: Pick<Flag<T>, 'type' | 'value' | 'read'>): Flag<T> {
  const { fallback } = text;
  const texts = typeof fallback === 'string' ? [fallback] : fallback;
  return { ...text, ...rest, fallback: texts, mayBeEmpty: false };
}

export function value<T>(word: string, read: (text: string) => T, text: Text): Flag<T> {
  return flag(text, { type: 'value', value: word, read: ([first = '']) => read(first) });
}

/** For a value that may be left empty, which then means undefined, as it does by default where `fallback` is empty. */
export function optional<T>(
  word: string,
  read: (text: string) => T,
  text: Text,
): Flag<T | undefined> {
  const orNone = (given: string): T | undefined => (given === '' ? undefined : read(given));
  return { ...value(word, orNone, text), mayBeEmpty: true };
}

export function list<T>(word: string, read: (text: string) => T, text: Text): Flag<readonly T[]> {
  return flag(text, { type: 'list', value: word, read: (texts) => texts.map((one) => read(one)) });
}

/** For a switch that turns off what the configuration has as on. */
export function off(text: Text): Flag<boolean> {
  return flag(text, { type: 'switch', value: '', read: ([first = '']) => !boolean(first) });
}

export function on(text: Text): Flag<boolean> {
  return flag(text, { type: 'switch', value: '', read: ([first = '']) => boolean(first) });
}
