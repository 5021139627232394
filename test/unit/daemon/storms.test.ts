import { expect, test } from 'vitest';
import { leader } from '../attribution/feed.ts';
import { Narration } from './narration.ts';

const FOREVER = 3600;

/** 1 init, 50 sshd, 60 bash, 100 busy, 101 lazy, with cgroups. */
function host(threshold?: number): Narration {
  const narration = new Narration(threshold);
  const { feed } = narration;
  feed.proc(1, { comm: 'init', uid: 0, parent: 0, cgroup: '0::/init.scope\n' });
  feed.proc(50, { comm: 'sshd', uid: 0, parent: 1 });
  feed.proc(60, { comm: 'bash', uid: 1000, parent: 50 });
  feed.proc(100, { comm: 'busy', uid: 1000, parent: 60, cgroup: '0::/user.slice/busy\n' });
  feed.proc(101, { comm: 'lazy', uid: 1001, parent: 1 });
  for (const tgid of [1, 50, 60, 100, 101]) feed.uid(leader(tgid), tgid < 60 ? 0 : 1000);
  return narration;
}

test('a storm is one line, when it has ended, with who did it and what came between', () => {
  const narration = host();
  narration.create(7, { 100: 30 }); // before it
  narration.create(10, { 100: 120, 101: 3 });
  narration.create(11, { 101: 40 }); // a quiet second between
  narration.create(12, { 100: 100 });
  narration.create(13, { 101: 70 }); // after it
  narration.close(11, { first: 10, last: 10, seconds: 1, open: true });
  const storm = { first: 10, last: 12, seconds: 2, peak: 123, created: 263 };
  narration.close(12, { ...storm, open: true });
  narration.close(21, { ...storm, open: true });
  expect(narration.lines).toEqual([]);
  narration.close(22, { ...storm, open: false });
  narration.close(23, { ...storm, open: false });
  const init = { pid: 1, comm: 'init' };
  expect(narration.lines).toEqual([
    {
      msg: 'fork storm',
      start: '2020-01-01T00:00:10.000Z',
      end: '2020-01-01T00:00:13.000Z',
      seconds: 2,
      peakPerSecond: 123,
      created: 263,
      creators: [
        {
          pid: 100,
          comm: 'busy',
          uid: 1000,
          ancestors: [{ pid: 60, comm: 'bash' }, { pid: 50, comm: 'sshd' }, init],
          cgroup: '/user.slice/busy',
          created: 220,
        },
        {
          pid: 101,
          comm: 'lazy',
          uid: 1000,
          ancestors: [init],
          cgroup: '/init.scope',
          cgroupOf: 1,
          created: 43,
        },
      ],
    },
  ]);
});

test('a creator that is gone before the second closes is who it was', () => {
  const narration = host();
  narration.create(10, { 100: 150 });
  narration.feed.exit(leader(100));
  narration.feed.proc(100);
  narration.close(10, { first: 10, last: 10, seconds: 1, open: true });
  narration.close(20, { first: 10, last: 10, seconds: 1, open: false });
  expect(narration.lines[0]).toMatchObject({
    creators: [{ comm: 'busy', cgroup: '/user.slice/busy', created: 150 }],
  });
});

test('another process under the same number is another creator', () => {
  const narration = host();
  narration.create(10, { 100: 150 });
  narration.feed.exit(leader(100));
  narration.feed.fork(leader(100), leader(60));
  narration.feed.exec(leader(100), 'other');
  narration.create(10, { 100: 20 });
  narration.close(20, { first: 10, last: 10, seconds: 1, open: false });
  expect(narration.lines[0]).toMatchObject({
    creators: [
      { pid: 100, comm: 'busy', created: 150 },
      { pid: 100, comm: 'other', created: 20 },
      { pid: 60, comm: 'bash', created: 1 },
    ],
  });
});

test('a parent that is younger than its child is not its ancestor', () => {
  const narration = host();
  const { feed } = narration;
  feed.now = 1e9;
  feed.fork(leader(200), leader(60));
  feed.now = 2e9;
  feed.fork(leader(201), leader(200));
  feed.exit(leader(200));
  feed.now = 3e9;
  feed.fork(leader(200), leader(1));
  narration.create(10, { 201: 150 });
  narration.close(20, { first: 10, last: 10, seconds: 1, open: false });
  expect(narration.lines[0]).toMatchObject({ creators: [{ pid: 201, ancestors: [] }] });
});

test('at most four ancestors', () => {
  const narration = host();
  let parent = 100;
  for (const tgid of [300, 301, 302]) {
    narration.feed.fork(leader(tgid), leader(parent));
    parent = tgid;
  }
  narration.create(10, { 302: 150 });
  narration.close(20, { first: 10, last: 10, seconds: 1, open: false });
  const ancestors = [301, 300, 100, 60].map((pid) => expect.objectContaining({ pid }) as unknown);
  expect(narration.lines[0]).toMatchObject({ creators: [{ pid: 302, ancestors }] });
});

test('a fork bomb of many small creators hides no busy one, and names whom it names rightly', () => {
  const narration = host(2000);
  const { feed } = narration;
  let last = 100;
  for (let i = 0; i < 5000; i++) {
    feed.now = 10e9 + i * 1e5;
    const tgid = 200_000 + i;
    feed.fork(leader(tgid), leader(last));
    if (i % 5 === 0) feed.fork(leader(300_000 + i), leader(101));
    if (i % 2 === 0) last = tgid;
  }
  narration.close(20, { first: 10, last: 10, seconds: 1, open: false });
  const creators = narration.lines[0]!['creators'] as {
    pid: number;
    comm: string;
    uid: number;
    created: number;
    ancestors: { pid: number }[];
  }[];
  expect(creators).toHaveLength(5);
  expect(creators[0]).toMatchObject({ pid: 101, comm: 'lazy' });
  // Space-Saving: what it may have from others is left out, and is at most the 128th part.
  expect(creators[0]!.created).toBeGreaterThan(1000 - 6000 / 128);
  expect(creators[0]!.created).toBeLessThanOrEqual(1000);
  for (const { pid, comm, uid, created, ancestors } of creators.slice(1)) {
    expect({ comm, uid }).toEqual({ comm: 'busy', uid: 1000 });
    expect(created).toBeLessThanOrEqual(2);
    expect(ancestors[0]?.pid).toBe(pid - 2);
  }
});

test('a storm that goes on when the daemon stops is told of, and so is one that is not closed yet', () => {
  const narration = host();
  narration.create(10, { 100: 150 });
  narration.close(11, { first: 10, last: 10, seconds: 1, open: true });
  narration.narrator.stop(narration.figures);
  narration.narrator.stop(narration.figures);
  expect(narration.lines).toMatchObject([
    { msg: 'fork storm', goesOn: true, creators: [{ created: 150 }] },
  ]);
});

test('storms that came and went while the main thread was held up are counted', () => {
  const narration = host();
  narration.create(10, { 100: 150 });
  narration.close(11, { first: 10, last: 10, seconds: 1, open: true });
  narration.create(FOREVER, { 101: 150 });
  const newest = { first: FOREVER, last: FOREVER, seconds: 1, storms: 4, total: 5, open: false };
  narration.feed.now = (FOREVER + 20) * 1e9;
  narration.close(FOREVER + 10, newest);
  // The first is told of with what was known, the newest is its line's second neighbour, two were never seen.
  expect(narration.lines).toMatchObject([{ creators: [{ pid: 100, created: 150 }] }]);
  expect(narration.lines).toHaveLength(1);
  expect(narration.narrator.suppressedLines).toBe(3);
});

test('a host that never storms keeps nothing and says nothing', () => {
  const narration = host();
  for (let second = 10; second < 100; second++) {
    narration.create(second, { 100: 20, 101: 20 });
    if (second % 7 === 0) narration.close(second - 2);
  }
  narration.narrator.stop(narration.figures);
  expect(narration.lines).toEqual([]);
});
