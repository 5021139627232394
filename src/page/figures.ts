// Page: the figures above the chart, which are its legend too. A report and a second in; numbers out.
import type { SummaryReport } from '../http/summary-report.ts';
import { element, setText } from './dom.ts';
import { countText } from './format.ts';
import { SERIES } from './words.ts';

const NAMES = {
  forks: 'Forks /s',
  execs: 'Execs /s',
  exits: 'Exits /s',
  failures: 'Failures /s',
  processes: 'Processes',
  coredumps: 'Core dumps',
  storms: 'Fork storms',
} as const;
type Name = keyof typeof NAMES;

export class Figures {
  readonly #cells: ReadonlyMap<Name, { readonly value: HTMLElement; readonly more: HTMLElement }>;

  constructor(list: HTMLElement) {
    const names = Object.keys(NAMES) as Name[];
    this.#cells = new Map(
      names.map((name) => {
        const value = element('dd', 'value', '–');
        const more = element('dd', 'quiet');
        list.append(element('div', name, element('dt', '', NAMES[name]), value, more));
        return [name, { value, more }];
      }),
    );
  }

  /** `place`: of the second in the rates. */
  show(report: SummaryReport, place: number): void {
    const { rates, totals, processes, pidsLimit } = report;
    for (const series of SERIES) {
      this.#say(series, rates[series][place] ?? 0, `${countText(totals[series])} in all`);
    }
    this.#say('processes', processes, `at most ${countText(pidsLimit)}`);
    this.#say('coredumps', totals.coredumps, 'since the start');
    this.#say('storms', totals.storms, `${countText(totals.stormSeconds)} s since the start`);
  }

  #say(name: Name, value: number, more: string): void {
    const cell = this.#cells.get(name);
    if (cell === undefined) return;
    setText(cell.value, countText(value));
    setText(cell.more, more);
  }
}
