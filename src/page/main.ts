// Page: puts feed, chart, figures, tables and words together.
import type { SummaryReport } from '../http/summary-report.ts';
import { Chart } from './chart.ts';
import { byId, element, setText } from './dom.ts';
import { follow } from './feed.ts';
import { Figures } from './figures.ts';
import { clockText, countText, secondAt } from './format.ts';
import { News } from './news.ts';
import { Scrubber } from './scrubber.ts';
import { Standing } from './standing.ts';
import { Tables } from './tables.ts';
import { chartText, lagText, lossText } from './words.ts';

const chart = new Chart(byId('chart', HTMLElement));
const figures = new Figures(byId('figures', HTMLElement));
const scrubber = new Scrubber(byId('second', HTMLInputElement));
const tables = new Tables();
const news = new News(byId('news', HTMLElement));
const standing = new Standing();
const health = byId('health', HTMLAnchorElement);
const checks = byId('checks', HTMLElement);

let report: SummaryReport | undefined;
let pointed: number | null = null;

chart.pointed = (place) => {
  pointed = place;
  showSecond();
};
scrubber.chosen = (place) => {
  chart.point(place);
  showSecond();
};

follow('/api/v1/summary', {
  report: show,
  none(why) {
    standing.missed(why);
    age();
  },
  odd() {
    standing.odd();
    age();
  },
});

function age(): void {
  health.hidden = true;
  showSecond();
}

function show(now: SummaryReport): void {
  setText(byId('host', HTMLElement), now.host);
  setText(
    byId('threshold', HTMLElement),
    `more than ${countText(now.stormThreshold)} processes created in a second`,
  );
  scrubber.show(now);
  chart.show(now);
  if (scrubber.place !== null) chart.point(scrubber.place);
  setText(byId('in-words', HTMLElement), chartText(now));
  tables.show(now);
  setText(byId('losses', HTMLElement), lossText(now));
  setText(byId('lag', HTMLElement), lagText(now));
  showHealth(now);
  news.show(now);
  // After all that may fail: what could not be drawn is not live.
  standing.live(now);
  report = now;
  showSecond();
}

/** The one that is chosen, else the one that is pointed at, else the newest. */
function showSecond(): void {
  if (report === undefined) return;
  const seconds = report.rates.forks.length;
  const chosen = scrubber.place ?? pointed;
  const place = chosen ?? seconds - 1;
  figures.show(report, place);
  const at = clockText(secondAt(report, place));
  const newest = standing.gone ? 'As it was at' : 'Now,';
  setText(byId('moment', HTMLElement), `${chosen === null ? newest : 'At'} ${at}`);
}

function showHealth({ health: { status, checks: all } }: SummaryReport): void {
  const names = Object.keys(all).filter((name) => all[name]?.status !== 'ok');
  const why = names.length === 0 ? '' : `: ${names.map(checkName).join(', ')}`;
  health.hidden = false;
  health.className = `pill ${status}`;
  setText(health, `Health ${status}${why}`);
  for (const [name, { status: is, detail }] of Object.entries(all)) {
    const id = `check-${name}`;
    const row = document.querySelector(`#${id}`) ?? newCheck(id);
    row.className = is;
    setText(row.children[0]!, checkName(name));
    setText(row.children[1]!, `${is}: ${detail}`);
  }
}

function newCheck(id: string): Element {
  const row = element('div', '', element('dt'), element('dd'));
  row.id = id;
  checks.append(row);
  return row;
}

function checkName(name: string): string {
  return name.replaceAll('_', ' ');
}
