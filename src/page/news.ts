// Page: what a screen reader is told unasked. Two reports in; one sentence, seldom, out.
import type { SummaryReport } from '../http/summary-report.ts';
import { setText } from './dom.ts';
import { clockText } from './format.ts';

/** s. A crash loop must not talk without end. */
const BETWEEN = 10;

export class News {
  readonly #node: HTMLElement;
  #last: SummaryReport | undefined;
  #toldAt = 0;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  show(report: SummaryReport): void {
    const last = this.#last;
    const text = last === undefined ? undefined : sentence(last, report);
    // What came too early is told later, if it still holds.
    if (text !== undefined && report.time - this.#toldAt < BETWEEN) return;
    this.#last = report;
    if (text === undefined) return;
    this.#toldAt = report.time;
    setText(this.#node, text);
  }
}

function sentence(last: SummaryReport, now: SummaryReport): string | undefined {
  if (last.startTime !== now.startTime) return undefined;
  if (last.health.status !== now.health.status)
    return `The daemon’s health is ${now.health.status}.`;
  if ((last.storm === null) !== (now.storm === null)) {
    return now.storm === null ? 'The fork storm is over.' : 'A fork storm has begun.';
  }
  if (now.lastCoredump > last.lastCoredump) {
    const [newest] = now.recent['core dump'];
    return newest && `Core dump of ${newest.comm} at ${clockText(newest.time)}.`;
  }
  return undefined;
}
