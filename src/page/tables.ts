// Page: the tables. Reports in; rows out.
import type { SummaryReport, SummaryRow } from '../http/summary-report.ts';
import { byId, element, setRows } from './dom.ts';
import {
  clockText,
  countText,
  durationText,
  rateText,
  secondAt,
  timeText,
  userText,
} from './format.ts';
import { creatorsText } from './words.ts';

const TOPS = { forks: 'Forks', execs: 'Execs', failures: 'Failures' } as const;
type Top = keyof typeof TOPS;
const MINUTE = 60;

export class Tables {
  readonly #tops: ReadonlyMap<Top, HTMLTableElement>;
  readonly #minutes = byId('minutes', HTMLTableElement);
  readonly #storms = byId('storms', HTMLTableElement);
  readonly #dumps = byId('dumps', HTMLTableElement);
  #last: SummaryReport | undefined;

  constructor() {
    const box = byId('top', HTMLElement);
    const tops = Object.keys(TOPS) as Top[];
    this.#tops = new Map(tops.map((top) => [top, topTable(box, top)]));
  }

  show(report: SummaryReport): void {
    const { recent, storm, time } = report;
    for (const [top, table] of this.#tops) this.#showTop(table, top, report);
    setRows(this.#minutes, minutes(report), ['whole', ...Array<string>(6).fill('number')]);
    const storms = storm === null ? recent['fork storm'] : [storm, ...recent['fork storm']];
    setRows(
      this.#storms,
      storms.map((one) => [
        timeText(Date.parse(one.start) / 1000, time),
        one === storm
          ? 'goes on'
          : durationText((Date.parse(one.end) - Date.parse(one.start)) / 1000),
        countText(one.peakPerSecond),
        countText(one.created),
        creatorsText(one),
      ]),
      ['whole', 'number', 'number', 'number', 'comm'],
    );
    setRows(
      this.#dumps,
      recent['core dump'].map((one) => [
        timeText(one.time, time),
        `${one.comm} (${one.pid})`,
        userAndUid(one),
        one.signal ?? 'unknown',
        one.coreWritten === null ? 'unknown' : one.coreWritten ? 'written' : 'none',
      ]),
      ['whole', 'comm', '', 'whole', 'whole'],
    );
    this.#last = report;
  }

  #showTop(table: HTMLTableElement, top: Top, report: SummaryReport): void {
    const rows = report.top[top] ?? [];
    const last = this.#last;
    // Of another run of the daemon there is nothing to compare with.
    const before = last?.startTime === report.startTime ? (last.top[top] ?? []) : undefined;
    const seconds = report.time - (last?.time ?? 0);
    const growth = (row: SummaryRow): string => {
      if (before === undefined || seconds <= 0) return '';
      const old = before.find(({ comm, uid }) => comm === row.comm && uid === row.uid);
      // A list that has grown was not full: what was not in it had not happened.
      const exact = old !== undefined || before.length < rows.length;
      const most = old?.count ?? (exact ? 0 : (before.at(-1)?.count ?? 0));
      const grown = Math.max(0, row.count - most) / seconds;
      if (exact) return rateText(grown);
      return grown < 1 ? 'new' : `≥ ${rateText(grown)}`;
    };
    setRows(
      table,
      rows.map((row) => [row.comm, userText(row), countText(row.count), growth(row)]),
      ['comm', '', 'number', 'number'],
    );
    const most = rows[0]?.count ?? 1;
    for (const [i, line] of [...(table.tBodies[0]?.rows ?? [])].entries()) {
      line.style.setProperty('--share', `${((rows[i]?.count ?? 0) / most) * 100}%`);
    }
  }
}

function topTable(box: HTMLElement, top: Top): HTMLTableElement {
  const heading = (text: string, className = ''): HTMLTableCellElement => {
    const cell = element('th', className, text);
    cell.scope = 'col';
    return cell;
  };
  const heads = [
    heading('Command'),
    heading('User'),
    heading(TOPS[top], 'number'),
    heading('now /s', 'number'),
  ];
  const table = element(
    'table',
    `top ${top}`,
    element('caption', '', `By ${top}`),
    element('thead', '', element('tr', '', ...heads)),
    element('tbody'),
  );
  const none = element('p', 'quiet none', 'None since the start.');
  box.append(element('div', 'wide', table, none));
  return table;
}

/** Ten at most, newest first; the oldest may be shorter. */
function minutes(report: SummaryReport): string[][] {
  const { rates } = report;
  const rows: string[][] = [];
  const series = [
    rates.forks,
    rates.execs,
    rates.exits,
    rates.failures,
    rates.coredumps,
    rates.storms,
  ];
  for (let end = rates.forks.length; end > 0; end -= MINUTE) {
    const begin = Math.max(0, end - MINUTE);
    const sums = series.map((one) => one.slice(begin, end).reduce((total, n) => total + n, 0));
    rows.push([clockText(secondAt(report, begin)), ...sums.map(countText)]);
  }
  return rows;
}

function userAndUid(person: { uid: number | string; user: string | null }): string {
  return person.user === null ? String(person.uid) : `${person.user} (${person.uid})`;
}
