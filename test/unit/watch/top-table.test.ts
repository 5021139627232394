// The numbers of the live table: of the last interval, since the start, sorted, bounded.
import { expect, test } from 'vitest';
import { TopTable, type Counted } from '../../../src/watch/top-table.ts';

const table = (): TopTable => new TopTable((uid) => (uid === undefined ? '?' : `user${uid}`));

function count(into: TopTable, comm: string, uid: number, what: Counted, times: number): void {
  for (let i = 0; i < times; i++) into.count(what, comm, uid);
}

const names = (from: TopTable, limit = 100): string[] =>
  from.rows(limit).map(({ comm, user }) => `${comm} ${user}`);

test('a rate is that of the last interval, a total that since the start', () => {
  const top = table();
  count(top, 'bash', 0, 'forks', 6);
  count(top, 'bash', 0, 'failures', 1);
  top.tick(2);
  expect(top.rows(10)).toMatchObject([
    { comm: 'bash', uid: 0, user: 'user0', perSecond: { forks: 3 }, total: { forks: 6 } },
  ]);
  top.tick(1);
  expect(top.rows(10)).toMatchObject([
    { perSecond: { forks: 0, failures: 0 }, total: { forks: 6, failures: 1 } },
  ]);
});

test('the same comm of two users is two rows', () => {
  const top = table();
  count(top, 'sh', 0, 'execs', 1);
  count(top, 'sh', 5, 'execs', 2);
  top.tick(1);
  top.sort = 'execs';
  expect(names(top)).toEqual(['sh user5', 'sh user0']);
});

test('is sorted by any column, names upwards and numbers downwards, and the other way round', () => {
  const top = table();
  count(top, 'a', 3, 'forks', 1);
  count(top, 'b', 2, 'forks', 3);
  count(top, 'c', 1, 'forks', 2);
  count(top, 'a', 3, 'coredumps', 1);
  top.tick(1);
  expect(names(top)).toEqual(['b user2', 'c user1', 'a user3']);
  top.reversed = true;
  expect(names(top)).toEqual(['a user3', 'c user1', 'b user2']);
  top.reversed = false;
  top.sort = 'comm';
  expect(names(top)).toEqual(['a user3', 'b user2', 'c user1']);
  top.sort = 'user';
  expect(names(top)).toEqual(['c user1', 'b user2', 'a user3']);
  top.sort = 'coredumps';
  expect(names(top, 1)).toEqual(['a user3']);
});

test('more pairs than there is room for are one row, the last, and nothing is left out', () => {
  const top = table();
  for (let i = 0; i < 5000; i++) top.count('forks', `n${i}`, 0);
  top.tick(1);
  expect(top.size).toBe(4096);
  expect(top.rows(10_000)).toHaveLength(4097);
  expect(top.rows(5).at(-1)).toMatchObject({ comm: '<other>', total: { forks: 904 } });
});

test('what has long been quiet goes, unless something failed', () => {
  const top = table();
  count(top, 'quiet', 0, 'forks', 1);
  count(top, 'failed', 0, 'failures', 1);
  top.sort = 'comm';
  for (let i = 0; i < 60; i++) top.tick(1);
  expect(names(top)).toEqual(['failed user0', 'quiet user0']);
  top.tick(1);
  expect(names(top)).toEqual(['failed user0']);
});
