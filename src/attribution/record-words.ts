// Attribution: what a record's words say, where that takes more than one of them.
import {
  EXIT_SHIFT,
  FLAG_GROUP_DEAD,
  FLAG_HAS_GROUP,
  FLAG_RECORD,
  WORD_EXIT_SYSTEM,
  WORD_EXIT_USER,
  WORD_HEAD,
  WORD_TIME_HIGH,
  WORD_TIME_LOW,
} from '../collector/record.ts';
import type { Sink } from './sink.ts';

/** ns. Above 2^53 ns (104 days of uptime) the last bits go. */
export function timeOf(words: Uint32Array, at: number): number {
  return words[at + WORD_TIME_HIGH]! * 2 ** 32 + words[at + WORD_TIME_LOW]!;
}

/** Whether the exit record says that this was the last task of its process; undefined when it does not tell. */
export function isLast(flags: number): boolean | undefined {
  const tells = FLAG_RECORD | FLAG_HAS_GROUP;
  return (flags & tells) === tells ? (flags & FLAG_GROUP_DEAD) !== 0 : undefined;
}

/** The CPU time in an exit record, to the pair of its task. */
export function tellCpu(sink: Sink, pair: number, words: Uint32Array, at: number): void {
  const scale = 2 ** ((words[at + WORD_HEAD]! >>> (8 + EXIT_SHIFT)) & 0x1f);
  const user = words[at + WORD_EXIT_USER]! * scale;
  const system = words[at + WORD_EXIT_SYSTEM]! * scale;
  if (user + system > 0) sink.cpu(pair, user, system);
}
