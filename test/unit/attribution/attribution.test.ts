import { describe, expect, test } from 'vitest';
import { Feed, leader, thread } from './feed.ts';

const SHELL = leader(100);

function withShell(limit?: number): Feed {
  const feed = new Feed(limit);
  feed.proc(100, { comm: 'shell', uid: 1000 });
  return feed;
}

describe('processes', () => {
  test('a child inherits comm and uid, an exec changes the comm, an exit belongs to the last name', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.exec(leader(200), 'cat');
    feed.exit(leader(200), 3 << 8);
    expect(feed.take()).toEqual(['fork shell/1000', 'exec cat/1000', 'exit 768 cat/1000']);
  });

  test('a set-uid exec is counted under the uid that it got before', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.uid(leader(200), 0);
    feed.exec(leader(200), 'sudo');
    expect(feed.take()).toEqual(['fork shell/1000', 'exec sudo/0']);
  });

  test('a rename moves what follows, not what was', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.comm(SHELL, 'renamed');
    feed.fork(leader(201), SHELL);
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['fork shell/1000', 'fork renamed/1000', 'exit 0 shell/1000']);
  });

  test('a fork of a tgid that is thought alive ends the old one', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.fork(thread(201, 200), SHELL);
    feed.coredump(leader(200));
    feed.fork(leader(200), SHELL);
    const { processes, tasks } = feed.attribution;
    expect({ processes, tasks }).toEqual({ processes: 2, tasks: 2 });
    feed.take();
    feed.coredump(leader(200));
    feed.exit(leader(200), 11);
    expect(feed.take()).toEqual(['coredump shell/1000', 'exit 11 shell/1000']);
  });

  test('a parent that nobody can name is unknown, and so is its child', () => {
    const feed = new Feed();
    feed.fork(leader(200), leader(199));
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['fork <unknown>/<unknown>', 'exit 0 <unknown>/<unknown>']);
  });

  test('a stranger that exits is named while it is a zombie', () => {
    const feed = new Feed();
    feed.proc(300, { comm: 'old', uid: 5, state: 'Z' });
    feed.exit(leader(300), 1 << 8);
    feed.exit(leader(301), 1 << 8);
    feed.exit(thread(303, 302));
    expect(feed.take()).toEqual(['exit 256 old/5', 'exit 256 <unknown>/<unknown>', 'thread exit']);
  });

  test('a new kernel thread has no name until its maker has given it one', () => {
    const feed = new Feed();
    feed.proc(2, { comm: 'kthreadd', uid: 0 });
    feed.proc(50, { comm: 'kthreadd', uid: 0 });
    feed.fork(leader(50), leader(2));
    feed.attribution.drained();
    feed.proc(50, { comm: 'kworker/3:1-very-long-name', uid: 0 });
    feed.attribution.drained();
    feed.exit(leader(50));
    feed.fork(leader(51), leader(2));
    feed.exit(leader(51));
    expect(feed.take()).toEqual([
      'fork kthreadd/0',
      'exit 0 kworker/3:1-ver/0',
      'fork kthreadd/0',
      'exit 0 <unknown>/0',
    ]);
  });

  test('a full table makes children unknown and breaks nothing', () => {
    const feed = withShell(2);
    feed.fork(leader(200), SHELL);
    feed.fork(leader(201), SHELL);
    feed.exec(leader(201), 'cat');
    feed.exit(leader(201));
    expect(feed.take()).toEqual([
      'fork shell/1000',
      'fork shell/1000',
      'exec cat/<unknown>',
      'exit 0 <unknown>/<unknown>',
    ]);
    expect(feed.attribution.processes).toBe(2);
  });
});

describe('threads', () => {
  test('a leader that exits first does not end its process; the last task gives the status', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.fork(thread(201, 200), SHELL);
    feed.exit(leader(200), 0);
    expect(feed.attribution.processes).toBe(2);
    feed.exit(thread(201, 200), 7 << 8);
    expect(feed.take()).toEqual([
      'fork shell/1000',
      'thread shell/1000',
      'thread exit',
      'exit 1792 shell/1000',
    ]);
    expect(feed.attribution.processes).toBe(1);
  });

  test('an exec from a thread leaves one task, the leader', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    for (const tid of [201, 202]) feed.fork(thread(tid, 200), SHELL);
    feed.exit(thread(202, 200));
    feed.exit(leader(200));
    feed.exec(leader(200), 'new');
    expect(feed.attribution.tasks).toBe(2);
    feed.exit(leader(200));
    expect(feed.take().slice(3)).toEqual([
      'thread exit',
      'thread exit',
      'exec new/1000',
      'exit 0 new/1000',
    ]);
  });

  test('an EXIT that another thread sends after the exec ends no process', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    for (const tid of [201, 202, 203]) feed.fork(thread(tid, 200), SHELL);
    feed.exit(thread(201, 200), 9);
    feed.exec(leader(200), 'new');
    feed.fork(thread(300, 200), SHELL);
    for (const tid of [202, 203]) feed.exit(thread(tid, 200), 9);
    expect(feed.attribution.tasks).toBe(1 + 2);
    feed.exit(thread(300, 200), 0);
    feed.exit(leader(200), 5 << 8);
    expect(feed.take().slice(4)).toEqual([
      'thread exit',
      'exec new/1000',
      'thread new/1000',
      'thread exit',
      'thread exit',
      'thread exit',
      'exit 1280 new/1000',
    ]);
    expect(feed.attribution.processes).toBe(1);
  });

  test("a thread's own name and uid are its children's, not its process's", () => {
    const feed = withShell();
    feed.fork(thread(101, 100), leader(1));
    feed.comm(thread(101, 100), 'worker');
    feed.uid(thread(101, 100), 77);
    feed.fork(leader(200), thread(101, 100));
    feed.fork(leader(201), SHELL);
    for (const tgid of [200, 201]) feed.exit(leader(tgid));
    expect(feed.take().slice(1)).toEqual([
      'fork shell/1000',
      'fork shell/1000',
      'exit 0 worker/77',
      'exit 0 shell/1000',
    ]);
  });

  test('threads keep the name that their leader gives up, and what they fork has it', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.fork(thread(201, 200), SHELL);
    feed.comm(leader(200), 'renamed');
    // Made by one or the other: only /proc knows whose name they have.
    for (const tid of [202, 203]) feed.fork(thread(tid, 200), SHELL);
    feed.proc(200, { comm: 'shell', uid: 1000, tids: [200, 202] });
    const tids = [200, 201, 202, 203];
    for (const tid of tids) feed.fork(leader(tid + 100), thread(tid, 200));
    feed.take();
    for (const tid of tids) feed.exit(leader(tid + 100));
    expect(feed.take()).toEqual([
      'exit 0 renamed/1000',
      'exit 0 shell/1000',
      'exit 0 shell/1000',
      'exit 0 <unknown>/1000',
    ]);
  });

  test('naming a thread that nobody knows names no other', async () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'server', uid: 4, tids: [100, 101, 102] });
    await feed.attribution.seed(async () => {});
    feed.proc(100);
    feed.comm(thread(101, 100), 'named');
    for (const tid of [101, 102]) feed.fork(leader(tid + 100), thread(tid, 100));
    feed.take();
    for (const tid of [101, 102]) feed.exit(leader(tid + 100));
    expect(feed.take()).toEqual(['exit 0 named/<unknown>', 'exit 0 <unknown>/<unknown>']);
  });

  test('a thread that was named before the start gives its name to its child', async () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'worker', uid: 4, tids: [100, 101] });
    await feed.attribution.seed(async () => {});
    feed.proc(100, { comm: 'named', uid: 5, tids: [100, 101] });
    feed.fork(leader(200), thread(101, 100));
    feed.take();
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['exit 0 named/5']);
  });

  test('an exec and an end make threads forget their names', () => {
    const feed = withShell();
    for (const tid of [101, 102]) {
      feed.fork(thread(tid, 100), leader(1));
      feed.comm(thread(tid, 100), 'worker');
    }
    feed.exit(thread(101, 100));
    feed.fork(leader(200), thread(101, 100));
    feed.exec(SHELL, 'fresh');
    feed.fork(leader(201), thread(102, 100));
    feed.take();
    for (const tgid of [200, 201]) feed.exit(leader(tgid));
    expect(feed.take()).toEqual(['exit 0 shell/1000', 'exit 0 fresh/1000']);
  });
});

describe('core dumps', () => {
  test('a process is counted once, whichever of its threads crash and write', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.fork(thread(201, 200), SHELL);
    feed.coredump(thread(201, 200));
    feed.coredump(leader(200));
    feed.exit(leader(200), 0x06);
    feed.exit(thread(201, 200), 0x86);
    expect(feed.take().slice(2)).toEqual([
      'coredump shell/1000',
      'duplicate coredump',
      'thread exit',
      'core written shell/1000',
      'exit 6 shell/1000',
    ]);
  });
});

describe('after a loss', () => {
  test('what was known is asked of /proc again at its next use, or is unknown', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.fork(leader(201), SHELL);
    feed.lost();
    feed.proc(200, { comm: 'execed', uid: 8 });
    feed.fork(leader(202), leader(200));
    feed.exit(leader(201));
    feed.exit(leader(202));
    expect(feed.take().slice(2)).toEqual([
      'fork execed/8',
      'exit 0 <unknown>/<unknown>',
      'exit 0 execed/8',
    ]);
  });

  test('threads that were born unseen end no process', () => {
    const feed = withShell();
    feed.fork(leader(200), SHELL);
    feed.lost();
    feed.proc(200, { comm: 'server', uid: 8, tids: [200, 201, 202] });
    feed.take();
    feed.exit(thread(201, 200));
    feed.fork(leader(300), leader(200));
    feed.exit(thread(202, 200));
    expect(feed.take()).toEqual(['thread exit', 'fork server/8', 'thread exit']);
    feed.exit(leader(200), 3 << 8);
    expect(feed.take()).toEqual(['exit 768 server/8']);
  });

  test('of a process that is gone the leader, or what the exit record says, is the end', () => {
    const feed = withShell();
    for (const tgid of [200, 300]) feed.fork(leader(tgid), SHELL);
    feed.lost();
    feed.take();
    feed.exit(thread(201, 200));
    feed.exit(leader(200), 1 << 8);
    feed.exit(leader(300), 0, { comm: 'led', uid: 1, last: false });
    feed.exit(thread(301, 300), 0, { comm: 'worker', uid: 1, last: true });
    expect(feed.take()).toEqual([
      'thread exit',
      'exit 256 <unknown>/<unknown>',
      'thread exit',
      'exit 0 led/1',
    ]);
  });

  test('a thread that was renamed unseen gives its own name to its child', () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'worker', uid: 4, tids: [100, 101] });
    feed.lost();
    feed.fork(leader(200), thread(101, 100));
    feed.proc(100, { comm: 'shell', uid: 4, tids: [100] });
    feed.fork(leader(201), thread(102, 100));
    feed.take();
    for (const tgid of [200, 201]) feed.exit(leader(tgid));
    expect(feed.take()).toEqual(['exit 0 worker/4', 'exit 0 <unknown>/<unknown>']);
  });
});

describe('the scan at the start', () => {
  test('takes in what lives, and no zombie', async () => {
    const feed = new Feed();
    feed.proc(1, { comm: 'init', uid: 0 });
    feed.proc(100, { comm: 'server', uid: 5, tids: [100, 101, 102] });
    feed.proc(200, { comm: 'dead', uid: 5, state: 'Z' });
    feed.proc(300, { comm: 'led', uid: 5, tids: [300, 301], state: 'Z' });
    await feed.attribution.seed(async () => {});
    const { processes, tasks } = feed.attribution;
    expect({ processes, tasks }).toEqual({ processes: 3, tasks: 5 });
    feed.exit(thread(301, 300), 0);
    expect(feed.take()).toEqual(['exit 0 led/5']);
  });

  test('counts no task twice, whatever events overtake it or lag behind it', async () => {
    const feed = new Feed();
    feed.proc(1, { comm: 'init', uid: 0 });
    feed.proc(100, { comm: 'server', uid: 5, tids: [100, 101] });
    feed.proc(150, { comm: 'gone', uid: 5, tids: [150, 151] });
    feed.proc(200, { comm: 'born', uid: 5 });
    const scanned = feed.attribution.seed(async () => {
      // Late: all of it was seen by the scan.
      feed.fork(thread(101, 100), leader(1));
      feed.exit(thread(99, 100));
      feed.fork(leader(200), leader(1));
      // New.
      feed.fork(thread(102, 100), leader(1));
      feed.exit(thread(151, 150));
      feed.exit(leader(150));
    });
    await scanned;
    const { processes, tasks } = feed.attribution;
    expect({ processes, tasks }).toEqual({ processes: 3, tasks: 1 + 3 + 1 });
    for (const tid of [101, 102]) feed.exit(thread(tid, 100));
    feed.take();
    feed.exit(leader(100));
    expect(feed.take()).toEqual(['exit 0 server/5']);
  });

  test('is an error when there is no procfs', async () => {
    const feed = new Feed();
    await expect(feed.attribution.seed(async () => {})).rejects.toMatchObject({
      code: 'PROCEVENTS_PROCFS',
    });
  });
});
