// Page: whether an answer is a summary that this page can draw. In: text. Out: the report, or an error. A proxy's page is none,
// and neither is what a newer daemon may say under an old page.
import type { SummaryReport } from '../http/summary-report.ts';

type Is = (value: unknown) => boolean;
/** Each name of the type has its check: the compiler misses none. */
type Checks<T> = { readonly [Name in keyof T]-?: Is };

const isText: Is = (value) => typeof value === 'string';
const isNumber: Is = (value) => Number.isFinite(value);
/** s, of Unix time. What a Date can hold: a later one has no words. */
const LATEST = 8.64e12;
const isTime: Is = (value) => typeof value === 'number' && value >= 0 && value <= LATEST;
const isInstant: Is = (value) => typeof value === 'string' && Number.isFinite(Date.parse(value));
const isUid: Is = (value) => isNumber(value) || isText(value);
const isFlag: Is = (value) => typeof value === 'boolean';

const orNull =
  (is: Is): Is =>
  (value) =>
    value === null || is(value);
const listOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const mapOf =
  (is: Is): Is =>
  (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every(is);
const has =
  <T>(checks: Checks<T>): Is =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Is>(checks).every(([name, is]) => is((value as Record<string, unknown>)[name]));

type Storm = NonNullable<SummaryReport['storm']>;
const PERSON = { pid: isNumber, comm: isText, uid: isUid, user: orNull(isText) };
const isStorm = has<Storm>({
  start: isInstant,
  end: isInstant,
  seconds: isNumber,
  peakPerSecond: isNumber,
  created: isNumber,
  creators: listOf(has<Storm['creators'][number]>({ ...PERSON, created: isNumber })),
});
const isCoredump = has<SummaryReport['recent']['core dump'][number]>({
  ...PERSON,
  time: isTime,
  signal: orNull(isText),
  coreWritten: orNull(isFlag),
});
const isRow = has<SummaryReport['top'][string][number]>({
  comm: isText,
  uid: isText,
  user: orNull(isText),
  count: isNumber,
});
const isCheck = has<SummaryReport['health']['checks'][string]>({ status: isText, detail: isText });
const areRates = listOf(isNumber);

const isSummary = has<SummaryReport>({
  version: isText,
  host: isText,
  startTime: isTime,
  time: isTime,
  health: has<SummaryReport['health']>({ status: isText, checks: mapOf(isCheck) }),
  processes: isNumber,
  tasks: isNumber,
  pidsLimit: isNumber,
  pairs: isNumber,
  pairsLimit: isNumber,
  totals: has<SummaryReport['totals']>({
    forks: isNumber,
    execs: isNumber,
    exits: isNumber,
    failures: isNumber,
    coredumps: isNumber,
    storms: isNumber,
    stormSeconds: isNumber,
  }),
  lost: has<SummaryReport['lost']>({ kernel: isNumber, socket: isNumber, shed: isNumber }),
  overruns: isNumber,
  lag: has<SummaryReport['lag']>({
    events: isNumber,
    half: orNull(isNumber),
    p99: orNull(isNumber),
    all: orNull(isNumber),
  }),
  stormThreshold: isNumber,
  lastForkStorm: isNumber,
  lastCoredump: isNumber,
  ratesEnd: isTime,
  rates: has<SummaryReport['rates']>({
    forks: areRates,
    execs: areRates,
    exits: areRates,
    failures: areRates,
    coredumps: areRates,
    storms: areRates,
  }),
  top: mapOf(listOf(isRow)),
  storm: orNull(isStorm),
  recent: has<SummaryReport['recent']>({
    'fork storm': listOf(isStorm),
    'core dump': listOf(isCoredump),
  }),
});

export function reportIn(text: string): SummaryReport {
  const value: unknown = JSON.parse(text);
  if (!isSummary(value)) throw new TypeError('not a summary');
  return value as SummaryReport;
}
