// What the doctor says: a line for each check, a remedy with each that is not ok, and JSON that scripts can rely on.
import { expect, test } from 'vitest';
import { degraded, failing, ok } from '../../../src/doctor/check.ts';
import { eventsFlow, jsonReport, textReport } from '../../../src/doctor/report.ts';

const good = ok('kernel', 'Linux 6.18.0');
const less = degraded('taskstats', 'refused', 'Run it as root.');
const bad = failing('connector', 'no ack', 'Leave the namespace.');

test('events flow where nothing fails, with less or without', () => {
  expect(eventsFlow([good])).toBe(true);
  expect(eventsFlow([good, less])).toBe(true);
  expect(eventsFlow([good, less, bad])).toBe(false);
});

test('for people: a mark, the name, what was found, and the remedy below', () => {
  expect(textReport([good, less, bad])).toBe(
    [
      '✓ kernel     Linux 6.18.0',
      '! taskstats  refused',
      '             → Run it as root.',
      '✗ connector  no ack',
      '             → Leave the namespace.',
      '',
      'Events will not flow: mend what has ✗ before it.',
      '',
    ].join('\n'),
  );
  expect(textReport([good, less])).toMatch(/\nEvents will flow, with less where ! stands\.\n$/);
  expect(textReport([good])).toMatch(/\n\nEvents will flow\.\n$/);
});

test('for programs: one document with the same fields, always', () => {
  expect(JSON.parse(jsonReport([good, less]))).toStrictEqual({
    ok: true,
    checks: [
      { name: 'kernel', status: 'ok', detail: 'Linux 6.18.0' },
      { name: 'taskstats', status: 'degraded', detail: 'refused', remedy: 'Run it as root.' },
    ],
  });
  expect(JSON.parse(jsonReport([bad]))).toMatchObject({ ok: false });
});
