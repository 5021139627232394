// A narrator over a feed made by hand, and over figures as the collector would publish them. Input: events, and what each
// second of kernel time came to. Output: the lines of its log.
import { Narrator } from '../../../src/daemon/narrator.ts';
import { FIGURES, FIGURE_COUNT } from '../../../src/collector/record.ts';
import { Feed, leader } from '../attribution/feed.ts';

export interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** 2020-01-01, as Unix time, when the kernel's clock began. */
const BOOT_MS = 1_577_836_800_000;

export class Narration {
  readonly lines: Line[] = [];
  readonly figures = new Float64Array(FIGURE_COUNT);
  readonly feed: Feed;
  narrator!: Narrator;
  readonly #threshold: number;
  #pid = 100_000;

  constructor(threshold = 100) {
    this.#threshold = threshold;
    const warn = (fields: object, msg: string): void => void this.lines.push({ msg, ...fields });
    this.feed = new Feed(1_000_000, (procfs, now) => {
      this.narrator = new Narrator({ log: { warn } as never, threshold, procfs, now });
      return this.narrator;
    });
  }

  /** Each creates so many, one after the other by turns, in that second; the children end at once. */
  create(second: number, creators: Readonly<Record<number, number>>): void {
    const left = Object.entries(creators).map(([tgid, count]) => ({ tgid: Number(tgid), count }));
    const total = left.reduce((sum, { count }) => sum + count, 0);
    let made = 0;
    while (made < total) {
      for (const creator of left) {
        if (creator.count === 0) continue;
        creator.count--;
        this.feed.now = second * 1e9 + Math.floor((made++ / total) * 1e9);
        const child = leader(this.#pid++);
        this.feed.fork(child, leader(creator.tgid));
        this.feed.exit(child);
      }
    }
  }

  /** The seconds up to this one are closed, and were so; `storm` as in native/storm_seconds.h. */
  close(
    second: number,
    storm?: {
      first: number;
      last: number;
      seconds: number;
      peak?: number;
      created?: number;
      open: boolean;
      storms?: number;
      total?: number;
    },
  ): void {
    const f = this.figures;
    f[FIGURES.secondsEnd] = second + 1;
    if (storm !== undefined) {
      f[FIGURES.storms] = storm.storms ?? 1;
      f[FIGURES.stormSeconds] = storm.total ?? storm.seconds;
      f[FIGURES.stormOpen] = storm.open ? 1 : 0;
      f[FIGURES.stormFirst] = storm.first;
      f[FIGURES.stormLast] = storm.last;
      f[FIGURES.stormFirstUnixMs] = BOOT_MS + storm.first * 1000;
      f[FIGURES.stormLastUnixMs] = BOOT_MS + storm.last * 1000;
      f[FIGURES.stormLength] = storm.seconds;
      f[FIGURES.stormPeak] = storm.peak ?? this.#threshold;
      f[FIGURES.stormCreated] = storm.created ?? this.#threshold;
    }
    this.feed.now = Math.max(this.feed.now, (second + 2) * 1e9);
    this.narrator.drained(f);
  }
}
