// HTTP: --web.max-requests. In: a scrape that wants to begin. Out: whether there is room; the room is free again at its end.
import type { Answer } from './connections.ts';

/** A scrape holds its slot, and the memory of its answer, until that is sent or its client has gone. */
export class ScrapeSlots {
  readonly #most: number;
  #taken = 0;

  /** 0: any number. */
  constructor(most: number) {
    this.#most = most === 0 ? Infinity : most;
  }

  take(answer: Answer, longestMs: number): boolean {
    if (this.#taken >= this.#most) return false;
    this.#taken++;
    // Who takes its answer byte by byte would keep others out for ever.
    const slow = setTimeout(() => end(answer), longestMs).unref();
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.#taken--;
      clearTimeout(slow);
    };
    answer.once('finish', release);
    answer.once('close', release);
    return true;
  }
}

function end(answer: Answer): void {
  if ('stream' in answer) answer.stream.destroy();
  else answer.destroy();
}
