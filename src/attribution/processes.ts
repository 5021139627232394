// Attribution: who lives, and who they are. Scans and single looks at /proc, and what events say, in; comm, uid and task
// counts by index out. Main thread only.
import { ExporterError } from '../errors.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from './identity.ts';
import { ProcessTable } from './process-table.ts';
import type { ProcessStatus, Procfs } from './procfs.ts';
import { ScanWindow } from './scan-window.ts';
import { DifferingThreads, type Identity } from './threads.ts';

/** The scan yields to events and scrapes after this long. */
const SCAN_SLICE_MS = 5;

/** Comm or uid is unknown, and /proc has not been asked yet. */
export const TO_ASK = 4;

export const NOBODY = new Uint32Array(4).fill(UNKNOWN_WORD);

export class Processes {
  readonly table: ProcessTable;
  readonly threads: DifferingThreads;
  /** Live tasks of all processes. */
  tasks = 0;
  readonly #procfs: Procfs;
  /** Losses so far. What was learnt before the last one is unverified. */
  #epoch = 0;
  #window: ScanWindow | undefined;

  /** `limit`: processes at most, what the kernel allows. */
  constructor(o: { procfs: Procfs; limit: number }) {
    this.table = new ProcessTable(o.limit);
    this.threads = new DifferingThreads(o.procfs);
    this.#procfs = o.procfs;
  }

  /** The index of a process whose comm and uid may be relied on; -1 when nothing is known of it. */
  resolve(tgid: number): number {
    const table = this.table;
    const index = table.find(tgid);
    if (index < 0) return this.#meet(tgid);
    const current = table.epoch[index] === this.#epoch;
    if (!current || (table.flags[index]! & TO_ASK) !== 0) this.#ask(index, current);
    return index;
  }

  /** A process is born. Returns its index, with all columns set but comm and uid; -1 when the table is full. */
  born(tgid: number): number {
    const { table } = this;
    const tasks = this.#window?.born(tgid, tgid) ?? 1;
    let index = table.find(tgid);
    if (index >= 0) {
      // Thought alive, so its end was missed.
      this.threads.dropAll(tgid);
    } else {
      index = table.insert(tgid);
      if (index < 0) return -1;
      table.tasks[index] = 0;
    }
    this.#setTasks(index, tasks);
    table.flags[index] = 0;
    table.epoch[index] = this.#epoch;
    return index;
  }

  /** A thread is born. Returns the index of its process, or -1. */
  bornThread(tid: number, tgid: number): number {
    const known = this.table.find(tgid) >= 0;
    const index = this.resolve(tgid);
    const tasks = this.#window?.born(tid, tgid);
    this.threads.created(tid, tgid);
    // A process that was read from /proc just now has this thread among its tasks already.
    if (index >= 0) this.#setTasks(index, tasks ?? this.table.tasks[index]! + (known ? 1 : 0));
    return index;
  }

  /** A process has executed a program: whoever did it is now the leader and alone. The others' EXITs came before. */
  executed(tgid: number, index: number): void {
    this.#window?.forget(tgid);
    this.#setTasks(index, 1);
    this.threads.dropAll(tgid);
  }

  /** A task has ended. Returns whether others of its process live; the caller removes a process that is left with none. */
  died(tid: number, tgid: number, index: number): boolean {
    const left = this.#window?.died(tid, tgid) ?? (index < 0 ? 0 : this.table.tasks[index]! - 1);
    if (index < 0) return false;
    this.#setTasks(index, Math.max(left, 0));
    if (left > 0) this.threads.drop(tid, tgid);
    return left > 0;
  }

  remove(tgid: number, index: number): void {
    this.threads.dropAll(tgid);
    this.table.remove(index);
  }

  /** An event is missing: nothing that was learnt before is verified any more. */
  lost(): void {
    this.#epoch++;
    this.threads.forget();
  }

  identity(index: number): Identity {
    if (index < 0) return { comm: NOBODY, uid: UNKNOWN_UID };
    const { comm, uid } = this.table;
    return { comm: comm.slice(index * 4, index * 4 + 4), uid: uid[index]! };
  }

  setIdentity(index: number, { comm, uid }: Identity): void {
    this.table.setComm(index, comm, 0);
    this.table.setUid(index, uid);
  }

  /**
   * Takes in what lives already, and calls `each` with it. Events are consumed meanwhile; `catchUp` resolves when all
   * events from before its call are. Rejects with an ExporterError when procfs cannot be read.
   */
  async seed(catchUp: () => Promise<unknown>, each: (index: number) => void): Promise<void> {
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
      if (this.table.find(tgid) >= 0) continue;
      const status = this.#procfs.readStatus(tgid);
      if (status === undefined) continue;
      const tasks = window.add(tgid, this.#procfs.listTasks(tgid, status));
      const index = tasks > 0 ? this.#insert(tgid, status, tasks) : -1;
      if (index >= 0) each(index);
    }
    await catchUp();
    this.#window = undefined;
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
    const { table } = this;
    const status = this.#procfs.readStatus(table.tgid[index]!);
    if (status !== undefined) {
      this.setIdentity(index, status);
    } else if (!keep) {
      this.setIdentity(index, this.identity(-1));
    }
    table.epoch[index] = this.#epoch;
    table.flags[index]! &= ~TO_ASK;
  }

  #insert(tgid: number, status: ProcessStatus, tasks: number): number {
    const { table } = this;
    const index = table.insert(tgid);
    if (index < 0) return -1;
    this.setIdentity(index, status);
    table.flags[index] = 0;
    table.epoch[index] = this.#epoch;
    table.tasks[index] = 0;
    this.#setTasks(index, tasks);
    if (tasks > 1) this.threads.meet(tgid);
    return index;
  }

  #setTasks(index: number, tasks: number): void {
    this.tasks += tasks - this.table.tasks[index]!;
    this.table.tasks[index] = tasks;
  }
}
