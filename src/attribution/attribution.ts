// Stage: attribution. Records in, in queue order; each event with its pair (comm, uid) out, to the sink. Main thread
// only, and no object per record. The rules are the contract's "Who is counted".
import {
  COMM,
  COREDUMP,
  EXEC,
  EXIT,
  FLAG_NAMED,
  FORK,
  LOST,
  UID,
  WORD_COMM,
  WORD_HEAD,
  WORD_OTHER_PID,
  WORD_OTHER_TGID,
  WORD_PID,
  WORD_REAL_ID,
  WORD_STATUS,
  WORD_TGID,
} from '../collector/record.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import { NOBODY, Processes, TO_ASK } from './processes.ts';
import type { Procfs } from './procfs.ts';
import type { Sink } from './sink.ts';

/** Every kernel thread is its child (kernel/kthread.c), and named by its maker after the fork. */
const KTHREADD = 2;
/** Unnamed kernel threads to look at again after a drain: far above what a host makes at once. */
const UNNAMED_LIMIT = 1024;
const CORE_BIT = 0x80;

/** Flags of a process, beside TO_ASK. */
const COREDUMPED = 1;
const CORE_WRITTEN = 2;

export class Attribution {
  readonly #sink: Sink;
  readonly #procfs: Procfs;
  readonly #processes: Processes;
  #unnamed: number[] = [];

  /** `limit`: processes at most, what the kernel allows. */
  constructor(o: { sink: Sink; procfs: Procfs; limit: number }) {
    this.#sink = o.sink;
    this.#procfs = o.procfs;
    this.#processes = new Processes(o);
  }

  /** Alive now, as tracked. */
  get processes(): number {
    return this.#processes.table.size;
  }

  get tasks(): number {
    return this.#processes.tasks;
  }

  consume(words: Uint32Array, at: number): void {
    const head = words[at + WORD_HEAD]!;
    const pid = words[at + WORD_PID]!;
    const tgid = words[at + WORD_TGID]!;
    switch (head & 0xff) {
      case FORK: {
        const parentPid = words[at + WORD_OTHER_PID]!;
        const parentTgid = words[at + WORD_OTHER_TGID]!;
        if (pid === tgid) this.#fork(tgid, parentPid, parentTgid);
        else this.#sink.thread(this.#pair(this.#processes.bornThread(pid, tgid)));
        return;
      }
      case EXEC:
        if (((head >>> 8) & FLAG_NAMED) === 0) this.#exec(tgid, NOBODY, 0);
        else this.#exec(tgid, words, at + WORD_COMM);
        return;
      case UID:
        this.#changeUid(pid, tgid, words[at + WORD_REAL_ID]!);
        return;
      case COMM:
        this.#changeComm(pid, tgid, words, at + WORD_COMM);
        return;
      case COREDUMP:
        this.#coredump(tgid);
        return;
      case EXIT:
        this.#exit(pid, tgid, words[at + WORD_STATUS]! & 0xffff);
        return;
      case LOST:
        this.#processes.lost();
        return;
      default:
    }
  }

  /** After a drain: looks for the names of new kernel threads, until their maker has named them. */
  drained(): void {
    if (this.#unnamed.length === 0) return;
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    const { table } = this.#processes;
    for (const tgid of unnamed) {
      const index = table.find(tgid);
      if (index < 0 || table.comm[index * 4] !== UNKNOWN_WORD) continue;
      const comm = this.#procfs.readComm(tgid);
      if (comm === undefined) continue;
      if (isSameComm(comm, this.#procfs.readComm(KTHREADD))) this.#unnamed.push(tgid);
      else table.setComm(index, comm, 0);
    }
  }

  /**
   * Takes in what lives already, so that its series are there before its first event. Events are consumed meanwhile;
   * `catchUp` resolves when all events from before its call are. Rejects with an ExporterError when procfs cannot be read.
   */
  async seed(catchUp: () => Promise<unknown>): Promise<void> {
    await this.#processes.seed(catchUp, (index) => this.#pair(index));
  }

  #fork(tgid: number, parentPid: number, parentTgid: number): void {
    const processes = this.#processes;
    const { table, threads } = processes;
    const parent = processes.resolve(parentTgid);
    this.#sink.fork(this.#pair(parent));

    const thread =
      parentPid === parentTgid
        ? undefined
        : threads.find(parentPid, parentTgid, () => processes.identity(parent));
    const index = processes.born(tgid);
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
      if (this.#unnamed.length < UNNAMED_LIMIT) this.#unnamed.push(tgid);
    } else if (table.uid[index] === UNKNOWN_UID || table.comm[index * 4] === UNKNOWN_WORD) {
      table.flags[index] = TO_ASK;
    }
  }

  #exec(tgid: number, words: Uint32Array, at: number): void {
    const index = this.#processes.resolve(tgid);
    if (index < 0) {
      this.#sink.exec(this.#sink.pair(words, at, UNKNOWN_UID));
      return;
    }
    this.#processes.table.setComm(index, words, at);
    this.#sink.exec(this.#pair(index));
    this.#processes.executed(tgid, index);
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

  #coredump(tgid: number): void {
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
  }

  #exit(tid: number, tgid: number, status: number): void {
    const processes = this.#processes;
    const { flags } = processes.table;
    const index = processes.table.find(tgid);
    const lives = processes.died(tid, tgid, index);
    if (index < 0) {
      this.#exitOfStranger(tid, tgid, status);
      return;
    }
    const coredumped = (flags[index]! & (COREDUMPED | CORE_WRITTEN)) === COREDUMPED;
    if ((status & CORE_BIT) !== 0 && coredumped) {
      flags[index]! |= CORE_WRITTEN;
      this.#sink.coreWritten(this.#pair(processes.resolve(tgid)));
    }
    if (lives) {
      this.#sink.threadExit();
      return;
    }
    this.#sink.exit(this.#pair(processes.resolve(tgid)), status & ~CORE_BIT);
    processes.remove(tgid, index);
  }

  /** A process that was never seen: while it is a zombie /proc still tells who it was. */
  #exitOfStranger(tid: number, tgid: number, status: number): void {
    const read = tid === tgid ? this.#procfs.readStatus(tgid) : undefined;
    if (tid !== tgid || (read !== undefined && read.threads > 1)) {
      this.#sink.threadExit();
      return;
    }
    const pair = this.#sink.pair(read?.comm ?? NOBODY, 0, read?.uid ?? UNKNOWN_UID);
    this.#sink.exit(pair, status & ~CORE_BIT);
  }

  #pair(index: number): number {
    if (index < 0) return this.#sink.pair(NOBODY, 0, UNKNOWN_UID);
    const { table } = this.#processes;
    let pair = table.pair[index]!;
    if (pair < 0) {
      pair = this.#sink.pair(table.comm, index * 4, table.uid[index]!);
      table.pair[index] = pair;
    }
    return pair;
  }
}

function isSameComm(a: Uint32Array, b: Uint32Array | undefined): boolean {
  return b !== undefined && a.every((word, i) => word === b[i]);
}
