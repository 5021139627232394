import { expect, test } from 'vitest';
import { leader, thread } from '../attribution/feed.ts';
import { Narration } from './narration.ts';

const SIGSEGV = 11;
const SIGABRT = 6;
const CORE = 0x80;

function host(): Narration {
  const narration = new Narration();
  const { feed } = narration;
  feed.proc(1, { comm: 'init', uid: 0, parent: 0, cgroup: '0::/init.scope\n' });
  feed.proc(60, { comm: 'bash', uid: 1000, parent: 1, cgroup: '0::/shell\n' });
  feed.uid(leader(1), 0);
  feed.now = 1e9;
  feed.fork(leader(100), leader(60));
  feed.exec(leader(100), 'worker');
  return narration;
}

const WHO = { pid: 100, comm: 'worker', uid: 1000 };
const ANCESTORS = [
  { pid: 60, comm: 'bash' },
  { pid: 1, comm: 'init' },
];

test('a core dump is a line when the process has ended, with its cgroup as of the crash', () => {
  const narration = host();
  const { feed, lines } = narration;
  feed.proc(100, { comm: 'worker', uid: 1000, cgroup: '0::/app\\evil\u0001\n' });
  feed.coredump(leader(100));
  feed.proc(100);
  expect(lines).toEqual([]);
  feed.exit(leader(100), SIGSEGV | CORE);
  expect(lines).toEqual([
    {
      msg: 'core dump',
      ...WHO,
      ancestors: ANCESTORS,
      cgroup: String.raw`/app\x5cevil\x01`,
      signal: 'SIGSEGV',
      coreWritten: true,
    },
  ]);
});

test('whose cgroup is gone has the nearest ancestor that can be read, and says so', () => {
  const { feed, lines } = host();
  feed.coredump(leader(100));
  feed.exit(leader(100), SIGABRT);
  expect(lines).toMatchObject([
    { signal: 'SIGABRT', coreWritten: false, cgroup: '/shell', cgroupOf: 60 },
  ]);
});

test('a hierarchy of systemd alone names the cgroup where the unified one does not', () => {
  const { feed, lines } = host();
  feed.proc(100, {
    comm: 'worker',
    uid: 1000,
    cgroup: '9:memory:/m\n1:name=systemd:/system.slice/a:b.service\n0::/\n',
  });
  feed.coredump(leader(100));
  feed.exit(leader(100), SIGABRT);
  expect(lines[0]).toMatchObject({ cgroup: '/system.slice/a:b.service' });
  expect(lines[0]).not.toHaveProperty('cgroupOf');
});

test('the thread that dumped says that a core was written, not the last to end', () => {
  const { feed, lines } = host();
  feed.fork(thread(101, 100), leader(60));
  feed.coredump(thread(101, 100));
  feed.coredump(leader(100));
  feed.exit(thread(101, 100), SIGSEGV | CORE);
  expect(lines).toEqual([]);
  feed.exit(leader(100), SIGSEGV);
  expect(lines).toMatchObject([{ ...WHO, coreWritten: true, signal: 'SIGSEGV' }]);
});

test('a crash whose end is lost is a line once its number is given out again', () => {
  const { feed, lines } = host();
  feed.coredump(leader(100));
  feed.lost();
  feed.fork(leader(100), leader(60));
  expect(lines).toMatchObject([{ ...WHO, signal: null, coreWritten: null }]);
});

test('a crash whose end is lost is a line once /proc no longer shows it', async () => {
  const { feed, lines } = host();
  feed.coredump(leader(100));
  feed.lost();
  await feed.attribution.rescan(() => Promise.resolve());
  expect(lines).toMatchObject([{ ...WHO, signal: null, coreWritten: null }]);
});

test('at most one line a second, the others are counted, and the uid of a stranger may be unknown', () => {
  const narration = host();
  const { feed, lines } = narration;
  const crash = (tgid: number): void => {
    feed.fork(leader(tgid), leader(60));
    feed.coredump(leader(tgid));
    feed.exit(leader(tgid), SIGABRT);
  };
  for (let i = 0; i < 300; i++) crash(1000 + i);
  expect(lines).toHaveLength(1);
  expect(narration.narrator.suppressedLines).toBe(299);
  feed.now += 1e9;
  feed.coredump(leader(77));
  feed.exit(leader(77), SIGABRT);
  expect(lines[1]).toMatchObject({ pid: 77, comm: '<unknown>', uid: '<unknown>', cgroup: null });
});

test('crashes whose ends never come are not waited for without bound', () => {
  const narration = host();
  const { feed } = narration;
  for (let i = 0; i < 3000; i++) {
    feed.fork(leader(1000 + i), leader(60));
    feed.coredump(leader(1000 + i));
  }
  expect(narration.narrator.suppressedLines + narration.lines.length).toBe(3000 - 1024);
});
