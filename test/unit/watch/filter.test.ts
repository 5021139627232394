// What is shown: only what was asked for, and every loss.
import { expect, test } from 'vitest';
import { WATCHED_KINDS } from '../../../src/config/watched.ts';
import { EVENT_KINDS } from '../../../src/collector/record.ts';
import { Filter, type Wanted } from '../../../src/watch/filter.ts';
import { comm, coredump, exec, exit, fork, lost, unknown } from './sample-events.ts';

function filter(some: Partial<Wanted> = {}): Filter {
  return new Filter({
    events: WATCHED_KINDS,
    comms: [],
    uids: [],
    threads: true,
    self: 1,
    ...some,
  });
}

const thread = { pid: 4243, isThread: true };

test('the kinds that can be asked for are those of the kernel', () => {
  expect(WATCHED_KINDS).toEqual(EVENT_KINDS);
});

test('everything but our own doing is shown, unless told otherwise', () => {
  const all = filter();
  for (const event of [fork(), exec(), exit(thread), unknown(), lost()]) {
    expect(all.shows(event)).toBe(true);
  }
  expect(all.shows(exec({ tgid: 1 }))).toBe(false);
});

test('kinds, threads and users are left out', () => {
  expect(filter({ events: ['exec'] }).shows(exec())).toBe(true);
  expect(filter({ events: ['exec'] }).shows(exit())).toBe(false);
  expect(filter({ threads: false }).shows(exit(thread))).toBe(false);
  expect(filter({ threads: false }).shows(exit())).toBe(true);
  expect(filter({ uids: [0, 1000] }).shows(exec())).toBe(true);
  expect(filter({ uids: [0] }).shows(exec())).toBe(false);
  expect(filter({ uids: [0] }).shows(exec({ uid: undefined }))).toBe(false);
});

test('without threads each process ends once, with its last task, and every crash is shown', () => {
  const some = filter({ threads: false });
  expect(some.shows(exit({ endsProcess: false }))).toBe(false);
  expect(some.shows(exit({ ...thread, endsProcess: true }))).toBe(true);
  expect(some.shows(fork(thread))).toBe(false);
  expect(some.shows(coredump(thread))).toBe(true);
});

test.each([
  [['bash'], 'bash', true],
  [['bash'], 'bash2', false],
  [['ba.*'], 'bash2', true],
  [['sh'], 'bash', false],
  [['sh', '(ba|da)sh'], 'dash', true],
  [[String.raw`a\.b`], 'aXb', false],
  [[String.raw`x\\x1b`], String.raw`x\x1b`, true],
])('of %j the comm %j: %j', (comms, name, shown) => {
  const some = filter({ comms });
  // The second answer is the remembered one.
  expect([some.shows(comm({ comm: name })), some.shows(comm({ comm: name }))]).toEqual([
    shown,
    shown,
  ]);
  expect(some.shows(exec({ comm: undefined }))).toBe(false);
});

test('a loss is shown whatever is asked for, an unknown kind only when all is', () => {
  const some = filter({ events: ['exec'], comms: ['x'], uids: [5] });
  expect([some.shows(lost()), some.shows(unknown())]).toEqual([true, false]);
});

test('an expression that would hang other engines is answered at once', () => {
  expect(filter({ comms: ['(a+)+$'] }).shows(exec({ comm: `${'a'.repeat(60)}!` }))).toBe(false);
});

test('names by the million leave nothing behind but a bounded memory', () => {
  const some = filter({ comms: ['n1.*'] });
  let shown = 0;
  for (let i = 0; i < 20_000; i++) if (some.shows(exec({ comm: `n${i}` }))) shown++;
  expect(shown).toBe(11_111);
});
