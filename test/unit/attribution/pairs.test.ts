// Which pairs attribution holds on to: what keeps a slot from being given away.
import { describe, expect, test } from 'vitest';
import { Feed, leader } from './feed.ts';

function living(feed: Feed): string[] {
  const pairs = new Set<number>();
  feed.attribution.living((pair) => pairs.add(pair));
  return [...pairs].map((pair) => feed.told.nameOf(pair)).toSorted();
}

describe('the pairs of live processes', () => {
  test('are those that they have now, renamed ones and those without an event included', () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'shell', uid: 1000 });
    feed.fork(leader(200), leader(100));
    feed.fork(leader(201), leader(100));
    feed.exec(leader(200), 'cat');
    expect(living(feed)).toEqual(['cat/1000', 'shell/1000']);
    feed.comm(leader(201), 'cat');
    feed.exit(leader(200));
    expect(living(feed)).toEqual(['cat/1000', 'shell/1000']);
    feed.exit(leader(201));
    expect(living(feed)).toEqual(['shell/1000']);
  });

  test('do not grow by asking: a name that never had an event has no pair', () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'shell', uid: 1000 });
    feed.fork(leader(200), leader(100));
    feed.comm(leader(200), 'silent');
    expect(living(feed)).toEqual(['<other>', 'shell/1000']);
  });

  test('of the seed scan are kept for ever, those of a scan after a loss are not', async () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'daemon', uid: 0 });
    await feed.attribution.seed(() => Promise.resolve());
    feed.proc(101, { comm: 'later', uid: 0 });
    feed.lost();
    await feed.attribution.rescan(() => Promise.resolve());
    expect(feed.attribution.processes).toBe(2);
    expect([...feed.told.kept]).toEqual(['daemon/0']);
  });

  test('that found no room are asked for again at each event', () => {
    const feed = new Feed();
    feed.proc(100, { comm: 'shell', uid: 1000 });
    feed.told.room = false;
    feed.fork(leader(200), leader(100));
    feed.told.room = true;
    feed.fork(leader(201), leader(100));
    feed.exit(leader(200));
    expect(feed.take()).toEqual(['fork <other>', 'fork shell/1000', 'exit 0 shell/1000']);
  });
});
