import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { ATTRIBUTED_EVENTS, COLUMN, COLUMNS } from '../../../src/aggregator/columns.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from '../../../src/attribution/identity.ts';
import { commWords } from './comm-words.ts';

const unknownComm = new Uint32Array(4).fill(UNKNOWN_WORD);
const EVENT_COLUMNS = [COLUMN.forks, COLUMN.threads, COLUMN.execs, COLUMN.exits, COLUMN.coredumps];

function labelled(aggregator: Aggregator): string[] {
  return aggregator.copy().labels.map(({ comm, uid }) => `${comm} ${uid}`);
}

describe('the aggregator', () => {
  it('has <other> from the start, outside the limit', () => {
    expect(labelled(new Aggregator({ pairsMax: 1 }))).toEqual(['<other> <other>']);
  });

  it('has one slot for a pair, however often it is asked, and another for each other comm or uid', () => {
    const aggregator = new Aggregator({ pairsMax: 10 });
    const words = Uint32Array.of(...commWords('bash'), ...commWords('sh'), ...commWords('bash'));
    const bash = aggregator.pair(words, 0, 0);
    expect(aggregator.pair(words, 8, 0)).toBe(bash);
    const others = [aggregator.pair(words, 4, 0), aggregator.pair(words, 0, 1000)];
    expect(new Set([0, bash, ...others]).size).toBe(4);
    expect(labelled(aggregator)).toEqual(['<other> <other>', 'bash 0', 'sh 0', 'bash 1000']);
  });

  it('tells comms apart that differ in a single byte, wherever it is', () => {
    const aggregator = new Aggregator({ pairsMax: 100 });
    const names = Array.from({ length: 15 }, (_, i) => `${'a'.repeat(i)}b${'a'.repeat(14 - i)}`);
    const slots = names.map((name) => aggregator.pair(commWords(name), 0, 7));
    expect(new Set(slots).size).toBe(15);
  });

  it('takes uids of all 32 bits', () => {
    const aggregator = new Aggregator({ pairsMax: 10 });
    for (const uid of [0, 0x7fffffff, 0x80000000, 0xfffffffe]) {
      const slot = aggregator.pair(commWords('a'), 0, uid);
      expect(aggregator.pair(commWords('a'), 0, uid)).toBe(slot);
    }
    expect(labelled(aggregator).slice(1)).toEqual([
      'a 0',
      'a 2147483647',
      'a 2147483648',
      'a 4294967294',
    ]);
  });

  it('counts a new pair under <other> when it is full, and goes on counting those that it has', () => {
    const aggregator = new Aggregator({ pairsMax: 2 });
    const first = aggregator.pair(commWords('a'), 0, 0);
    const second = aggregator.pair(commWords('b'), 0, 0);
    expect(aggregator.pair(commWords('c'), 0, 0)).toBe(0);
    expect(aggregator.pair(commWords('a'), 0, 0)).toBe(first);
    expect(aggregator.pair(commWords('b'), 0, 0)).toBe(second);
    expect(aggregator.copy().slots).toBe(3);
  });

  it('counts as folded the events under <other>, and not what more is told about them', () => {
    const aggregator = new Aggregator({ pairsMax: 1 });
    aggregator.add(0, COLUMN.exits, 3);
    aggregator.add(0, COLUMN.sigkill, 1);
    aggregator.add(0, COLUMN.exitFailures, 2);
    aggregator.add(0, COLUMN.coresWritten, 1);
    expect(aggregator.foldedEvents).toBe(3);
  });

  it('counts as unresolved the events of an unknown comm or uid, each under its kind', () => {
    const aggregator = new Aggregator({ pairsMax: 10 });
    const slots = [
      aggregator.pair(unknownComm, 0, 5),
      aggregator.pair(commWords('a'), 0, UNKNOWN_UID),
      aggregator.pair(unknownComm, 0, UNKNOWN_UID),
    ];
    const known = aggregator.pair(commWords('a'), 0, 5);
    for (const slot of [...slots, known]) {
      EVENT_COLUMNS.forEach((column, i) => aggregator.add(slot, column, i + 1));
      aggregator.add(slot, COLUMN.exitFailures, 1);
      aggregator.add(slot, COLUMN.coresWritten, 1);
    }
    expect(ATTRIBUTED_EVENTS).toEqual(['fork', 'thread', 'exec', 'exit', 'coredump']);
    expect([...aggregator.unresolved]).toEqual([3, 6, 9, 12, 15]);
    expect(labelled(aggregator).slice(1)).toEqual([
      '<unknown> 5',
      'a <unknown>',
      '<unknown> <unknown>',
      'a 5',
    ]);
  });

  it('gives copies that later events do not change', () => {
    const aggregator = new Aggregator({ pairsMax: 1000 });
    const slot = aggregator.pair(commWords('a'), 0, 0);
    aggregator.add(slot, COLUMN.forks, 1);
    const copy = aggregator.copy();
    for (let i = 0; i < 500; i++) aggregator.add(aggregator.pair(commWords(`p${i}`), 0, 0), 0, 1);
    aggregator.add(slot, COLUMN.forks, 1);
    expect(copy.slots).toBe(2);
    expect(copy.labels).toHaveLength(2);
    expect(copy.values).toHaveLength(2 * COLUMNS);
    expect(copy.values[slot * copy.stride + copy.columns.forks]).toBe(1);
    expect(aggregator.values[slot * COLUMNS + COLUMN.forks]).toBe(2);
  });

  it('keeps the label of a pair the same object from copy to copy', () => {
    const aggregator = new Aggregator({ pairsMax: 10 });
    aggregator.pair(commWords('a'), 0, 0);
    expect(aggregator.copy().labels[1]).toBe(aggregator.copy().labels[1]);
  });

  it('finds every pair again after growing many times', () => {
    const aggregator = new Aggregator({ pairsMax: 20_000 });
    const slots = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      slots.set(`${i}`, aggregator.pair(commWords(`p${i % 5000}`), 0, i % 7919));
    }
    expect(new Set(slots.values()).size).toBe(20_000);
    for (let i = 0; i < 20_000; i++) {
      expect(aggregator.pair(commWords(`p${i % 5000}`), 0, i % 7919)).toBe(slots.get(`${i}`));
    }
    expect(aggregator.pair(commWords('one more'), 0, 0)).toBe(0);
  });

  it('loses nothing under random traffic: a simple model counts the same', () => {
    const comms = ['a', 'b', '<other>', '<unknown>', 'é', '\n', '', 'c', 'd'].map(commWords);
    const event = fc.record({
      comm: fc.constantFrom(...comms, unknownComm),
      uid: fc.constantFrom(0, 1, 1000, 0xfffffffe, UNKNOWN_UID),
      column: fc.integer({ min: 0, max: COLUMNS - 1 }),
      amount: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(event, { maxLength: 200 }),
        (pairsMax, events) => {
          const aggregator = new Aggregator({ pairsMax });
          const model = new Map<string, number[]>([['other', Array<number>(COLUMNS).fill(0)]]);
          const unresolved = [0, 0, 0, 0, 0];
          let folded = 0;
          for (const { comm, uid, column, amount } of events) {
            aggregator.add(aggregator.pair(comm, 0, uid), column, amount);

            const key = `${comm.join()} ${uid}`;
            const fits = model.has(key) || model.size <= pairsMax;
            if (fits && !model.has(key)) model.set(key, Array<number>(COLUMNS).fill(0));
            model.get(fits ? key : 'other')![column]! += amount;
            const kind = EVENT_COLUMNS.indexOf(column as 0);
            if (kind >= 0 && !fits) folded += amount;
            if (kind >= 0 && fits && (comm === unknownComm || uid === UNKNOWN_UID)) {
              unresolved[kind]! += amount;
            }
          }
          const copy = aggregator.copy();
          expect([...copy.values]).toEqual([...model.values()].flat());
          expect(copy.slots).toBe(model.size);
          expect(aggregator.foldedEvents).toBe(folded);
          expect([...aggregator.unresolved]).toEqual(unresolved);
          const added = events.reduce((sum, { amount }) => sum + amount, 0);
          expect(copy.values.reduce((sum, value) => sum + value, 0)).toBe(added);
          const texts = new Set(copy.labels.map(({ comm, uid }) => JSON.stringify([comm, uid])));
          expect(texts.size).toBe(copy.slots);
        },
      ),
      { numRuns: 500 },
    );
  });
});
