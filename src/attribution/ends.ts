// Attribution: how processes end. COREDUMP and EXIT records in; exits, crashes, cores and CPU time by pair to the sink.
import {
  FLAG_RECORD,
  WORD_COMM,
  WORD_EXIT_UID,
  WORD_HEAD,
  WORD_STATUS,
} from '../collector/record.ts';
import type { Crashes } from './crashes.ts';
import { UNKNOWN_UID } from './identity.ts';
import { pairAt } from './pair-at.ts';
import { NOBODY, type PendingExecs } from './pending-execs.ts';
import type { Processes } from './processes.ts';
import type { Procfs } from './procfs.ts';
import { isLast, tellCpu, timeOf } from './record-words.ts';
import type { Observer, Sink } from './sink.ts';

const CORE_BIT = 0x80;

/** Flags of a process, beside those of processes.ts. */
const COREDUMPED = 1;
const CORE_WRITTEN = 2;

export class Ends {
  readonly #sink: Sink;
  readonly #observer: Observer;
  readonly #procfs: Procfs;
  readonly #processes: Processes;
  readonly #pending: PendingExecs;
  readonly #crashes: Crashes;
  readonly #seen: { exits: number; recorded: number };

  constructor(o: {
    readonly sink: Sink;
    readonly observer: Observer;
    readonly procfs: Procfs;
    readonly processes: Processes;
    readonly pending: PendingExecs;
    readonly crashes: Crashes;
    readonly seen: { exits: number; recorded: number };
  }) {
    this.#sink = o.sink;
    this.#observer = o.observer;
    this.#procfs = o.procfs;
    this.#processes = o.processes;
    this.#pending = o.pending;
    this.#crashes = o.crashes;
    this.#seen = o.seen;
  }

  coredump(tgid: number, time: number): void {
    const index = this.#processes.resolve(tgid);
    if (index >= 0) {
      const { flags } = this.#processes.table;
      if ((flags[index]! & COREDUMPED) !== 0) {
        this.#sink.duplicateCoredump();
        return;
      }
      flags[index]! |= COREDUMPED;
    }
    this.#sink.coredump(this.#pair(index));
    this.#observer.dumping(time);
    this.#crashes.begin(tgid, index);
  }

  exit(tid: number, tgid: number, words: Uint32Array, at: number): void {
    const processes = this.#processes;
    const { flags, born } = processes.table;
    const status = words[at + WORD_STATUS]! & 0xffff;
    const time = timeOf(words, at);
    const told = words[at + WORD_HEAD]! >>> 8;
    const recorded = (told & FLAG_RECORD) !== 0;
    this.#seen.exits++;
    if (recorded) this.#seen.recorded++;
    const index = processes.table.find(tgid);
    const lives = processes.died(tid, tgid, index, time, isLast(told));
    this.#crashes.taskEnded(tgid, status);
    if (index < 0) {
      this.#exitOfStranger(tid, tgid, words, at);
      return;
    }
    if (recorded && tid === tgid) {
      this.#pending.endAs(tgid, words, at + WORD_COMM, (status & 0x7f) !== 0);
      processes.learn(index, words, at + WORD_COMM, words[at + WORD_EXIT_UID]!);
    }
    if (recorded) tellCpu(this.#sink, this.#pair(processes.resolve(tgid)), words, at);
    const coredumped = (flags[index]! & (COREDUMPED | CORE_WRITTEN)) === COREDUMPED;
    if ((status & CORE_BIT) !== 0 && coredumped) {
      flags[index]! |= CORE_WRITTEN;
      this.#sink.coreWritten(this.#pair(processes.resolve(tgid)));
    }
    if (lives) {
      this.#sink.threadExit();
      return;
    }
    this.#pending.end(tgid);
    this.#sink.exit(this.#pair(processes.resolve(tgid)), status & ~CORE_BIT);
    if (born[index]! > 0) this.#sink.lived(Math.max(0, time - born[index]!) / 1e9);
    const { comm, uid } = processes.table;
    this.#crashes.ended(tgid, comm, index * 4, uid[index]!);
    processes.remove(tgid, index);
  }

  /** A process that was never seen: its leader's exit record tells who it was, or /proc while it is a zombie. */
  #exitOfStranger(tid: number, tgid: number, words: Uint32Array, at: number): void {
    const flags = words[at + WORD_HEAD]! >>> 8;
    const status = words[at + WORD_STATUS]! & 0xffff & ~CORE_BIT;
    const recorded = (flags & FLAG_RECORD) !== 0;
    const leads = tid === tgid;
    const read = leads && !recorded ? this.#procfs.readStatus(tgid) : undefined;
    const told = recorded && leads;
    const comm = told ? words : (read?.comm ?? NOBODY);
    const commAt = told ? at + WORD_COMM : 0;
    const uid = told ? words[at + WORD_EXIT_UID]! : (read?.uid ?? UNKNOWN_UID);
    const pair = this.#sink.pair(comm, commAt, uid);
    if (recorded) tellCpu(this.#sink, pair, words, at);
    const ended = isLast(flags) ?? (leads && (read === undefined || read.threads <= 1));
    if (ended) {
      this.#sink.exit(pair, status);
      this.#crashes.ended(tgid, comm, commAt, uid);
    } else {
      this.#sink.threadExit();
    }
  }

  #pair(index: number): number {
    return pairAt(this.#sink, this.#processes.table, index);
  }
}
