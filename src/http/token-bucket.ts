// HTTP: rate_limit of the web file. In: a request. Out: whether it may pass.
import type { RateLimit } from '../web-config/settings.ts';

/** Full at first; gains a token in each interval, up to the burst. One for all clients, as in the toolkit. */
export class TokenBucket {
  #limit: RateLimit | undefined;
  #tokens = 0;
  #at = 0;

  /** A new limit begins with a full bucket. */
  take(limit: RateLimit | undefined, now = performance.now()): boolean {
    if (limit === undefined) return true;
    const { interval, burst } = limit;
    if (interval !== this.#limit?.interval || burst !== this.#limit.burst) {
      this.#limit = limit;
      this.#tokens = burst;
    } else {
      this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / interval);
    }
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
