// Page: puts feed, chart, figures, tables and words together.
import type { SummaryReport } from '../http/summary-report.ts';
import { Chart } from './chart.ts';
import { byId, element, setText } from './dom.ts';
import { follow } from './feed.ts';
import { Figures } from './figures.ts';
import { clockText, countText, durationText, secondAt, timeText } from './format.ts';
import { News } from './news.ts';
import { Scrubber } from './scrubber.ts';
import { Tables } from './tables.ts';
import { chartText, lagText, lossText, stormText } from './words.ts';

const chart = new Chart(byId('chart', HTMLElement));
const figures = new Figures(byId('figures', HTMLElement));
const scrubber = new Scrubber(byId('second', HTMLInputElement));
const tables = new Tables();
const news = new News(byId('news', HTMLElement));
const feed = byId('feed', HTMLElement);
const health = byId('health', HTMLAnchorElement);
const storm = byId('storm', HTMLElement);
const checks = byId('checks', HTMLElement);

let report: SummaryReport | undefined;
let pointed: number | null = null;
/** When the daemon was missed first. */
let missedAt: number | undefined;
let restartedAt: number | undefined;

chart.pointed = (place) => {
  pointed = place;
  showSecond();
};
scrubber.chosen = (place) => {
  chart.point(place);
  showSecond();
};

follow('/api/v1/summary', {
  report(next) {
    if (report !== undefined && report.startTime !== next.startTime) restartedAt = next.startTime;
    report = next;
    missedAt = undefined;
    show(next);
  },
  none(why) {
    missedAt ??= Date.now() / 1000;
    // Nothing of it is known any more; what stands below is marked as old.
    health.hidden = true;
    showSecond();
    const since = timeText(missedAt, Date.now() / 1000);
    sayFeed('gone', `The daemon ${why}, since ${since}. Trying again.`);
  },
});

function show(now: SummaryReport): void {
  const again =
    restartedAt === undefined ? '' : `, started anew at ${timeText(restartedAt, now.time)}`;
  sayFeed('live', `Live${again}`);
  document.title = `${now.host} · procevents`;
  setText(byId('host', HTMLElement), now.host);
  setText(byId('uptime', HTMLElement), `, up ${durationText(now.time - now.startTime)}`);
  setText(
    byId('threshold', HTMLElement),
    `more than ${countText(now.stormThreshold)} processes created in a second`,
  );
  scrubber.show(now);
  chart.show(now);
  if (scrubber.place !== null) chart.point(scrubber.place);
  showSecond();
  setText(byId('in-words', HTMLElement), chartText(now));
  tables.show(now);
  setText(byId('losses', HTMLElement), lossText(now));
  setText(byId('lag', HTMLElement), lagText(now));
  showHealth(now);
  storm.hidden = now.storm === null;
  if (now.storm !== null) setText(storm, stormText(now.storm));
  news.show(now);
}

/** The one that is chosen, else the one that is pointed at, else the newest. */
function showSecond(): void {
  if (report === undefined) return;
  const seconds = report.rates.forks.length;
  const chosen = scrubber.place ?? pointed;
  const place = chosen ?? seconds - 1;
  figures.show(report, place);
  const at = clockText(secondAt(report, place));
  const newest = missedAt === undefined ? 'Now,' : 'As it was at';
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

function sayFeed(state: 'live' | 'gone', text: string): void {
  feed.className = `pill ${state}`;
  setText(feed, text);
}
