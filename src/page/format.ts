// Page: numbers and times for people. The document is in English, and so are they; times are those of the browser's zone.
import type { SummaryReport } from '../http/summary-report.ts';

const COUNT = new Intl.NumberFormat('en');
const RATE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

export function countText(count: number): string {
  return COUNT.format(count);
}

export function rateText(rate: number): string {
  return rate < 10 ? RATE.format(rate) : COUNT.format(Math.round(rate));
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Unix time in seconds. */
export function clockText(time: number): string {
  return CLOCK.format(time * 1000);
}

/**
 * The beginning of a second of the rates, in whole seconds: the daemon's second and the wall's are not quite the same, and drift,
 * but one and the same second must always bear the same time.
 */
export function secondAt({ rates, ratesEnd }: SummaryReport, place: number): number {
  return Math.round(ratesEnd) - rates.forks.length + place;
}

/** With the day, when that is another one than `now`'s. */
export function timeText(time: number, now: number): string {
  const day = DAY.format(time * 1000);
  return day === DAY.format(now * 1000) ? clockText(time) : `${day} ${clockText(time)}`;
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** The two largest units: 3 d 4 h. */
export function durationText(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [length, unit] of UNITS) {
    if (rest < length && parts.length === 0) continue;
    parts.push(`${Math.floor(rest / length)} ${unit}`);
    rest %= length;
    if (parts.length === 2) break;
  }
  return parts.filter((part) => !part.startsWith('0 ')).join(' ') || '0 s';
}

/** Of a bound of the lag's histogram: two digits are more than it knows. */
export function shortText(seconds: number): string {
  const [amount, unit] =
    seconds < 0.001 ? [seconds * 1e6, 'µs'] : seconds < 1 ? [seconds * 1000, 'ms'] : [seconds, 's'];
  return `${Number(amount.toPrecision(2))} ${unit}`;
}

export function userText({ uid, user }: { uid: number | string; user: string | null }): string {
  return user === null ? String(uid) : user;
}
