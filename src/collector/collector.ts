// Stage: reader. The collector thread's ring in; records to a consumer, and cuts, out. Main thread only.
import { fromNative } from '../errors.ts';
import { native, type NativeCollector, type NativeCollectorOptions } from './native.ts';
import {
  CONTROL_ARMED,
  CONTROL_BYTES,
  CONTROL_TAIL,
  FIGURES,
  FIGURE_COUNT,
  RECORD_WORDS,
  STATE_RUNS,
} from './record.ts';

/** Between two looks at a ring that has something: short beside a scrape, long beside the cost of a waking. */
const DRAIN_INTERVAL_MS = 20;

/** How long the event loop waits for the thread to end before it looks at something else. */
const STOP_TURN_MS = 20;

/** Takes the record at words[at .. at + RECORD_WORDS). The words are the ring's own memory: valid during the call. */
export type Consume = (words: Uint32Array, at: number) => void;

/** Answers with the state of this moment. `fresh` is false when the collector did not answer in time. */
interface Waiter {
  readonly settle: (fresh: boolean) => void;
}

export interface CollectorOptions extends NativeCollectorOptions {
  /** Before each drain that has found something. */
  readonly draining: () => void;
  readonly consume: Consume;
  /** After each drain that found something, and each call of the thread: figures may have changed alone. */
  readonly drained: () => void;
  /** The thread has ended by itself; the errno says why. */
  readonly died: (errno: number) => void;
}

/**
 * After every drain, what was consumed and `figures` belong together: records are taken up to exactly the position that
 * the figures name.
 */
export class Collector {
  readonly figures = new Float64Array(FIGURE_COUNT);
  /** Records that the last drain found waiting. */
  used = 0;
  readonly #beforeDrain: () => void;
  readonly #consume: Consume;
  readonly #drained: () => void;
  readonly #died: (errno: number) => void;
  readonly #native: NativeCollector;
  readonly #control: Int32Array;
  readonly #words: Uint32Array;
  readonly #mask: number;
  #tail = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #draining = false;
  /** The cut under way and who waits for it; who comes meanwhile waits for the next. */
  #cut: number | undefined;
  #waiting = new Set<Waiter>();
  #next = new Set<Waiter>();

  /** Throws an ExporterError when the thread cannot be started; the source is closed then. */
  constructor(options: CollectorOptions) {
    this.#beforeDrain = options.draining;
    this.#consume = options.consume;
    this.#drained = options.drained;
    this.#died = options.died;
    try {
      this.#native = new (native().Collector)(options, () => this.#wake());
    } catch (error) {
      throw fromNative(error);
    }
    const memory = this.#native.memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#words = new Uint32Array(memory, CONTROL_BYTES);
    this.#mask = options.ringSlots - 1;
    this.#lookSoon();
  }

  /** Whether the thread runs, as far as it has said. */
  get running(): boolean {
    return !this.#stopped && this.figures[FIGURES.state] === STATE_RUNS;
  }

  get slots(): number {
    return this.#mask + 1;
  }

  /**
   * Calls `take` once everything that the kernel had queued by now is consumed, in the same turn of the event loop as
   * that consuming, so that what it sees is one cut. Requests of one turn share a cut. After `timeoutMs`, or when the
   * thread does not run, `take` sees the last state that could be had and `fresh` is false.
   */
  cut<T>(timeoutMs: number, take: (fresh: boolean) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (fresh: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        this.#next.delete(waiter);
        try {
          resolve(take(fresh));
        } catch (error) {
          reject(error);
        }
      };
      const waiter: Waiter = { settle };
      const timer = setTimeout(() => {
        this.drain();
        settle(false);
      }, timeoutMs);
      this.#next.add(waiter);
      if (this.#next.size === 1 && this.#cut === undefined) setImmediate(() => this.#request());
    });
  }

  /** Consumes all that is published and not consumed; returns how many records that was. Not re-entrant: 0 then. */
  drain(): number {
    if (this.#stopped || this.#draining || !this.#native.readFigures(this.figures)) return 0;
    const words = this.#words;
    const mask = this.#mask;
    const end = this.#position();
    const count = end - this.#tail;
    this.used = count;
    if (count === 0) return 0;
    let position = this.#tail;
    this.#draining = true;
    this.#beforeDrain();
    try {
      while (position < end) this.#consume(words, (position++ & mask) * RECORD_WORDS);
    } finally {
      this.#draining = false;
      this.#tail = position;
      Atomics.store(this.#control, CONTROL_TAIL, position | 0);
    }
    this.#drained();
    return count;
  }

  /** Answers all who wait for a cut with what there is. */
  giveUp(): void {
    this.#settle(this.#waiting, false);
    this.#settle(this.#next, false);
  }

  /** Ends the thread; false when it does not answer within `graceMs`: the process should then exit. Idempotent. */
  async stop(graceMs: number): Promise<boolean> {
    if (!this.#stopped) {
      this.drain();
      this.#stopped = true;
      clearTimeout(this.#timer);
      this.giveUp();
    }
    const end = performance.now() + graceMs;
    // In turns, so that a second signal is heard meanwhile.
    while (!this.#native.stop(STOP_TURN_MS)) {
      if (performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, STOP_TURN_MS));
    }
    return true;
  }

  #position(): number {
    return this.figures[FIGURES.ringPosition]!;
  }

  #request(): void {
    if (this.#stopped) return;
    this.#waiting = this.#next;
    this.#next = new Set();
    this.#cut = this.#native.requestCut();
  }

  /** The thread calls: records in a ring that slept, a cut made, a ring that fills, or its own end. */
  #wake(): void {
    if (this.#stopped) return;
    Atomics.store(this.#control, CONTROL_ARMED, 0);
    if (this.drain() === 0) this.#drained();
    if (!this.running) {
      this.giveUp();
      this.#died(this.figures[FIGURES.errno]!);
    } else if (this.#cut !== undefined && this.figures[FIGURES.cutDone] === this.#cut) {
      this.#cut = undefined;
      this.#settle(this.#waiting, true);
      if (this.#next.size > 0) this.#request();
    }
    this.#lookSoon();
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => this.#tick(), DRAIN_INTERVAL_MS);
  }

  /** Looks every 20 ms until nothing is found, then sleeps until woken. */
  #tick(): void {
    if (this.drain() > 0) {
      this.#timer?.refresh();
      return;
    }
    this.#timer = undefined;
    // Arm, then look once more: what was published before the arming would not wake us.
    Atomics.store(this.#control, CONTROL_ARMED, 1);
    if (this.drain() > 0) this.#wake();
  }

  #settle(waiters: Set<Waiter>, fresh: boolean): void {
    for (const waiter of waiters) waiter.settle(fresh);
  }
}
