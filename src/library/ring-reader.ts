// Library: the ring, read at the consumer's own pace. The collector thread's records in; one after the other out. What is
// not read stays in the ring, and what then finds no room is lost there and counted: nobody ever waits for the consumer.
import { ExporterError, fromNative } from '../errors.ts';
import { native, type NativeCollector, type NativeCollectorOptions } from '../collector/native.ts';
import {
  CONTROL_ARMED,
  CONTROL_BYTES,
  CONTROL_HEAD,
  CONTROL_TAIL,
  FIGURES,
  FIGURE_COUNT,
  RECORD_WORDS,
  STATE_RUNS,
} from '../collector/record.ts';

/** The producer learns of so many free slots at a time: a shared word for each record would cost more than the record. */
const RELEASE_RECORDS = 128;

/**
 * A consumer that never waits would keep timers and sockets waiting: after so many records (a millisecond or so) they come.
 * Records, for what is not wanted takes its time too.
 */
export const TURN_RECORDS = 1024;

/** How long the event loop waits for the thread to end before it looks at something else; and in all. */
const STOP_TURN_MS = 20;
const STOP_GRACE_MS = 2000;

/** Who waits until what the kernel had queued at some time has been read. */
interface Mark {
  /** The request's number; then, once the thread has answered, the position and the figures that go with it. */
  readonly cut: number;
  position: number;
  figures: Float64Array | undefined;
  readonly resolve: (figures: Float64Array | undefined) => void;
}

export class RingReader {
  readonly words: Uint32Array;
  /** The same memory, two words at a time: a record's time is one. */
  readonly times: BigUint64Array;
  readonly #native: NativeCollector;
  readonly #control: Int32Array;
  readonly #mask: number;
  readonly #figures = new Float64Array(FIGURE_COUNT);
  #head = 0;
  #tail = 0;
  #released = 0;
  /** Records beyond #head that may be given in this turn. */
  #allowed = TURN_RECORDS;
  #closed = false;
  #wakeUps: (() => void)[] = [];
  /** Records read, ever. */
  #read = 0;
  #marks: Mark[] = [];

  /** Throws an ExporterError when the thread cannot be started; the source is closed then. */
  constructor(options: NativeCollectorOptions) {
    try {
      this.#native = new (native().Collector)(options, () => this.#woken());
    } catch (error) {
      throw fromNative(error);
    }
    const { memory } = this.#native;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.words = new Uint32Array(memory, CONTROL_BYTES);
    this.times = new BigUint64Array(memory, CONTROL_BYTES);
    this.#mask = options.ringSlots - 1;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get slots(): number {
    return this.#mask + 1;
  }

  /** Records that wait. */
  get used(): number {
    if (this.#closed) return 0;
    return ((Atomics.load(this.#control, CONTROL_HEAD) >>> 0) - this.#tail) >>> 0;
  }

  /** Whether the consumer has to give way, whatever waits. */
  get spent(): boolean {
    return this.#allowed <= 0 && this.#tail === this.#head;
  }

  /** Begins a turn. */
  allow(records = TURN_RECORDS): void {
    this.#allowed = records - ((this.#head - this.#tail) >>> 0);
  }

  /** Where in `words` the next record starts, until the next call; -1 when there is none now, or in this turn. */
  next(): number {
    if (this.#tail === this.#head && !this.#refill()) return -1;
    const at = (this.#tail & this.#mask) * RECORD_WORDS;
    this.#tail = (this.#tail + 1) >>> 0;
    return at;
  }

  /** Resolves when there may be something to read, or it is closed; `abandon` gives up waiting. */
  wait(): { readonly ready: Promise<void>; readonly abandon: () => void } {
    let abandon = (): void => {};
    const ready = new Promise<void>((resolve) => {
      abandon = resolve;
      this.#wakeUps.push(resolve);
      if (this.#closed) this.#woken();
      // Arm, then look once more: what was published before the arming would not wake us.
      else Atomics.store(this.#control, CONTROL_ARMED, 1);
      if (this.used > 0 || !this.#runs()) this.#woken();
    });
    return { ready, abandon };
  }

  /**
   * Resolves when all is read that the kernel had queued by now, with the figures of that moment; with undefined when it is
   * closed before. Reading is the consumer's.
   */
  catchUp(): Promise<Float64Array | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const cut = this.#native.requestCut();
      this.#marks.push({ cut, position: Number.POSITIVE_INFINITY, figures: undefined, resolve });
    });
  }

  /** The collector's figures as of now; the last ones that could be had when it is stopped. */
  figures(): Float64Array {
    if (!this.#closed) this.#native.readFigures(this.#figures);
    return this.#figures;
  }

  /** Throws when the thread has ended by itself, and all that it had taken has been read. */
  check(): void {
    if (this.#closed || this.#runs() || this.used > 0) return;
    const cause = Object.assign(new Error('recvmmsg failed'), {
      code: 'PROCEVENTS_COLLECTOR_DIED',
      errno: this.#figures[FIGURES.errno],
    });
    throw fromNative(cause);
  }

  /** Ends the thread, which says IGNORE and closes the source. What was not read is gone. Idempotent. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.figures();
      this.#closed = true;
      this.#head = this.#tail;
      this.#woken();
      for (const { resolve } of this.#marks.splice(0)) resolve(undefined);
    }
    const end = performance.now() + STOP_GRACE_MS;
    while (!this.#native.stop(STOP_TURN_MS)) {
      if (performance.now() > end) {
        throw new ExporterError('PROCEVENTS_COLLECTOR_STUCK', 'the collector thread does not end');
      }
      await new Promise((resolve) => setTimeout(resolve, STOP_TURN_MS));
    }
  }

  /** Gives back what has been read and looks for more. */
  #refill(): boolean {
    if (this.#closed) return false;
    this.#release();
    const count = Math.min(this.used, RELEASE_RECORDS, this.#allowed);
    if (count <= 0) return false;
    this.#allowed -= count;
    this.#head = (this.#tail + count) >>> 0;
    return true;
  }

  #release(): void {
    if (this.#released === this.#tail) return;
    this.#read += (this.#tail - this.#released) >>> 0;
    this.#released = this.#tail;
    Atomics.store(this.#control, CONTROL_TAIL, this.#tail | 0);
    this.#reach();
  }

  #reach(): void {
    if (this.#marks.length === 0) return;
    const reached = this.#marks.filter((mark) => mark.position <= this.#read);
    this.#marks = this.#marks.filter((mark) => mark.position > this.#read);
    for (const { resolve, figures } of reached) resolve(figures);
  }

  /** Cuts are made in the order of their requests; one answer may serve several. */
  #answerCuts(): void {
    if (this.#marks.length === 0) return;
    const figures = this.figures().slice();
    const done = figures[FIGURES.cutDone]!;
    for (const mark of this.#marks) {
      if (mark.figures !== undefined || ((done - mark.cut) | 0) < 0) continue;
      mark.figures = figures;
      mark.position = figures[FIGURES.ringPosition]!;
    }
    this.#reach();
  }

  #runs(): boolean {
    return this.figures()[FIGURES.state] === STATE_RUNS;
  }

  #woken(): void {
    if (!this.#closed) {
      Atomics.store(this.#control, CONTROL_ARMED, 0);
      this.#answerCuts();
    }
    const wakeUps = this.#wakeUps;
    this.#wakeUps = [];
    for (const wakeUp of wakeUps) wakeUp();
  }
}
