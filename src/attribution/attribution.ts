// Stage: attribution. Records in, in queue order; each event with its pair (comm, uid) out, to the sink. Main thread
// only, and no object per record. The rules are the contract's "Who is counted".
import { ExporterError } from '../errors.ts';
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
import { ProcessTable } from './process-table.ts';
import type { ProcessStatus, Procfs } from './procfs.ts';
import { ScanWindow } from './scan-window.ts';
import type { Sink } from './sink.ts';
import { DifferingThreads, type Identity } from './threads.ts';

/** Every kernel thread is its child (kernel/kthread.c), and named by its maker after the fork. */
const KTHREADD = 2;
/** Unnamed kernel threads to look at again after a drain: far above what a host makes at once. */
const UNNAMED_LIMIT = 1024;
/** The scan yields to events and scrapes after this long. */
const SCAN_SLICE_MS = 5;
const CORE_BIT = 0x80;

const COREDUMPED = 1;
const CORE_WRITTEN = 2;
/** Comm or uid is unknown, and /proc has not been asked yet. */
const TO_ASK = 4;

const NOBODY = new Uint32Array(4).fill(UNKNOWN_WORD);

export class Attribution {
  readonly #sink: Sink;
  readonly #procfs: Procfs;
  readonly #table: ProcessTable;
  readonly #threads: DifferingThreads;
  #tasks = 0;
  /** Losses so far. What was learnt before the last one is unverified. */
  #epoch = 0;
  #window: ScanWindow | undefined;
  #unnamed: number[] = [];

  /** `limit`: processes at most, what the kernel allows. */
  constructor(o: { sink: Sink; procfs: Procfs; limit: number }) {
    this.#sink = o.sink;
    this.#procfs = o.procfs;
    this.#table = new ProcessTable(o.limit);
    this.#threads = new DifferingThreads(o.procfs);
  }

  /** Alive now, as tracked. */
  get processes(): number {
    return this.#table.size;
  }

  get tasks(): number {
    return this.#tasks;
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
        else this.#createThread(pid, tgid);
        return;
      }
      case EXEC:
        this.#exec(tgid, ((head >>> 8) & FLAG_NAMED) === 0 ? NOBODY : words, at + WORD_COMM);
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
        this.#epoch++;
        this.#threads.forget();
        return;
      default:
    }
  }

  /** After a drain: looks for the names of new kernel threads, until their maker has named them. */
  drained(): void {
    if (this.#unnamed.length === 0) return;
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    for (const tgid of unnamed) {
      const index = this.#table.find(tgid);
      if (index < 0 || this.#table.comm[index * 4] !== UNKNOWN_WORD) continue;
      const comm = this.#procfs.readComm(tgid);
      if (comm === undefined) continue;
      if (isSameComm(comm, this.#procfs.readComm(KTHREADD))) this.#unnamed.push(tgid);
      else this.#table.setComm(index, comm, 0);
    }
  }

  /**
   * Takes in what lives already. Events are consumed meanwhile; `catchUp` resolves when all events from before its call
   * are. Rejects with an ExporterError when procfs cannot be read.
   */
  async seed(catchUp: () => Promise<unknown>): Promise<void> {
    const window = (this.#window = new ScanWindow());
    const tgids = this.#procfs.listProcesses();
    if (tgids === undefined || tgids.length === 0) {
      throw new ExporterError('PROCEVENTS_PROCFS', 'no process can be read from procfs');
    }
    let sliceEnd = performance.now() + SCAN_SLICE_MS;
    for (const tgid of tgids) {
      if (performance.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + SCAN_SLICE_MS;
      }
      if (this.#table.find(tgid) >= 0) continue;
      const status = this.#procfs.readStatus(tgid);
      if (status === undefined) continue;
      const tasks = window.add(tgid, this.#procfs.listTasks(tgid, status));
      const index = tasks > 0 ? this.#insert(tgid, status, tasks) : -1;
      // Its series are there before its first event.
      if (index >= 0) this.#pair(index);
    }
    await catchUp();
    this.#window = undefined;
  }

  #fork(tgid: number, parentPid: number, parentTgid: number): void {
    const table = this.#table;
    const parent = this.#resolve(parentTgid);
    this.#sink.fork(this.#pair(parent));

    const tasks = this.#window?.born(tgid, tgid) ?? 1;
    let index = table.find(tgid);
    if (index < 0) {
      index = table.insert(tgid);
      if (index < 0) return;
      table.tasks[index] = 0;
    } else {
      this.#threads.dropAll(tgid);
    }
    this.#setTasks(index, tasks);
    table.flags[index] = 0;
    table.epoch[index] = this.#epoch;
    const thread =
      parentPid === parentTgid
        ? undefined
        : this.#threads.find(parentPid, parentTgid, () => this.#identity(parent));
    if (thread !== undefined) {
      table.setComm(index, thread.comm, 0);
      table.setUid(index, thread.uid);
    } else if (parent < 0) {
      this.#setUnknown(index);
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

  #createThread(tid: number, tgid: number): void {
    const known = this.#table.find(tgid) >= 0;
    const index = this.#resolve(tgid);
    this.#sink.thread(this.#pair(index));
    const tasks = this.#window?.born(tid, tgid);
    this.#threads.created(tid, tgid);
    if (index < 0) return;
    // A process that was read from /proc just now has this thread among its tasks already.
    this.#setTasks(index, tasks ?? this.#table.tasks[index]! + (known ? 1 : 0));
  }

  #exec(tgid: number, comm: Uint32Array, at: number): void {
    const table = this.#table;
    const index = this.#resolve(tgid);
    if (index < 0) {
      this.#sink.exec(this.#sink.pair(comm, comm === NOBODY ? 0 : at, UNKNOWN_UID));
      return;
    }
    table.setComm(index, comm, comm === NOBODY ? 0 : at);
    this.#sink.exec(this.#pair(index));
    // Whoever executed it is now the leader and alone: the others' EXITs came before.
    this.#window?.forget(tgid);
    this.#setTasks(index, 1);
    this.#threads.dropAll(tgid);
  }

  #changeUid(tid: number, tgid: number, uid: number): void {
    const index = this.#resolve(tgid);
    if (index < 0) return;
    if (tid === tgid) {
      this.#leaveThreads(tgid, index, 'uid');
      this.#table.setUid(index, uid);
    } else {
      this.#threads.change(tid, tgid, 'uid', this.#identity(index)).uid = uid;
    }
  }

  #changeComm(tid: number, tgid: number, comm: Uint32Array, at: number): void {
    const index = this.#resolve(tgid);
    if (index < 0) return;
    if (tid === tgid) {
      this.#leaveThreads(tgid, index, 'comm');
      this.#table.setComm(index, comm, at);
    } else {
      const thread = this.#threads.change(tid, tgid, 'comm', this.#identity(index));
      thread.comm.set(comm.subarray(at, at + 4));
    }
  }

  /** The leader changes; its other threads stay what they are. */
  #leaveThreads(tgid: number, index: number, what: 'comm' | 'uid'): void {
    if (this.#table.tasks[index]! > 1) this.#threads.diverge(tgid, what, this.#identity(index));
  }

  #identity(index: number): Identity {
    if (index < 0) return { comm: NOBODY, uid: UNKNOWN_UID };
    const { comm, uid } = this.#table;
    return { comm: comm.slice(index * 4, index * 4 + 4), uid: uid[index]! };
  }

  #coredump(tgid: number): void {
    const index = this.#resolve(tgid);
    if (index >= 0) {
      const flags = this.#table.flags[index]!;
      if ((flags & COREDUMPED) !== 0) {
        this.#sink.duplicateCoredump();
        return;
      }
      this.#table.flags[index] = flags | COREDUMPED;
    }
    this.#sink.coredump(this.#pair(index));
  }

  #exit(tid: number, tgid: number, status: number): void {
    const table = this.#table;
    const left = this.#window?.died(tid, tgid);
    const index = table.find(tgid);
    if (index < 0) {
      this.#exitOfStranger(tid, tgid, status);
      return;
    }
    const flags = table.flags[index]!;
    if ((status & CORE_BIT) !== 0 && (flags & (COREDUMPED | CORE_WRITTEN)) === COREDUMPED) {
      table.flags[index] = flags | CORE_WRITTEN;
      this.#sink.coreWritten(this.#pair(this.#resolve(tgid)));
    }
    const tasks = left ?? table.tasks[index]! - 1;
    if (tasks > 0) {
      this.#setTasks(index, tasks);
      this.#threads.drop(tid, tgid);
      this.#sink.threadExit();
      return;
    }
    this.#sink.exit(this.#pair(this.#resolve(tgid)), status & ~CORE_BIT);
    this.#setTasks(index, 0);
    this.#threads.dropAll(tgid);
    table.remove(index);
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

  /** The index of a process whose comm and uid may be relied on; -1 when nothing is known of it. */
  #resolve(tgid: number): number {
    const table = this.#table;
    const index = table.find(tgid);
    if (index < 0) return this.#meet(tgid);
    const current = table.epoch[index] === this.#epoch;
    if (!current || (table.flags[index]! & TO_ASK) !== 0) this.#ask(index, current);
    return index;
  }

  /** A process that is new to us. */
  #meet(tgid: number): number {
    const status = this.#procfs.readStatus(tgid);
    if (status === undefined) return -1;
    // A zombie's EXIT is still on its way, else it would not be asked for.
    const listed = this.#procfs.listTasks(tgid, status);
    const tids = listed.length === 0 ? [tgid] : listed;
    return this.#insert(tgid, status, Math.max(1, this.#window?.add(tgid, tids) ?? tids.length));
  }

  /** What is unverified, or not known, /proc may tell. `keep`: what is known stays when it does not. */
  #ask(index: number, keep: boolean): void {
    const table = this.#table;
    const status = this.#procfs.readStatus(table.tgid[index]!);
    if (status !== undefined) {
      table.setComm(index, status.comm, 0);
      table.setUid(index, status.uid);
    } else if (!keep) {
      this.#setUnknown(index);
    }
    table.epoch[index] = this.#epoch;
    table.flags[index]! &= ~TO_ASK;
  }

  #insert(tgid: number, status: ProcessStatus, tasks: number): number {
    const table = this.#table;
    const index = table.insert(tgid);
    if (index < 0) return -1;
    table.setComm(index, status.comm, 0);
    table.setUid(index, status.uid);
    table.flags[index] = 0;
    table.epoch[index] = this.#epoch;
    table.tasks[index] = 0;
    this.#setTasks(index, tasks);
    if (tasks > 1) this.#threads.meet(tgid);
    return index;
  }

  #setUnknown(index: number): void {
    this.#table.setComm(index, NOBODY, 0);
    this.#table.setUid(index, UNKNOWN_UID);
  }

  #setTasks(index: number, tasks: number): void {
    this.#tasks += tasks - this.#table.tasks[index]!;
    this.#table.tasks[index] = tasks;
  }

  #pair(index: number): number {
    if (index < 0) return this.#sink.pair(NOBODY, 0, UNKNOWN_UID);
    const table = this.#table;
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
