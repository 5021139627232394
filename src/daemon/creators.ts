// Daemon: who creates the processes of a storm. Each creation in; when the collector has said which seconds were a storm's,
// its busiest creators out. Who they are is noted when it happens: at the storm's end they may be gone.
//
//   windows   seconds that are not closed yet, each with counters of its own
//   tail      closed, after the storm's last second so far: the storm's only if it goes on
//   storm     the storm's own
import { Cgroups, type Cgroup } from '../attribution/cgroups.ts';
import { LINEAGE_WORDS, writeLineage } from '../attribution/lineage.ts';
import type { Processes } from '../attribution/processes.ts';
import type { Procfs } from '../attribution/procfs.ts';
import { FIGURES } from '../collector/record.ts';
import { CreatorCounts } from './creator-counts.ts';

/** Two are open; the others are for a main thread that is late. Beyond, the oldest become one. */
const WINDOWS_MAX = 8;
/** The contract's. */
const SHOWN = 5;
/** A creator's cgroup is read once it has made this share of the threshold in a second: 40 of 2,000. */
const SHARE = 1 / 50;

interface Window {
  /** In seconds of kernel time; both belong to it. */
  from: number;
  to: number;
  readonly counts: CreatorCounts;
}

export interface Creator {
  readonly lineage: Uint32Array;
  readonly cgroup: Cgroup | undefined;
  /** Processes that it surely created: at most COUNTERS creators a second are told apart. */
  readonly created: number;
}

export class Creators {
  readonly #share: number;
  readonly #cgroups: Cgroups;
  /** Oldest first. */
  readonly #windows: Window[] = [];
  readonly #spare: CreatorCounts[] = [];
  readonly #storm = new CreatorCounts();
  readonly #tail = new CreatorCounts();
  #processes: Processes | undefined;
  /** The last creation's window and counter: a storm has few creators, and most creations end here. */
  #begin = 0;
  #end = 0;
  #counts = this.#storm;
  #tgid = -1;
  #born = 0;
  #slot = 0;

  /** `now`: CLOCK_MONOTONIC, ns */
  constructor(o: {
    readonly threshold: number;
    readonly procfs: Procfs;
    readonly now: () => number;
  }) {
    this.#share = Math.max(1, Math.ceil(o.threshold * SHARE));
    this.#cgroups = new Cgroups(o);
  }

  /** A process was created by `tgid`, which is at `index` of the table, or -1. `time`: CLOCK_MONOTONIC, ns. */
  created(processes: Processes, tgid: number, index: number, time: number): void {
    const born = index < 0 ? 0 : processes.table.born[index]!;
    if (time < this.#begin || time >= this.#end) this.#turnTo(Math.floor(time / 1e9));
    if (tgid !== this.#tgid || born !== this.#born) this.#meet(processes, tgid, index, born);
    const counts = this.#counts;
    const slot = this.#slot;
    const own = ++counts.count[slot]! - counts.error[slot]!;
    if (own === this.#share) this.#lookAt(processes, tgid, index, slot);
  }

  /** A new storm begins: what there is of the last one goes. */
  reset(): void {
    this.#storm.clear();
    this.#tail.clear();
  }

  /** Seconds have closed: puts their creators where they belong. */
  judge(figures: Float64Array): void {
    const end = figures[FIGURES.secondsEnd]!;
    const first = figures[FIGURES.stormFirst]!;
    const last = figures[FIGURES.stormLast]!;
    const stormed = figures[FIGURES.storms]! > 0;
    const open = figures[FIGURES.stormOpen] === 1;
    for (;;) {
      const window = this.#windows[0];
      if (window === undefined || window.to >= end) return;
      this.#windows.shift();
      if (stormed && window.to >= first && window.from <= last) {
        this.#storm.add(this.#tail);
        this.#tail.clear();
        this.#readBusiest(window.counts);
        this.#storm.add(window.counts);
      } else if (open && window.from > last) {
        this.#tail.add(window.counts);
      }
      this.#letGo(window.counts);
    }
  }

  /** Of the storm, busiest first. */
  busiest(): Creator[] {
    const { lineage, cgroup, count, error } = this.#storm;
    return this.#storm.busiest(SHOWN).map((slot) => ({
      lineage: lineage.slice(slot * LINEAGE_WORDS, (slot + 1) * LINEAGE_WORDS),
      cgroup: cgroup[slot],
      created: count[slot]! - error[slot]!,
    }));
  }

  #turnTo(second: number): void {
    const newest = this.#windows.at(-1);
    let window: Window | undefined;
    if (newest === undefined || second > newest.to) {
      window = { from: second, to: second, counts: this.#spare.pop() ?? new CreatorCounts() };
      this.#windows.push(window);
      if (this.#windows.length > WINDOWS_MAX) this.#joinOldest();
    } else {
      // Queue order across CPUs is not time order.
      window = this.#windows.find(({ to }) => second <= to) ?? newest;
    }
    this.#begin = window.from * 1e9;
    this.#end = (window.to + 1) * 1e9;
    this.#counts = window.counts;
    this.#tgid = -1;
  }

  #joinOldest(): void {
    const [oldest, next] = this.#windows;
    if (oldest === undefined || next === undefined) return;
    this.#windows.shift();
    next.from = oldest.from;
    next.counts.add(oldest.counts);
    this.#letGo(oldest.counts);
  }

  #letGo(counts: CreatorCounts): void {
    counts.clear();
    this.#spare.push(counts);
    this.#begin = this.#end = 0;
  }

  #meet(processes: Processes, tgid: number, index: number, born: number): void {
    const counts = this.#counts;
    let slot = counts.find(tgid, born);
    if (slot < 0) {
      slot = counts.claim(tgid, born);
      const at = slot * LINEAGE_WORDS;
      writeLineage({ processes, tgid, index, ask: false, into: counts.lineage, at });
    }
    this.#processes = processes;
    this.#tgid = tgid;
    this.#born = born;
    this.#slot = slot;
  }

  /** It creates many: who it is by now, and its cgroup, while it most likely lives. */
  #lookAt(processes: Processes, tgid: number, index: number, slot: number): void {
    const counts = this.#counts;
    const at = slot * LINEAGE_WORDS;
    writeLineage({ processes, tgid, index, ask: true, into: counts.lineage, at });
    const born = counts.born[slot]!;
    counts.cgroup[slot] =
      this.#knownCgroup(tgid, born) ?? this.#cgroups.read(processes, counts.lineage, at, born);
  }

  /** Read in a second before. */
  #knownCgroup(tgid: number, born: number): Cgroup | undefined {
    for (const { counts } of this.#windows) {
      const slot = counts.find(tgid, born);
      if (slot >= 0 && counts.cgroup[slot] !== undefined) return counts.cgroup[slot];
    }
    const slot = this.#storm.find(tgid, born);
    return slot < 0 ? undefined : this.#storm.cgroup[slot];
  }

  /** Where nobody had a large share, as in a fork bomb: those who will be shown, or an ancestor that still lives. */
  #readBusiest(counts: CreatorCounts): void {
    if (this.#processes === undefined) return;
    for (const slot of counts.busiest(SHOWN)) {
      const at = slot * LINEAGE_WORDS;
      const born = counts.born[slot]!;
      counts.cgroup[slot] ??= this.#cgroups.read(this.#processes, counts.lineage, at, born);
    }
  }
}
