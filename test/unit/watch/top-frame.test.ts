// The live table on screens of any size: no line is wider than the screen, none is lost, none too many.
import { expect, test } from 'vitest';
import { width } from '../../../src/watch/cells.ts';
import { COLOURED, PLAIN } from '../../../src/watch/paint.ts';
import { frameLines, screenLines, type Frame } from '../../../src/watch/top-frame.ts';
import type { Row } from '../../../src/watch/top-table.ts';

const ZEROS = { forks: 0, execs: 0, exits: 0, failures: 0, coredumps: 0 };
const row = (some: Partial<Row> = {}): Row => ({
  comm: 'bash',
  uid: 1000,
  user: 'alice',
  perSecond: { ...ZEROS, forks: 12.4, execs: 3.25 },
  total: { ...ZEROS, failures: 1234 },
  ...some,
});
const frame: Frame = {
  time: '07:08:09',
  eventsPerSecond: 1234.5,
  lost: 0,
  losses: 'none lost',
  size: 2,
  rows: [
    row(),
    row({ comm: String.raw`\x1b[31m\x07日本語語語語語`, user: 'a-very-long-user-name' }),
  ],
  sort: 'execs',
  reversed: false,
};

test('has title, head and rows', () => {
  expect(frameLines(frame, 120, PLAIN).join('\n')).toBe(`\
procevents 07:08:09   1,235 events/s   none lost   2 pairs

COMM               USER           FORKS/s  EXECS/s▼   EXITS/s    FAILED    CORES
bash               alice               12       3.3         0     1,234        0
\\x1b[31m\\x07日本…  a-very-long…        12       3.3         0     1,234        0`);
});

test.each([
  [80, 24],
  [40, 5],
  [200, 60],
  [10, 3],
  [1, 1],
])('fits a screen of %i columns and %i rows', (columns, rows) => {
  const many = { ...frame, rows: Array.from({ length: rows }, () => row()) };
  const lines = screenLines(many, { columns, rows, paint: PLAIN });
  expect(lines).toHaveLength(rows);
  for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
});

test('says by which column it is sorted, and which way', () => {
  const head = (some: Partial<Frame>): string =>
    frameLines({ ...frame, ...some }, 120, PLAIN)[2] ?? '';
  expect(head({})).toContain('EXECS/s▼');
  expect(head({ reversed: true })).toContain('EXECS/s▲');
  expect(head({ sort: 'comm' })).toContain('COMM▲');
});

test('paints crashes and failures, and leaves the words as they are', () => {
  const crashed = row({ total: { ...ZEROS, coredumps: 1 } });
  const failing = row({ perSecond: { ...ZEROS, failures: 1 } });
  const painted = frameLines({ ...frame, rows: [crashed, failing] }, 120, COLOURED);
  expect(painted[3]?.startsWith('\u001b[35m')).toBe(true);
  expect(painted[4]?.startsWith('\u001b[31m')).toBe(true);
});
