// Watch: an event as a line for people. Event, kin and names in; aligned columns, coloured or not, out. Everything in it
// is printable: comms come escaped, and so do users' names.
import { UNKNOWN_TEXT } from '../aggregator/comm-text.ts';
import type { ProcEvent } from '../library/events.ts';
import { padded } from './cells.ts';
import type { WallClock } from './clock.ts';
import { detailOf, isFailure, lossText } from './detail.ts';
import { isOfThread } from './filter.ts';
import type { Colour, Paint } from './paint.ts';
import type { Kin } from './relatives.ts';

/** 23:59:59.999 */
const TIME = 12;
/** coredump */
const KIND = 8;
/** The largest pid is 4194304. */
const PID = 7;
/** Most have at most eight; a longer one moves its own line only. */
const USER = 10;
/** What the kernel keeps of a name. */
const COMM = 15;
const INDENT = '  ';
/** Deeper trees stay in the column. */
const DEPTH_MAX = 8;

const COLOURS: Readonly<Record<ProcEvent['kind'], readonly Colour[]>> = {
  fork: ['green'],
  exec: ['cyan'],
  uid: ['yellow'],
  gid: ['yellow'],
  sid: ['blue'],
  ptrace: ['yellow'],
  comm: ['blue'],
  coredump: ['magenta', 'bold'],
  exit: ['dim'],
  unknown: ['dim'],
  lost: ['red', 'bold'],
};

export interface LineStyle {
  readonly clock: WallClock;
  readonly paint: Paint;
  readonly userName: (uid: number | undefined) => string;
  readonly tree: boolean;
}

export function headerLine({ paint, tree }: LineStyle): string {
  const comm = tree ? COMM + DEPTH_MAX * INDENT.length : COMM;
  const titles = [
    padded('TIME', TIME),
    padded('KIND', KIND),
    'PID'.padStart(PID),
    'PPID'.padStart(PID),
    padded('USER', USER),
    padded('COMM', comm),
    'WHAT',
  ];
  return paint(titles.join(' '), 'bold');
}

export function eventLine(
  event: Exclude<ProcEvent, { readonly kind: 'lost' }>,
  kin: Kin,
  style: LineStyle,
): string {
  const { clock, paint, userName } = style;
  const detail = detailOf(event, kin, userName);
  const head = `${paint(clock.local(event.timestampNs), 'dim')} ${kindText(event.kind, paint)}`;
  if (event.kind === 'unknown') return `${head} ${detail}`;
  const parent = parentOf(event, kin);
  const comm = event.comm ?? UNKNOWN_TEXT;
  const who = [
    String(event.tgid).padStart(PID),
    (parent > 0 ? String(parent) : '-').padStart(PID),
    padded(userName(event.uid), USER),
  ].join(' ');
  const depth = style.tree ? Math.min(Math.max(kin.depth, 0), DEPTH_MAX) : 0;
  const name = INDENT.repeat(depth) + comm;
  if (detail === '') return `${head} ${who} ${name}`;
  const columns = style.tree ? COMM + DEPTH_MAX * INDENT.length : COMM;
  const said = isFailure(event) ? paint(detail, 'red') : detail;
  return `${head} ${who} ${padded(name, columns)} ${said}`;
}

export function lossLine(
  event: Extract<ProcEvent, { readonly kind: 'lost' }>,
  { clock, paint }: LineStyle,
): string {
  const time = clock.local(event.timestampNs ?? process.hrtime.bigint());
  return `${paint(time, 'dim')} ${kindText('lost', paint)} ${paint(lossText(event), 'red')}`;
}

/** As the kernel tells it with the event, else as it was when the process was made. */
export function parentOf(
  event: Exclude<ProcEvent, { readonly kind: 'lost' | 'unknown' }>,
  kin: Kin,
): number {
  const told = 'parentTgid' in event && !isOfThread(event) ? event.parentTgid : 0;
  return told > 0 ? told : kin.parent;
}

function kindText(kind: ProcEvent['kind'], paint: Paint): string {
  return paint(kind.padEnd(KIND), ...COLOURS[kind]);
}
