// Library: asynchronous iteration. Events one by one in; promises of them out. Faster than a generator: an event that is
// there costs one settled promise.
import type { RingReader } from './ring-reader.ts';

export class EventIterator<Event> implements AsyncIterableIterator<Event> {
  readonly #reader: RingReader;
  readonly #take: () => Event | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #ended: () => void;
  #done = false;
  /** Calls that wait, and the last of them: one comes after the other. */
  #waiting = 0;
  #last: Promise<unknown> | undefined;
  #wakeUp = (): void => {};

  constructor(o: {
    readonly reader: RingReader;
    readonly next: () => Event | undefined;
    readonly signal: AbortSignal | undefined;
    readonly ended: () => void;
  }) {
    this.#reader = o.reader;
    this.#take = o.next;
    this.#signal = o.signal;
    this.#ended = o.ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#waiting === 0 && this.#signal?.aborted !== true && !this.#done) {
      const value = this.#take();
      if (value !== undefined) return Promise.resolve({ done: false, value });
    }
    const next = this.#queue(this.#last);
    this.#last = next;
    return next;
  }

  /** Ends the iteration, also one that waits. */
  return(): Promise<IteratorResult<Event, undefined>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #queue(before: Promise<unknown> | undefined): Promise<IteratorResult<Event, undefined>> {
    this.#waiting++;
    try {
      // Whoever called before is told of his own failure.
      await before?.catch(() => {});
      return await this.#wait();
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#last = undefined;
    }
  }

  async #wait(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      if (this.#reader.spent) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#reader.allow();
      }
      if (this.#done) return { done: true, value: undefined };
      if (this.#reader.closed) return this.return();
      try {
        this.#signal?.throwIfAborted();
        const value = this.#take();
        if (value !== undefined) return { done: false, value };
        if (this.#reader.spent) continue;
        this.#reader.check();
      } catch (error) {
        this.#finish();
        throw error;
      }
      await this.#sleep();
    }
  }

  async #sleep(): Promise<void> {
    const { ready, abandon } = this.#reader.wait();
    this.#wakeUp = abandon;
    this.#signal?.addEventListener('abort', abandon, { once: true });
    await ready;
    this.#signal?.removeEventListener('abort', abandon);
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#ended();
    this.#wakeUp();
  }
}
