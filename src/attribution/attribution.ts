// Stage: attribution. Records in, in queue order; each event with its pair (comm, uid) out, to the sink. Main thread
// only, and no object per record. The rules are the contract's "Who is counted".
import {
  COMM,
  COREDUMP,
  EXEC,
  EXIT,
  FLAG_NAMED,
  FLAG_READ,
  FORK,
  LOST,
  UID,
  WORD_COMM,
  WORD_HEAD,
  WORD_OTHER_PID,
  WORD_OTHER_TGID,
  WORD_PID,
  WORD_REAL_ID,
  WORD_TGID,
} from '../collector/record.ts';
import { Cgroups } from './cgroups.ts';
import { Crashes } from './crashes.ts';
import { Ends } from './ends.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import { KTHREADD, KernelThreads } from './kernel-threads.ts';
import { pairAt } from './pair-at.ts';
import { NOBODY, PendingExecs } from './pending-execs.ts';
import { Processes, TO_ASK } from './processes.ts';
import type { Procfs } from './procfs.ts';
import { timeOf } from './record-words.ts';
import type { Observer, Sink } from './sink.ts';

/** Between two slices of a scan that nobody waits for: it then takes a quarter of the event loop. */
const REST_MS = 10;

export class Attribution {
  readonly #sink: Sink;
  readonly #observer: Observer;
  readonly #processes: Processes;
  readonly #pending: PendingExecs;
  readonly #now: () => number;
  readonly #kernelThreads: KernelThreads;
  readonly #crashes: Crashes;
  readonly #ends: Ends;
  /** Events seen so far, for judging whether a witness is silent. */
  readonly seen = { execs: 0, named: 0, exits: 0, recorded: 0 };

  /** `limit`: processes at most, what the kernel allows. `now`: CLOCK_MONOTONIC, ns. */
  constructor(o: {
    sink: Sink;
    observer: Observer;
    procfs: Procfs;
    limit: number;
    now: () => number;
  }) {
    this.#sink = o.sink;
    this.#observer = o.observer;
    this.#now = o.now;
    this.#processes = new Processes(o);
    this.#kernelThreads = new KernelThreads(o.procfs, this.#processes.table);
    this.#crashes = new Crashes({
      processes: this.#processes,
      cgroups: new Cgroups(o),
      crashed: (crash) => this.#observer.crashed(crash),
    });
    this.#pending = new PendingExecs((tgid, comm, at, uid) => {
      this.#sink.exec(this.#sink.pair(comm, at, uid));
      const index = this.#processes.table.find(tgid);
      if (index >= 0) this.#processes.table.setComm(index, comm, at);
    });
    this.#ends = new Ends({
      ...o,
      processes: this.#processes,
      pending: this.#pending,
      crashes: this.#crashes,
      seen: this.seen,
    });
  }

  /** Alive now, as tracked. */
  get processes(): number {
    return this.#processes.table.size;
  }

  get tasks(): number {
    return this.#processes.tasks;
  }

  /** Execs whose name is not settled yet. */
  get pendingExecs(): number {
    return this.#pending.size;
  }

  /** Losses so far. After one the table is to be held against /proc: rescan(). */
  get losses(): number {
    return this.#processes.losses;
  }

  consume(words: Uint32Array, at: number): void {
    const head = words[at + WORD_HEAD]!;
    const pid = words[at + WORD_PID]!;
    const tgid = words[at + WORD_TGID]!;
    switch (head & 0xff) {
      case FORK: {
        const parentPid = words[at + WORD_OTHER_PID]!;
        const parentTgid = words[at + WORD_OTHER_TGID]!;
        if (pid === tgid) this.#fork(tgid, parentPid, parentTgid, timeOf(words, at));
        else this.#sink.thread(this.#pair(this.#processes.bornThread(pid, tgid)));
        return;
      }
      case EXEC:
        this.#exec(tgid, words, at);
        return;
      case UID:
        this.#changeUid(pid, tgid, words[at + WORD_REAL_ID]!);
        return;
      case COMM:
        this.#changeComm(pid, tgid, words, at + WORD_COMM);
        return;
      case COREDUMP:
        this.#ends.coredump(tgid, timeOf(words, at));
        return;
      case EXIT:
        this.#ends.exit(pid, tgid, words, at);
        return;
      case LOST:
        this.lost();
        return;
      default:
    }
  }

  /** Something was missed: nothing that was learnt before is verified any more. */
  lost(): void {
    this.#pending.endAll();
    this.#processes.lost();
  }

  /** Settles the execs that are in doubt no longer: `drained` is the time from before which all events are consumed. */
  settle(drained: number): void {
    this.#pending.expire(drained);
  }

  /** After a drain. */
  drained(): void {
    this.#kernelThreads.look();
  }

  /**
   * Takes in what lives already, so that its series are there before its first event. Events are consumed meanwhile;
   * `catchUp` resolves when all events from before its call are. Rejects with an ExporterError when procfs cannot be read.
   */
  async seed(catchUp: () => Promise<unknown>): Promise<void> {
    const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await this.#scan(catchUp, rest, (pair) => this.#sink.keep(pair));
  }

  /** After a loss: the same at leisure, and what has ended meanwhile goes. One at a time. */
  async rescan(catchUp: () => Promise<unknown>): Promise<void> {
    const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST_MS));
    await this.#scan(catchUp, rest, () => {});
  }

  /**
   * Who a process is, as of the last record: four words of comm from `at` on, and its uid, either of which may be unknown.
   * What is unverified is asked of /proc.
   */
  identify(tgid: number, tell: (comm: Uint32Array, at: number, uid: number) => void): void {
    const { table } = this.#processes;
    const index = this.#processes.resolve(tgid);
    if (index < 0) tell(NOBODY, 0, UNKNOWN_UID);
    else tell(table.comm, index * 4, table.uid[index]!);
  }

  /** Calls `mark` with the pair of every live process, as far as it has one. */
  living(mark: (pair: number) => void): void {
    const { table } = this.#processes;
    for (let index = 0; index < table.end; index++) {
      if (!table.isUsed(index)) continue;
      const pair = table.pair[index]!;
      mark(pair >= 0 ? pair : this.#sink.known(table.comm, index * 4, table.uid[index]!));
    }
  }

  async #scan(
    catchUp: () => Promise<unknown>,
    rest: () => Promise<unknown>,
    has: (pair: number) => void,
  ): Promise<void> {
    const each = (index: number): void => has(this.#pair(index));
    const gone = (tgid: number): void => this.#pending.end(tgid);
    await this.#processes.scan({ catchUp, rest, each, gone });
    this.#crashes.resynced();
  }

  #fork(tgid: number, parentPid: number, parentTgid: number, time: number): void {
    const processes = this.#processes;
    const { table, threads } = processes;
    const parent = processes.resolve(parentTgid);
    this.#sink.fork(this.#pair(parent));
    this.#observer.created(processes, parentTgid, parent, time);

    const thread =
      parentPid === parentTgid || parent < 0
        ? undefined
        : threads.find(parentPid, parentTgid, () => processes.identity(parent));
    // Of an earlier life, whose end was missed.
    this.#pending.end(tgid);
    this.#crashes.missed(tgid);
    const index = processes.born(tgid, parentTgid, time);
    if (index < 0) return;
    if (thread !== undefined || parent < 0) {
      processes.setIdentity(index, thread ?? processes.identity(parent));
    } else {
      table.setComm(index, table.comm, parent * 4);
      table.uid[index] = table.uid[parent]!;
      table.pair[index] = table.pair[parent]!;
    }
    if (parentTgid === KTHREADD) {
      table.setComm(index, NOBODY, 0);
      this.#kernelThreads.add(tgid);
    } else if (table.uid[index] === UNKNOWN_UID || table.comm[index * 4] === UNKNOWN_WORD) {
      table.flags[index]! |= TO_ASK;
    }
  }

  #exec(tgid: number, words: Uint32Array, at: number): void {
    const { table } = this.#processes;
    const flags = words[at + WORD_HEAD]! >>> 8;
    const comm = at + WORD_COMM;
    this.seen.execs++;
    this.#pending.end(tgid);
    const index = this.#processes.resolve(tgid);
    const uid = index < 0 ? UNKNOWN_UID : table.uid[index]!;
    if ((flags & FLAG_NAMED) !== 0) {
      this.seen.named++;
      if (index >= 0) table.setComm(index, words, comm);
      this.#sink.exec(index < 0 ? this.#sink.pair(words, comm, uid) : this.#pair(index));
    } else {
      // Until it is settled the process has no name.
      if (index >= 0) table.setComm(index, NOBODY, 0);
      const read = (flags & FLAG_READ) !== 0;
      this.#pending.add(tgid, read ? words : NOBODY, read ? comm : 0, uid, this.#now());
    }
    if (index >= 0) this.#processes.executed(tgid, index, timeOf(words, at));
  }

  #changeUid(tid: number, tgid: number, uid: number): void {
    const index = this.#processes.resolve(tgid);
    if (index < 0) return;
    if (tid === tgid) {
      this.#leaveThreads(tgid, index, 'uid');
      this.#processes.table.setUid(index, uid);
    } else {
      this.#processes.threads.change(tid, tgid, 'uid', this.#processes.identity(index)).uid = uid;
    }
  }

  #changeComm(tid: number, tgid: number, comm: Uint32Array, at: number): void {
    const index = this.#processes.resolve(tgid);
    if (index < 0) return;
    if (tid === tgid) {
      // What /proc will tell from now on is this name, and not the exec's.
      this.#pending.end(tgid);
      this.#leaveThreads(tgid, index, 'comm');
      this.#processes.table.setComm(index, comm, at);
    } else {
      const thread = this.#processes.threads.change(
        tid,
        tgid,
        'comm',
        this.#processes.identity(index),
      );
      thread.comm.set(comm.subarray(at, at + 4));
    }
  }

  /** The leader changes; its other threads stay what they are. */
  #leaveThreads(tgid: number, index: number, what: 'comm' | 'uid'): void {
    if (this.#processes.table.tasks[index]! > 1)
      this.#processes.threads.diverge(tgid, what, this.#processes.identity(index));
  }

  #pair(index: number): number {
    return pairAt(this.#sink, this.#processes.table, index);
  }
}
