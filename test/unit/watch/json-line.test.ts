// The JSON lines: other people's programs read these names.
import { expect, test } from 'vitest';
import { WallClock } from '../../../src/watch/clock.ts';
import { eventJson, lossJson } from '../../../src/watch/json-line.ts';
import type { Kin } from '../../../src/watch/relatives.ts';
import * as sample from './sample-events.ts';

const KIN: Kin = {
  parent: 1200,
  bornNs: 1_500_000_000n,
  comm: 'bash',
  coreWritten: false,
  depth: 0,
};
const style = {
  clock: new WallClock(() => ({
    unixMs: Date.UTC(2026, 10, 25, 7, 8, 9),
    monotonicNs: 2_000_000_000n,
  })),
  userName: (uid: number) => (uid === 1000 ? 'alice' : undefined),
};
const parsed = (event: Parameters<typeof eventJson>[0], kin: Kin = KIN): unknown =>
  JSON.parse(eventJson(event, kin, style));

const HEAD = { time: '2026-11-25T07:08:09.000000Z', timestamp_ns: '2000000000', cpu: 1, seq: 7 };
const WHO = {
  pid: 4242,
  tgid: 4242,
  thread: false,
  ppid: 1200,
  comm: 'bash',
  uid: 1000,
  user: 'alice',
};
const PARENT = { parent_pid: 1200, parent_tgid: 1200 };
const ENDED = {
  ...PARENT,
  exit_code: 0,
  exit_status: 0,
  signal: null,
  core_written: false,
  ends_process: true,
  lifetime_seconds: 0.5,
};

test.each([
  [sample.fork(), PARENT],
  [sample.exec(), {}],
  [sample.uid(), { ruid: 1000, euid: 1000 }],
  [sample.gid(), { rgid: 100, egid: 0 }],
  [sample.sid(), {}],
  [sample.ptrace(), { tracer_pid: 99, tracer_tgid: 99 }],
  [sample.comm(), {}],
  [sample.coredump(), PARENT],
  [sample.exit(), ENDED],
  [
    sample.killed({ coreWritten: true, exitCode: 139 }),
    { ...ENDED, exit_code: 139, exit_status: null, signal: 'SIGSEGV', core_written: true },
  ],
])('$kind has these fields and no other', (event, fields) => {
  expect(parsed(event)).toStrictEqual({ ...HEAD, kind: event.kind, ...WHO, ...fields });
});

test('a loss and an unknown kind have theirs', () => {
  expect(JSON.parse(lossJson(sample.lost({ cpu: 3, seq: 9 }), style))).toStrictEqual({
    ...HEAD,
    kind: 'lost',
    cpu: 3,
    seq: 9,
    count: 1234,
    stage: 'ring',
  });
  expect(JSON.parse(lossJson(sample.lost(), style))).toMatchObject({ cpu: null, seq: null });
  expect(parsed(sample.unknown())).toStrictEqual({
    ...HEAD,
    kind: 'unknown',
    what: 0x400,
    data: '0102ff',
  });
});

test('what is not known is null', () => {
  const event = sample.exit({
    comm: undefined,
    uid: undefined,
    parentPid: 0,
    parentTgid: 0,
  });
  expect(parsed(event, { ...KIN, parent: 0, bornNs: undefined })).toMatchObject({
    ppid: null,
    comm: null,
    uid: null,
    user: null,
    lifetime_seconds: null,
  });
  expect(parsed(sample.exec({ uid: 7 }))).toMatchObject({ uid: 7, user: null });
});

test('the end of a task that is not its process’s has no lifetime, also that of the first', () => {
  const ends = { ends_process: false, lifetime_seconds: null };
  expect(parsed(sample.exit({ endsProcess: false }))).toMatchObject({ thread: false, ...ends });
  const last = sample.exit({ pid: 4243, isThread: true, endsProcess: true });
  expect(parsed(last)).toMatchObject({ thread: true, ends_process: true, lifetime_seconds: 0.5 });
  const wrote = { ...KIN, coreWritten: true };
  expect(parsed(last, wrote)).toMatchObject({ core_written: true });
  expect(parsed(sample.exit({ endsProcess: false }), wrote)).toMatchObject({ core_written: false });
});

test('a time stamp keeps all its digits', () => {
  const timestampNs = 9_007_199_254_740_993n;
  expect(parsed(sample.exec({ timestampNs }))).toMatchObject({
    timestamp_ns: '9007199254740993',
  });
});

test('the ancestors are told where a tree is wanted', () => {
  const text = eventJson(sample.exec(), KIN, style, [
    { pid: 10, comm: 'bash' },
    { pid: 1, comm: undefined },
  ]);
  expect(JSON.parse(text)).toMatchObject({
    ancestors: [
      { pid: 10, comm: 'bash' },
      { pid: 1, comm: null },
    ],
  });
});
