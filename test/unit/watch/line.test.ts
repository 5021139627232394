// Lines for people: aligned, whatever the names are, and with what matters of each kind.
import { expect, test } from 'vitest';
import { WallClock } from '../../../src/watch/clock.ts';
import { eventLine, headerLine, lossLine, type LineStyle } from '../../../src/watch/line.ts';
import { COLOURED, PLAIN } from '../../../src/watch/paint.ts';
import type { Kin } from '../../../src/watch/relatives.ts';
import * as sample from './sample-events.ts';

const KIN: Kin = {
  parent: 1200,
  bornNs: 1_500_000_000n,
  comm: 'bash',
  coreWritten: false,
  depth: 0,
};
const clock = new WallClock(() => ({
  unixMs: new Date(2026, 10, 25, 7, 8, 9).getTime(),
  monotonicNs: 2_000_000_000n,
}));
const style: LineStyle = {
  clock,
  paint: PLAIN,
  tree: false,
  userName: (uid) => (uid === 1000 ? 'alice' : String(uid)),
};
const line = (event: Parameters<typeof eventLine>[0], kin: Kin = KIN, other = style): string =>
  eventLine(event, kin, other);

test('each kind has its line', () => {
  const text = [
    headerLine(style),
    line(sample.fork()),
    line(sample.fork({ pid: 4243, isThread: true, parentTgid: 7 })),
    line(sample.exec({ comm: 'ls' })),
    line(sample.uid({ uid: 0, ruid: 0, euid: 0 })),
    line(sample.uid({ euid: 0 })),
    line(sample.gid()),
    line(sample.sid()),
    line(sample.ptrace()),
    line(sample.ptrace({ tracerPid: 0, tracerTgid: 0 })),
    line(sample.comm({ comm: 'renamed' })),
    line(sample.comm({ comm: 'worker', pid: 4243, isThread: true })),
    line(sample.coredump()),
    line(sample.exit()),
    line(sample.exit({ exitStatus: 3 }), { ...KIN, bornNs: undefined }),
    line(sample.killed()),
    line(sample.killed({ coreWritten: true })),
    line(sample.exit({ pid: 4243, isThread: true })),
    line(sample.exit({ endsProcess: false })),
    line(sample.exit({ pid: 4243, isThread: true, exitStatus: 9, endsProcess: true })),
    line(sample.coredump({ pid: 4243, isThread: true })),
    line(sample.unknown()),
    lossLine(sample.lost(), style),
    lossLine(sample.lost({ count: 1, stage: 'socket', cpu: 3 }), style),
  ];
  expect(text.join('\n')).toBe(`\
TIME         KIND         PID    PPID USER       COMM            WHAT
07:08:09.000 fork        4242    1200 alice      bash
07:08:09.000 fork        4242    1200 alice      bash            thread 4243
07:08:09.000 exec        4242    1200 alice      ls
07:08:09.000 uid         4242    1200 0          bash            now 0
07:08:09.000 uid         4242    1200 alice      bash            now alice, effective 0
07:08:09.000 gid         4242    1200 alice      bash            now 100, effective 0
07:08:09.000 sid         4242    1200 alice      bash            new session
07:08:09.000 ptrace      4242    1200 alice      bash            traced by 99
07:08:09.000 ptrace      4242    1200 alice      bash            no longer traced
07:08:09.000 comm        4242    1200 alice      renamed         new name
07:08:09.000 comm        4242    1200 alice      worker          thread 4243: new name
07:08:09.000 coredump    4242    1200 alice      bash            dumps core
07:08:09.000 exit        4242    1200 alice      bash            0 after 500ms
07:08:09.000 exit        4242    1200 alice      bash            3
07:08:09.000 exit        4242    1200 alice      bash            SIGSEGV after 500ms
07:08:09.000 exit        4242    1200 alice      bash            SIGSEGV, core written, after 500ms
07:08:09.000 exit        4242    1200 alice      bash            thread 4243: 0
07:08:09.000 exit        4242    1200 alice      bash            thread 4242: 0
07:08:09.000 exit        4242    1200 alice      bash            9 after 500ms
07:08:09.000 coredump    4242    1200 alice      bash            thread 4243: dumps core
07:08:09.000 unknown  kind 0x400
07:08:09.000 lost     1,234 events: the output was too slow
07:08:09.000 lost     1 event of CPU 3: the socket's queue was full`);
});

test('what is not known is said', () => {
  const text = line(
    sample.exec({ comm: undefined, uid: undefined }),
    { ...KIN, parent: 0 },
    {
      ...style,
      userName: () => '<unknown>',
    },
  );
  expect(text).toBe('07:08:09.000 exec        4242       - <unknown>  <unknown>');
});

test('wide names leave the columns where they are', () => {
  const at = (comm: string): number => {
    const text = line(sample.exit({ comm }));
    return text.indexOf('0 after');
  };
  // Five characters of two columns each are five characters shorter.
  expect(at('日本語です')).toBe(at('bash') - 5);
  expect(at('e\u0301')).toBe(at('bash') + 1);
});

test('a tree indents the name and nothing else, and no deeper than its column', () => {
  const tree = { ...style, tree: true };
  const text = (depth: number) => line(sample.exit(), { ...KIN, depth }, tree);
  expect(text(0)).toBe(
    '07:08:09.000 exit        4242    1200 alice      bash                            0 after 500ms',
  );
  expect(text(2)).toBe(
    '07:08:09.000 exit        4242    1200 alice          bash                        0 after 500ms',
  );
  expect(text(99)).toBe(text(8));
  expect(headerLine(tree).indexOf('WHAT')).toBe(text(3).indexOf('0 after'));
});

test('the kernel’s own word of the parent counts before the one from birth', () => {
  expect(line(sample.exit({ parentTgid: 1, parentPid: 1 }))).toContain(' 4242       1 ');
  expect(line(sample.exit({ parentTgid: 0, parentPid: 0 }))).toContain(' 4242    1200 ');
});

test('colours are around the words, and change no column', () => {
  const painted = line(sample.killed(), KIN, { ...style, paint: COLOURED });
  expect(painted).toContain('\u001b[31mSIGSEGV after 500ms\u001b[39m');
  // oxlint-disable-next-line no-control-regex -- that is what they are
  expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(line(sample.killed()));
});
