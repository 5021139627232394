// Attribution: who lives, and who they are. Scans and single looks at /proc, and what events say, in; comm, uid and task
// counts by index out. Main thread only.
import { ExporterError } from '../errors.ts';
import { UNKNOWN_UID } from './identity.ts';
import { NOBODY } from './pending-execs.ts';
import { ProcessTable } from './process-table.ts';
import type { ProcessStatus, Procfs } from './procfs.ts';
import { ScanWindow } from './scan-window.ts';
import { DifferingThreads, type Identity } from './threads.ts';

/** A scan yields to events and scrapes after this long. */
const SLICE_MS = 3;
/** How many entries between two looks at the clock, where one takes well below a microsecond. */
const ENTRIES_A_LOOK = 1024;

/** Flags of a process. Comm or uid is unknown, and /proc has not been asked yet. */
export const TO_ASK = 4;
/** Unverified, and no longer in /proc: how many of its EXITs are still to come nobody knows. */
const GONE = 8;
/** It has, or once had, more than one task. */
const THREADED = 16;

/** ns. Where an exec ends other threads, each sends its EXIT after it has let the exec go on: microseconds, if it runs. */
const LATE_EXIT = 5e9;

export class Processes {
  readonly table: ProcessTable;
  readonly threads: DifferingThreads;
  /** Live tasks of all processes. */
  tasks = 0;
  readonly #procfs: Procfs;
  /** Losses so far. What was learnt before the last one is unverified. */
  #epoch = 0;
  /** Open while /proc and events are held against each other: during a scan, and from a loss to the scan after it. */
  #window: ScanWindow | undefined;
  #scans = 0;
  /** EXITs that execs have still to come, by tgid: at most one a live process. */
  readonly #late = new Map<number, { left: number; readonly until: number }>();

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
  born(tgid: number, parent: number, time: number): number {
    const { table } = this;
    const tasks = this.#window?.born(tgid, tgid) ?? 1;
    let index = table.find(tgid);
    if (index >= 0) {
      // Thought alive, so it has ended unseen.
      this.#forgetThreads(tgid, index);
    } else {
      index = table.insert(tgid);
      if (index < 0) return -1;
      table.tasks[index] = 0;
    }
    table.flags[index] = 0;
    this.#setTasks(index, tasks);
    table.epoch[index] = this.#epoch;
    table.born[index] = time;
    table.parent[index] = parent;
    table.scan[index] = this.#scans;
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

  /**
   * A process has executed a program: whoever did it is now the leader and alone. EXITs of the others may still come
   * (de_thread waits for release_task, and they are sent after it), never with the leader's tid: that has been swapped.
   */
  executed(tgid: number, index: number, time: number): void {
    const others = this.table.tasks[index]! - 1;
    if (others > 0) this.#late.set(tgid, { left: others, until: time + LATE_EXIT });
    this.#window?.forget(tgid);
    this.#setTasks(index, 1);
    if ((this.table.flags[index]! & THREADED) !== 0) this.threads.dropAll(tgid);
  }

  /**
   * A task has ended. Returns whether others of its process live; the caller removes a process that is left with none.
   * `last`: what the exit record says of that, if it says anything.
   */
  died(tid: number, tgid: number, index: number, time: number, last: boolean | undefined): boolean {
    if (index < 0) {
      this.#window?.died(tid, tgid);
      return false;
    }
    const { table } = this;
    if (tid !== tgid && this.#late.size > 0 && this.#isLate(tgid, time)) return true;
    if (table.epoch[index] !== this.#epoch) this.resolve(tgid);
    const left = this.#window?.died(tid, tgid) ?? table.tasks[index]! - 1;
    const gone = (table.flags[index]! & GONE) !== 0;
    const lives = gone ? !(last ?? tid === tgid) : left > 0;
    this.#setTasks(index, lives ? Math.max(left, 1) : 0);
    if (lives) this.threads.drop(tid, tgid);
    return lives;
  }

  #isLate(tgid: number, time: number): boolean {
    const late = this.#late.get(tgid);
    if (late === undefined) return false;
    late.left--;
    if (late.left === 0 || time > late.until) this.#late.delete(tgid);
    return time <= late.until;
  }

  /** What a leader's exit record says of its process: the last word. */
  learn(index: number, words: Uint32Array, at: number, uid: number): void {
    const { table } = this;
    table.epoch[index] = this.#epoch;
    table.flags[index]! &= ~TO_ASK;
    if (table.uid[index] !== uid) table.setUid(index, uid);
    for (let i = 0; i < 4; i++) {
      if (table.comm[index * 4 + i] !== words[at + i]) table.setComm(index, words, at);
    }
  }

  remove(tgid: number, index: number): void {
    this.#forgetThreads(tgid, index);
    this.table.remove(index);
  }

  /** An event is missing: nothing that was learnt before is verified any more. */
  lost(): void {
    this.#epoch++;
    this.threads.forget();
    this.#window ??= new ScanWindow();
    this.#window.missed();
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

  /** Whether nothing was missed since its comm and uid were learnt. */
  isVerified(index: number): boolean {
    return this.table.epoch[index] === this.#epoch;
  }

  /** Losses so far. */
  get losses(): number {
    return this.#epoch;
  }

  /**
   * Holds the table against /proc: takes in what lives, verifies what is known, counts tasks anew, and lets go what is no
   * longer there. Events are consumed meanwhile. Rejects with an ExporterError when procfs cannot be read.
   *
   * `catchUp` resolves when all events from before its call are consumed. `rest` gives the turn to others between slices.
   * `each` is called with what lives, `gone` with what is let go, which has no index any more.
   */
  async scan(o: {
    readonly catchUp: () => Promise<unknown>;
    readonly rest: () => Promise<unknown>;
    readonly each: (index: number) => void;
    readonly gone: (tgid: number) => void;
  }): Promise<void> {
    const { table } = this;
    const epoch = this.#epoch;
    const scan = ++this.#scans;
    const { failures } = this.#procfs;
    const window = (this.#window ??= new ScanWindow());
    const tgids = this.#procfs.listProcesses();
    let sliceEnd = performance.now() + SLICE_MS;
    const breathe = async (): Promise<void> => {
      if (performance.now() < sliceEnd) return;
      await o.rest();
      sliceEnd = performance.now() + SLICE_MS;
    };
    for (const tgid of tgids) {
      await breathe();
      const index = this.#look(tgid, window);
      if (index < 0) continue;
      table.scan[index] = scan;
      o.each(index);
    }
    await o.catchUp();
    if (this.#procfs.failures !== failures) {
      throw new ExporterError('PROCEVENTS_PROCFS', 'procfs could not be read in whole', {
        remedy: 'Raise the limit on open files of this service (LimitNOFILE).',
      });
    }
    for (let index = 0; index < table.end; index++) {
      if (index % ENTRIES_A_LOOK === 0) await breathe();
      if (table.scan[index]! >= scan || !table.isUsed(index)) continue;
      const tgid = table.tgid[index]!;
      this.#setTasks(index, 0);
      this.remove(tgid, index);
      o.gone(tgid);
    }
    // After a loss in between, the next scan closes it.
    if (this.#epoch !== epoch) return;
    this.#window = undefined;
    this.threads.verified();
  }

  /** One process of a scan. Returns its index, or -1 when it is no longer alive. */
  #look(tgid: number, window: ScanWindow): number {
    const { table } = this;
    const status = this.#procfs.readStatus(tgid);
    if (status === undefined) return -1;
    const tasks = window.add(tgid, this.#procfs.listTasks(tgid, status));
    if (tasks === 0) return -1;
    const index = table.find(tgid);
    if (index < 0) return this.#insert(tgid, status, tasks);
    if (table.epoch[index] !== this.#epoch || (table.flags[index]! & TO_ASK) !== 0) {
      if (table.epoch[index] !== this.#epoch) this.#doubtLife(index);
      this.#setStatus(index, status);
      table.epoch[index] = this.#epoch;
      table.flags[index]! &= ~TO_ASK;
      if (tasks > 1) this.threads.meet(tgid);
    }
    this.#setTasks(index, tasks);
    return index;
  }

  /** After a loss this may be another life of the pid: when it was born, and whether it crashed, is not known of it. */
  #doubtLife(index: number): void {
    this.table.born[index] = 0;
    this.table.flags[index]! &= THREADED;
  }

  /** How many tasks an unverified process has, by /proc: all of a zombie's EXITs are on their way. */
  #countTasks(index: number, status: ProcessStatus): void {
    const tgid = this.table.tgid[index]!;
    const tids = this.#procfs.listTasks(tgid, status);
    this.#window?.forget(tgid);
    if (tids.length === 0) this.table.flags[index]! |= GONE;
    else this.#setTasks(index, Math.max(1, this.#window?.add(tgid, tids) ?? tids.length));
    if (tids.length > 1) this.threads.meet(tgid);
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
    const tgid = table.tgid[index]!;
    const status = this.#procfs.readStatus(tgid);
    if (!keep) this.#doubtLife(index);
    if (status !== undefined) {
      this.#setStatus(index, status);
      if (!keep) this.#countTasks(index, status);
    } else if (!keep) {
      this.setIdentity(index, this.identity(-1));
      table.flags[index]! |= GONE;
    }
    table.epoch[index] = this.#epoch;
    table.flags[index]! &= ~TO_ASK;
  }

  #insert(tgid: number, status: ProcessStatus, tasks: number): number {
    const { table } = this;
    const index = table.insert(tgid);
    if (index < 0) return -1;
    this.#setStatus(index, status);
    table.flags[index] = 0;
    table.epoch[index] = this.#epoch;
    table.born[index] = 0;
    table.scan[index] = this.#scans;
    table.tasks[index] = 0;
    this.#setTasks(index, tasks);
    if (tasks > 1) this.threads.meet(tgid);
    return index;
  }

  #setStatus(index: number, status: ProcessStatus): void {
    this.setIdentity(index, status);
    this.table.parent[index] = status.parent;
  }

  /** Most processes never have a second thread, and need not be looked up. */
  #forgetThreads(tgid: number, index: number): void {
    if ((this.table.flags[index]! & THREADED) === 0) return;
    this.#late.delete(tgid);
    this.threads.dropAll(tgid);
  }

  #setTasks(index: number, tasks: number): void {
    if (tasks > 1) this.table.flags[index]! |= THREADED;
    this.tasks += tasks - this.table.tasks[index]!;
    this.table.tasks[index] = tasks;
  }
}
