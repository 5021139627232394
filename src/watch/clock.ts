// Watch: the kernel's time stamps as people's. CLOCK_MONOTONIC, ns, in; local time of day, or a date in UTC, out.

/** A clock that was set moves by more than this; what is less is the milliseconds that Date.now() counts in. */
const STEP_US = 10_000;

/** Both at one moment. */
export interface Moment {
  /** ms since 1970 */
  readonly unixMs: number;
  /** CLOCK_MONOTONIC, ns */
  readonly monotonicNs: bigint;
}

export function thisMoment(): Moment {
  return { unixMs: Date.now(), monotonicNs: process.hrtime.bigint() };
}

export class WallClock {
  readonly #moment: () => Moment;
  /** µs from CLOCK_MONOTONIC to 1970: 53 bits hold these until 2255. */
  #offset: number;
  #localSecond = NaN;
  #localText = '';
  #utcSecond = NaN;
  #utcText = '';

  constructor(moment: () => Moment = thisMoment) {
    this.#moment = moment;
    this.#offset = offsetOf(moment());
  }

  /** Now and then: somebody may have set the clock. */
  refresh(): void {
    const offset = offsetOf(this.#moment());
    if (Math.abs(offset - this.#offset) > STEP_US) this.#offset = offset;
  }

  /** HH:MM:SS.mmm in this host's time zone. */
  local(timestampNs: bigint): string {
    const us = this.#unixUs(timestampNs);
    const second = Math.floor(us / 1e6);
    if (second !== this.#localSecond) {
      this.#localSecond = second;
      const date = new Date(second * 1000);
      const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
      this.#localText = parts.map((part) => String(part).padStart(2, '0')).join(':');
    }
    const ms = Math.floor((us - second * 1e6) / 1000);
    return `${this.#localText}.${String(ms).padStart(3, '0')}`;
  }

  /** ISO 8601 in UTC, with µs. */
  utc(timestampNs: bigint): string {
    const us = this.#unixUs(timestampNs);
    const second = Math.floor(us / 1e6);
    if (second !== this.#utcSecond) {
      this.#utcSecond = second;
      this.#utcText = new Date(second * 1000).toISOString().slice(0, 19);
    }
    return `${this.#utcText}.${String(us - second * 1e6).padStart(6, '0')}Z`;
  }

  #unixUs(timestampNs: bigint): number {
    return Math.floor(Number(timestampNs) / 1000) + this.#offset;
  }
}

function offsetOf({ unixMs, monotonicNs }: Moment): number {
  return unixMs * 1000 - Math.floor(Number(monotonicNs) / 1000);
}
