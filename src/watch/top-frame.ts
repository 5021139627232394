// Watch: the live table as lines. Rows and what stands above them in; lines of at most so many columns out.
import { cut, padded, paddedLeft } from './cells.ts';
import { countText, plural, rateText } from './amounts.ts';
import type { Paint } from './paint.ts';
import type { Row, SortColumn } from './top-table.ts';

interface Column {
  readonly name: SortColumn;
  readonly title: string;
  readonly cells: number;
  /** Of a row; text stands left, numbers right. */
  readonly text: (row: Row) => string;
  readonly isText?: boolean;
}

const COLUMNS: readonly Column[] = [
  // Room for the kernel's fifteen bytes; escaped ones may be longer.
  { name: 'comm', title: 'COMM', cells: 18, text: ({ comm }) => comm, isText: true },
  { name: 'user', title: 'USER', cells: 12, text: ({ user }) => user, isText: true },
  { name: 'forks', title: 'FORKS/s', cells: 9, text: (row) => rateText(row.perSecond.forks) },
  { name: 'execs', title: 'EXECS/s', cells: 9, text: (row) => rateText(row.perSecond.execs) },
  { name: 'exits', title: 'EXITS/s', cells: 9, text: (row) => rateText(row.perSecond.exits) },
  { name: 'failures', title: 'FAILED', cells: 9, text: (row) => countText(row.total.failures) },
  { name: 'coredumps', title: 'CORES', cells: 8, text: (row) => countText(row.total.coredumps) },
];

export const KEYS_TEXT =
  'sort by f forks  e execs  x exits  a failed  d cores  c comm  u user    r reverse  q quit';
/** Above and below the rows: title, empty line, head, and the keys. */
export const FRAME_LINES = 4;

export interface Frame {
  readonly time: string;
  readonly eventsPerSecond: number;
  /** Events, so far. */
  readonly lost: number;
  readonly losses: string;
  /** Pairs of comm and user there are. */
  readonly size: number;
  readonly rows: readonly Row[];
  readonly sort: SortColumn;
  readonly reversed: boolean;
}

/** Title, empty line, head, rows. */
export function frameLines(frame: Frame, columns: number, paint: Paint): string[] {
  const title = [
    `procevents ${frame.time}`,
    `${countText(Math.round(frame.eventsPerSecond))} events/s`,
    frame.losses,
    plural(frame.size, 'pair'),
  ].join('   ');
  const head = COLUMNS.map((column) => headText(column, frame)).join(' ');
  return [
    paint(cut(title, columns), 'bold'),
    '',
    paint(padded(cut(head, columns), Math.min(columns, 80)), 'reverse'),
    ...frame.rows.map((row) => rowLine(row, columns, paint)),
  ];
}

/** The whole screen: the keys stand on its last line. */
export function screenLines(
  frame: Frame,
  o: { readonly columns: number; readonly rows: number; readonly paint: Paint },
): string[] {
  const lines = frameLines(frame, o.columns, o.paint).slice(0, Math.max(0, o.rows - 1));
  while (lines.length < o.rows - 1) lines.push('');
  return [...lines, o.paint(cut(KEYS_TEXT, o.columns), 'dim')];
}

function headText({ name, title, cells, isText }: Column, { sort, reversed }: Frame): string {
  // Names are sorted upwards, numbers downwards.
  const upwards = (isText === true) !== reversed;
  const marked = name === sort ? `${title}${upwards ? '▲' : '▼'}` : title;
  return isText === true ? padded(marked, cells) : paddedLeft(marked, cells);
}

function rowLine(row: Row, columns: number, paint: Paint): string {
  const parts = COLUMNS.map(({ text, cells, isText }) => {
    const shown = cut(text(row), cells);
    return isText === true ? padded(shown, cells) : paddedLeft(shown, cells);
  });
  const line = cut(parts.join(' ').trimEnd(), columns);
  if (row.total.coredumps > 0) return paint(line, 'magenta');
  if (row.perSecond.failures > 0) return paint(line, 'red');
  const { forks, execs, exits } = row.perSecond;
  return forks + execs + exits === 0 ? paint(line, 'dim') : line;
}
