// A table that is full: whose slot is given away, who gets it, and that nothing is lost or counted elsewhere by it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { ATTRIBUTED_EVENTS, COLUMN, COLUMNS } from '../../../src/aggregator/columns.ts';
import { commWords } from './comm-words.ts';

const MINUTES = 60;

/** An aggregator, the names that live processes have, and what is counted for a name. */
function stage(pairsMax: number) {
  const alive = new Set<string>();
  const made: Aggregator[] = [];
  const aggregator: Aggregator = new Aggregator({
    pairsMax,
    living: (mark) => {
      for (const key of alive) {
        const [comm = '', uid = '0'] = key.split('/');
        mark(aggregator.known(commWords(comm), 0, Number(uid)));
      }
    },
    wallClock: () => 1_000_000 + (made[0]?.now ?? 0),
  });
  made.push(aggregator);
  const event = (comm: string, uid = 0, amount = 1): number => {
    const slot = aggregator.pair(commWords(comm), 0, uid);
    aggregator.add(slot, COLUMN.execs, amount);
    return slot;
  };
  const execs = (comm: string, uid = 0): number | undefined => {
    const { labels, values, stride } = aggregator.copy();
    const slot = labels.findIndex((label) => label.comm === comm && label.uid === String(uid));
    return slot < 0 ? undefined : values[slot * stride + COLUMN.execs];
  };
  const retired = (): number => aggregator.retired[ATTRIBUTED_EVENTS.indexOf('exec')]!;
  return { aggregator, alive, event, execs, retired };
}

describe('a table of pairs that is full', () => {
  it('gives the slot of a pair without events for ten minutes to a new one, and not before', () => {
    const { aggregator, event, execs, retired } = stage(1);
    event('old', 0, 5);
    aggregator.now += 10 * MINUTES - 1;
    expect(event('new')).toBe(0);
    aggregator.now += 1;
    expect(event('new')).not.toBe(0);
    expect(execs('old')).toBeUndefined();
    expect(execs('new')).toBe(1);
    expect(retired()).toBe(5);
    expect(aggregator.foldedEvents).toBe(1);
  });

  it('keeps the slot of a pair that a live process has, without any event', () => {
    const { aggregator, alive, event, execs } = stage(1);
    event('daemon');
    alive.add('daemon/0');
    aggregator.now += 100 * MINUTES;
    expect(event('new')).toBe(0);
    alive.clear();
    aggregator.now += 1;
    expect(event('new')).not.toBe(0);
    expect(execs('daemon')).toBeUndefined();
  });

  it('keeps the slots of the seed scan for ever', () => {
    const { aggregator, event, execs } = stage(1);
    aggregator.keep(event('seeded'));
    aggregator.now += 1000 * MINUTES;
    expect(event('new')).toBe(0);
    event('seeded');
    expect(execs('seeded')).toBe(2);
  });

  it('does not give away a slot that was used after it had been found past its time', () => {
    const { aggregator, alive, event, execs } = stage(3);
    for (const comm of ['a', 'b', 'c']) event(comm);
    aggregator.now += 10 * MINUTES;
    // Looks for slots, and finds three; uses one.
    event('d');
    const left = ['a', 'b', 'c'].filter((comm) => execs(comm) !== undefined);
    expect(left).toHaveLength(2);
    for (const comm of left) alive.add(`${comm}/0`);
    for (const comm of left) event(comm);
    expect(event('e')).toBe(0);
    expect(left.map((comm) => execs(comm))).toEqual([2, 2]);
  });

  it('lets a pair that comes back start at 0, with a new label and a new time of creation', () => {
    const { aggregator, event, execs, retired } = stage(1);
    const slot = event('a', 0, 7);
    const first = aggregator.copy();
    aggregator.now += 10 * MINUTES;
    event('b');
    aggregator.now += 10 * MINUTES;
    expect(event('a')).toBe(slot);
    const second = aggregator.copy();
    expect(execs('a')).toBe(1);
    expect(retired()).toBe(8);
    expect(second.labels[slot]).not.toBe(first.labels[slot]);
    expect(second.created[slot]! - first.created[slot]!).toBe(20 * MINUTES);
  });

  it('keeps an eighth of the slots from a uid above its share, for those that are not', () => {
    const { aggregator, event } = stage(80);
    for (let i = 0; i < 70; i++) event(`storm${i}`, 1000);
    for (let i = 0; i < 10; i++) event(`p${i}`, 0);
    aggregator.now += 10 * MINUTES;
    // Two uids, a share of 40 each: the one above it gets 70 of the 80 slots that are past their time.
    const taken = Array.from({ length: 100 }, (_, i) => event(`again${i}`, 1000));
    expect(taken.filter((slot) => slot !== 0)).toHaveLength(70);
    const mine = Array.from({ length: 12 }, (_, i) => event(`mine${i}`, 0));
    expect(mine.filter((slot) => slot !== 0)).toHaveLength(10);
  });

  it('lets a uid that is alone have them all', () => {
    const { aggregator, event } = stage(16);
    for (let i = 0; i < 16; i++) event(`a${i}`);
    aggregator.now += 10 * MINUTES;
    const slots = Array.from({ length: 16 }, (_, i) => event(`b${i}`));
    expect(new Set(slots).size).toBe(16);
    expect(slots).not.toContain(0);
  });

  it('tells how many pairs were wanted within 5 percent, and forgets it in time', () => {
    const { aggregator, event } = stage(100);
    for (let i = 0; i < 100; i++) event(`kept${i}`);
    expect(aggregator.pairsWanted).toBe(100);
    for (let i = 0; i < 50_000; i++) event(`p${i % 25_000}`, i < 25_000 ? 0 : 1);
    expect(Math.abs(aggregator.pairsWanted / 50_100 - 1)).toBeLessThan(0.08);
    aggregator.now += 1;
    for (const uid of [0, 1]) for (let i = 0; i < 30; i++) event(`few${i}`, uid);
    aggregator.now += 60 * MINUTES;
    expect(aggregator.pairsWanted).toBe(100);
  });

  it('conserves every event, and never lets a counter fall, under random traffic', () => {
    const step = fc.record({
      comm: fc.integer({ min: 0, max: 12 }),
      uid: fc.constantFrom(0, 1000, 1001),
      column: fc.constantFrom(COLUMN.forks, COLUMN.threads, COLUMN.execs, COLUMN.exits),
      amount: fc.integer({ min: 1, max: 9 }),
      seconds: fc.constantFrom(0, 0, 0, 1, 30, 300, 700),
      life: fc.constantFrom(undefined, undefined, true, false),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.array(step, { maxLength: 200 }),
        (pairsMax, steps) => {
          const { aggregator, alive } = stage(pairsMax);
          const added = new Float64Array(ATTRIBUTED_EVENTS.length);
          let before = aggregator.copy();
          for (const { comm, uid, column, amount, seconds, life } of steps) {
            const name = `p${comm}`;
            aggregator.now += seconds;
            if (life === true) alive.add(`${name}/${uid}`);
            if (life === false) alive.delete(`${name}/${uid}`);
            aggregator.add(aggregator.pair(commWords(name), 0, uid), column, amount);
            added[[COLUMN.forks, COLUMN.threads, COLUMN.execs, COLUMN.exits].indexOf(column)]! +=
              amount;

            const after = aggregator.copy();
            expect(after.slots).toBeLessThanOrEqual(pairsMax + 1);
            for (const [slot, label] of before.labels.entries()) {
              const gone = after.labels[slot] !== label;
              const lives = alive.has(`${label.comm}/${label.uid}`);
              expect({ gone, lives }).not.toEqual({ gone: true, lives: true });
              if (gone) continue;
              const counts = ({ values }: typeof after): Float64Array =>
                values.subarray(slot * COLUMNS, (slot + 1) * COLUMNS);
              const fallen = counts(after).some((count, i) => count < counts(before)[i]!);
              expect(fallen).toBe(false);
            }
            before = after;
          }
          const sums = added.map((_, event) => {
            const column = [COLUMN.forks, COLUMN.threads, COLUMN.execs, COLUMN.exits][event];
            if (column === undefined) return 0;
            let sum = aggregator.retired[event]!;
            for (let slot = 0; slot < before.slots; slot++) {
              sum += before.values[slot * COLUMNS + column]!;
            }
            return sum;
          });
          expect([...sums]).toEqual([...added]);
          const texts = before.labels.map(({ comm, uid }) => `${comm} ${uid}`);
          expect(new Set(texts).size).toBe(texts.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
