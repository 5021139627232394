import { describe, expect, test } from 'vitest';
import { Feed, leader, thread } from './feed.ts';

const SHELL = leader(100);
const MS = 1e6;

function withShell(): Feed {
  const feed = new Feed();
  feed.proc(100, { comm: 'shell', uid: 1000 });
  feed.fork(leader(200), SHELL);
  feed.take();
  return feed;
}

/** 100 ms and a little later, with all events from before seen. */
function later(feed: Feed): void {
  feed.now += 101 * MS;
  feed.attribution.settle(feed.now);
}

describe('an exec that perf has not named', () => {
  test('is pending, then has the name that /proc said', () => {
    const feed = withShell();
    feed.execRead(leader(200), 'cat');
    feed.attribution.settle(feed.now + 99 * MS);
    expect([feed.take(), feed.attribution.pendingExecs]).toEqual([[], 1]);
    later(feed);
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['exec cat/1000', 'exit 0 cat/1000']);
    expect(feed.attribution.pendingExecs).toBe(0);
  });

  test('is unknown when another exec, a rename, an end or a loss follows within 100 ms', () => {
    const followed: ((feed: Feed) => void)[] = [
      (feed) => feed.exec(leader(200), 'next'),
      (feed) => feed.execRead(leader(200), 'next'),
      (feed) => feed.comm(leader(200), 'next'),
      (feed) => feed.exit(leader(200)),
      (feed) => feed.fork(leader(200), SHELL),
      (feed) => feed.lost(),
    ];
    for (const follow of followed) {
      const feed = withShell();
      feed.execRead(leader(200), 'cat');
      follow(feed);
      later(feed);
      expect(feed.take()).toContain('exec <unknown>/1000');
    }
  });

  test('is named by the exit record when it was the last', () => {
    const feed = withShell();
    feed.execRead(leader(200));
    feed.exit(leader(200), 0, { comm: 'true', uid: 1000 });
    expect(feed.take()).toEqual(['exec true/1000', 'exit 0 true/1000']);
  });

  test('that a signal ended is named by the exit record only if /proc had said the same', () => {
    // A later exec that fails past the point of no return renames the process and sends no event.
    const feed = withShell();
    feed.execRead(leader(200), 'good');
    feed.exit(leader(200), 9, { comm: 'bad', uid: 1000 });
    feed.fork(leader(200), SHELL);
    feed.execRead(leader(200), 'good');
    feed.exit(leader(200), 11, { comm: 'good', uid: 1000 });
    expect(feed.take()).toEqual([
      'exec <unknown>/1000',
      'exit 9 bad/1000',
      'fork shell/1000',
      'exec good/1000',
      'exit 11 good/1000',
    ]);
  });

  test("is not named by a thread's exit record", () => {
    const feed = withShell();
    feed.execRead(leader(200));
    feed.fork(thread(201, 200), SHELL);
    feed.exit(thread(201, 200), 0, { comm: 'worker', uid: 1000 });
    expect(feed.take()).toEqual(['thread <unknown>/1000', 'thread exit']);
    feed.exit(leader(200), 0, { comm: 'server', uid: 1000 });
    expect(feed.take()).toEqual(['exec server/1000', 'exit 0 server/1000']);
  });

  test('keeps the uid that it had at that moment', () => {
    const feed = withShell();
    feed.execRead(leader(200), 'su');
    feed.uid(leader(200), 0);
    later(feed);
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['exec su/1000', 'exit 0 su/0']);
  });

  test('gives its process no name until it is settled, and then its children', () => {
    const feed = withShell();
    feed.execRead(leader(200), 'make');
    feed.fork(leader(300), leader(200));
    expect(feed.take()).toEqual(['fork <unknown>/1000']);
    later(feed);
    feed.proc(300, { comm: 'make', uid: 1000 });
    feed.fork(leader(400), leader(300));
    expect(feed.take()).toEqual(['exec make/1000', 'fork make/1000']);
  });
});

describe('exit records', () => {
  test('have the last word on who ended', () => {
    const feed = withShell();
    feed.exit(leader(200), 0, { comm: 'other', uid: 7 });
    expect(feed.take()).toEqual(['exit 0 other/7']);
  });

  test('name processes that were never seen, and tell their end from that of a task', () => {
    const feed = new Feed();
    feed.exit(leader(300), 9, { comm: 'old', uid: 5, last: true });
    feed.exit(leader(301), 0, { comm: 'led', uid: 5, last: false });
    feed.exit(leader(302), 0, { comm: 'v8', uid: 5 });
    feed.exit(thread(304, 303), 0, { comm: 'worker', uid: 5, last: false });
    feed.exit(thread(305, 303), 0, { comm: 'worker', uid: 5, last: true });
    expect(feed.take()).toEqual([
      'exit 9 old/5',
      'thread exit',
      'exit 0 v8/5',
      'thread exit',
      'exit 0 <unknown>/<unknown>',
    ]);
  });

  test("give threads' CPU time to their process, and long times their size", () => {
    const feed = withShell();
    feed.fork(thread(201, 200), SHELL);
    feed.take();
    feed.exit(thread(201, 200), 0, { comm: 'worker', uid: 3, user: 4000, system: 8000 });
    const long = { comm: 'shell', uid: 1000, user: 2 ** 40, system: 2 ** 20 };
    feed.exit(leader(200), 0, long);
    expect(feed.take()).toEqual([
      'cpu 4000 8000 shell/1000',
      'thread exit',
      `cpu ${2 ** 40} ${2 ** 20} shell/1000`,
      'exit 0 shell/1000',
    ]);
  });

  test('of a leader that ends first name its process when that ends', () => {
    const feed = withShell();
    feed.fork(thread(201, 200), SHELL);
    feed.take();
    feed.exit(leader(200), 0, { comm: 'renamed', uid: 1000 });
    feed.exit(thread(201, 200), 0, { comm: 'worker', uid: 1 });
    expect(feed.take()).toEqual(['thread exit', 'exit 0 renamed/1000']);
  });
});

test('a lifetime runs from fork to end by the kernel time stamps, of processes seen born', () => {
  const feed = new Feed();
  feed.now = 2 ** 33;
  feed.proc(100, { comm: 'shell', uid: 0 });
  feed.fork(leader(200), SHELL);
  feed.now += 1500 * MS;
  feed.exit(leader(200));
  feed.exit(SHELL);
  expect(feed.take().slice(1)).toEqual(['exit 0 shell/0', 'lived 1.5', 'exit 0 shell/0']);
});

describe('a rescan', () => {
  test('lets go what has ended unseen, takes in what was born unseen, verifies and counts anew', async () => {
    const feed = withShell();
    feed.fork(leader(300), SHELL);
    feed.fork(thread(301, 300), SHELL);
    feed.take();
    feed.lost();
    feed.proc(300, { comm: 'execed', uid: 2, tids: [300, 302, 303] });
    feed.proc(400, { comm: 'new', uid: 9 });
    await feed.attribution.rescan(async () => {});
    const { processes, tasks } = feed.attribution;
    expect({ processes, tasks }).toEqual({ processes: 3, tasks: 1 + 3 + 1 });
    feed.proc(300);
    feed.fork(leader(500), leader(300));
    feed.exit(leader(400));
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['fork execed/2', 'exit 0 new/9', 'exit 0 <unknown>/<unknown>']);
  });

  test('finds a task again whose tid had ended before the loss', async () => {
    const feed = withShell();
    feed.lost();
    feed.exit(leader(200));
    feed.lost();
    feed.proc(200, { comm: 'reborn', uid: 3 });
    await feed.attribution.rescan(async () => {});
    expect(feed.attribution.processes).toBe(2);
  });

  test('keeps what is born, and forgets what ends, while it runs', async () => {
    const feed = withShell();
    feed.lost();
    feed.proc(200, { comm: 'shell', uid: 1000 });
    feed.proc(300, { comm: 'ends', uid: 1000 });
    await feed.attribution.rescan(async () => {
      feed.fork(leader(600), SHELL);
      feed.exit(leader(300));
      feed.exit(leader(200));
    });
    const { processes, tasks } = feed.attribution;
    expect({ processes, tasks }).toEqual({ processes: 2, tasks: 2 });
  });
});
