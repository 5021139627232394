// Exposition: the share of time that a rendering takes before the event loop turns.

/** A rendering may hold the event loop this long: records and other requests wait no longer. */
const SLICE_MS = 4;

export class Slice {
  #end = performance.now() + SLICE_MS;

  over(): boolean {
    return performance.now() > this.#end;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + SLICE_MS;
  }
}
