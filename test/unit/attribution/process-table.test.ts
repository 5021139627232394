import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProcessTable } from '../../../src/attribution/process-table.ts';

// Below the number of tgids that the test draws, so that it is reached.
const LIMIT = 100;

test('finds exactly what is in it, whatever is inserted and removed in whatever order', () => {
  const step = fc.record({ tgid: fc.integer({ min: 1, max: 300 }), insert: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 2000 }),
      fc.integer({ min: 1, max: 64 }),
      (steps, stride) => {
        const table = new ProcessTable(LIMIT);
        const model = new Map<number, number>();
        const refusedAt = new Set<number>();
        for (const { tgid: n, insert } of steps) {
          // Strides make neighbours in the table of what are no neighbours in number.
          const tgid = n * stride;
          const known = model.get(tgid);
          expect(table.find(tgid)).toBe(known ?? -1);
          if (known !== undefined && !insert) {
            table.remove(known);
            model.delete(tgid);
          } else if (known === undefined && insert) {
            const index = table.insert(tgid);
            if (index >= 0) model.set(tgid, index);
            else refusedAt.add(model.size);
          }
          expect(table.size).toBe(model.size);
        }
        for (const [tgid, index] of model) expect(table.find(tgid)).toBe(index);
        expect([...refusedAt].every((size) => size === LIMIT)).toBe(true);
        expect(new Set(model.values()).size).toBe(model.size);
      },
    ),
  );
});

test('keeps its columns when it grows', () => {
  const table = new ProcessTable(100_000);
  for (let tgid = 1; tgid <= 50_000; tgid++) {
    const index = table.insert(tgid);
    table.uid[index] = tgid;
  }
  for (let tgid = 2; tgid <= 50_000; tgid += 2) table.remove(table.find(tgid));
  for (let tgid = 1; tgid <= 50_000; tgid++) {
    const index = table.find(tgid);
    expect(index < 0 ? undefined : table.uid[index]).toBe(tgid % 2 === 0 ? undefined : tgid);
  }
});
