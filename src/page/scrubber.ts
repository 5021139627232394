// Page: looks at one second of the chart by keyboard, finger or pointer. Reports in; the place of that second out.
import type { SummaryReport } from '../http/summary-report.ts';
import { clockText, counted, secondAt } from './format.ts';

const LIVE = 'the newest second';

export class Scrubber {
  /** Somebody has chosen. null: the newest, whichever that is. */
  chosen: (place: number | null) => void = () => {};
  readonly #input: HTMLInputElement;
  #report: SummaryReport | undefined;
  /** Unix time, s; stays the same second while others come. */
  #pinned: number | undefined;

  constructor(input: HTMLInputElement) {
    this.#input = input;
    input.setAttribute('aria-valuetext', LIVE);
    input.addEventListener('input', () => {
      const { value, max } = input;
      this.#pinned = value === max ? undefined : Number(value);
      this.#tell();
      this.chosen(this.place);
    });
  }

  show(report: SummaryReport): void {
    const restarted = this.#report?.startTime !== report.startTime;
    this.#report = report;
    const { first, last } = span(report);
    this.#input.min = String(first);
    this.#input.max = String(last);
    const pinned = this.#pinned;
    if (pinned !== undefined && (restarted || pinned < first || pinned > last)) {
      // That second is no more: back to the newest, with all that shows it.
      this.#pinned = undefined;
      this.#tell();
      this.chosen(null);
    }
    this.#input.value = String(this.#pinned ?? last);
  }

  get place(): number | null {
    if (this.#report === undefined || this.#pinned === undefined) return null;
    return this.#pinned - span(this.#report).first;
  }

  /** Only when somebody has moved it: it must not speak each second. */
  #tell(): void {
    const report = this.#report;
    const place = this.place;
    let text = LIVE;
    if (report !== undefined && place !== null && this.#pinned !== undefined) {
      const { rates } = report;
      const at = (values: readonly number[]): number => values[place] ?? 0;
      text = [
        clockText(this.#pinned),
        counted(at(rates.forks), 'fork'),
        counted(at(rates.execs), 'exec'),
        counted(at(rates.exits), 'exit'),
        counted(at(rates.failures), 'failure'),
        ...(at(rates.storms) > 0 ? ['fork storm'] : []),
        ...(at(rates.coredumps) > 0 ? [counted(at(rates.coredumps), 'core dump')] : []),
      ].join(', ');
    }
    this.#input.setAttribute('aria-valuetext', text);
  }
}

function span(report: SummaryReport): { first: number; last: number } {
  return { first: secondAt(report, 0), last: secondAt(report, report.rates.forks.length - 1) };
}
