// Parents, births and depths: from the events themselves, and from /proc for what began before.
import { expect, test } from 'vitest';
import { Relatives } from '../../../src/watch/relatives.ts';
import { exec, exit, fork } from './sample-events.ts';

function relatives(there: Readonly<Record<number, { parent: number; comm: string }>> = {}) {
  const asked: number[] = [];
  const ask = (tgid: number) => {
    asked.push(tgid);
    return there[tgid];
  };
  return { kin: new Relatives(ask), asked };
}

const born = (tgid: number, parentTgid: number, timestampNs = 5n) =>
  fork({ pid: tgid, tgid, parentPid: parentTgid, parentTgid, timestampNs });

test('a process that was seen born has parent and birth, without a look at /proc', () => {
  const { kin, asked } = relatives();
  kin.take(born(20, 10));
  expect(kin.of(20)).toMatchObject({ parent: 10, bornNs: 5n });
  expect(asked).toEqual([]);
});

test('an older one is asked for once, and has no birth', () => {
  const { kin, asked } = relatives({ 20: { parent: 3, comm: 'sshd' } });
  for (let i = 0; i < 3; i++) expect(kin.of(20)).toMatchObject({ parent: 3, bornNs: undefined });
  expect(asked).toEqual([20]);
  expect(kin.of(21)).toMatchObject({ parent: 0 });
});

test('the end of its last task forgets a process, whichever that is', () => {
  const { kin } = relatives();
  kin.take(born(20, 10));
  kin.take(fork({ pid: 21, tgid: 20, isThread: true }));
  kin.leave(exit({ pid: 20, tgid: 20, endsProcess: false }));
  expect(kin.of(20).parent).toBe(10);
  kin.leave(exit({ pid: 21, tgid: 20, isThread: true, endsProcess: true }));
  expect(kin.of(20).parent).toBe(0);
});

test('a core is its process’s, whichever task wrote it', () => {
  const { kin } = relatives({ 30: { parent: 7, comm: 'java' } });
  kin.take(born(20, 10));
  const last = exit({ pid: 20, tgid: 20 });
  for (const tgid of [20, 30]) {
    expect(kin.of(tgid).coreWritten).toBe(false);
    kin.take(exit({ pid: tgid + 1, tgid, isThread: true, coreWritten: true }));
    expect(kin.of(tgid).coreWritten).toBe(true);
  }
  kin.leave(last);
  kin.take(born(20, 10));
  expect(kin.of(20).coreWritten).toBe(false);
});

test('a pid that is used again is another process', () => {
  const { kin } = relatives();
  kin.take(born(20, 10, 5n));
  kin.take(born(20, 11, 9n));
  expect(kin.of(20)).toMatchObject({ parent: 11, bornNs: 9n });
});

test('a thread is no child', () => {
  const { kin } = relatives();
  kin.take(born(20, 10));
  kin.take(fork({ pid: 21, tgid: 20, isThread: true, parentTgid: 10 }));
  expect(kin.of(20)).toMatchObject({ parent: 10, bornNs: 5n });
});

test('depth counts the ancestors that were shown, and only those', () => {
  const { kin } = relatives({ 10: { parent: 1, comm: 'bash' } });
  const show = (tgid: number) => kin.show(exec({ pid: tgid, tgid })).depth;
  kin.take(born(20, 10));
  kin.take(born(30, 20));
  kin.take(born(40, 30));
  expect(show(20)).toBe(0);
  expect(show(40)).toBe(0); // its parent was not shown
  kin.take(born(50, 40));
  expect(show(50)).toBe(1);
  expect(show(10)).toBe(0);
  kin.leave(exit({ pid: 40, tgid: 40 }));
  expect(show(50)).toBe(1);
});

test('ancestors are told from the nearest to the first, by their last names', () => {
  const { kin } = relatives({ 10: { parent: 1, comm: 'bash' }, 1: { parent: 0, comm: 'init' } });
  kin.take(born(20, 10));
  kin.take(exec({ pid: 20, tgid: 20, comm: 'make' }));
  kin.take(born(30, 20));
  expect(kin.ancestors(30)).toEqual([
    { pid: 20, comm: 'make' },
    { pid: 10, comm: 'bash' },
    { pid: 1, comm: 'init' },
  ]);
});

test('a circle of parents, as lost events may leave one, ends', () => {
  const { kin } = relatives();
  kin.take(born(20, 30));
  kin.take(born(30, 20));
  expect(kin.ancestors(20)).toHaveLength(32);
});

test('after a loss nothing that was learnt is believed', () => {
  const { kin, asked } = relatives({ 20: { parent: 1, comm: 'x' } });
  kin.take(born(20, 10));
  kin.lost();
  expect(kin.of(20)).toMatchObject({ parent: 1, bornNs: undefined });
  expect(asked).toEqual([20]);
});

test('ends that were never seen leave nothing behind but a bounded memory', () => {
  const { kin } = relatives();
  for (let tgid = 1; tgid <= 200_000; tgid++) kin.take(born(tgid, 1));
  expect(kin.of(200_000).parent).toBe(1);
  expect(kin.of(200_000 - 131_071).parent).toBe(1);
  expect(kin.of(200_000 - 131_072).parent).toBe(0);
});

test('nobody is asked about a stranger that has ended', () => {
  const { kin, asked } = relatives({ 20: { parent: 1, comm: 'x' } });
  expect(kin.show(exit({ pid: 20, tgid: 20 }))).toMatchObject({ parent: 0, bornNs: undefined });
  expect(asked).toEqual([]);
});
