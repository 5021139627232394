// The kernel's monotonic time stamps as a time of day, also after somebody has set the clock.
import { expect, test } from 'vitest';
import { WallClock } from '../../../src/watch/clock.ts';

const MORNING = Date.UTC(2026, 10, 25, 7, 8, 9, 10);

function clockAt(unixMs: number) {
  const moment = { unixMs, monotonicNs: 5_000_000_000n };
  return { clock: new WallClock(() => moment), moment };
}

test('a time stamp is a moment of this host’s clock', () => {
  const { clock } = clockAt(MORNING);
  expect(clock.utc(5_000_000_000n)).toBe('2026-11-25T07:08:09.010000Z');
  expect(clock.utc(5_000_001_999n)).toBe('2026-11-25T07:08:09.010001Z');
  expect(clock.utc(4_000_000_000n)).toBe('2026-11-25T07:08:08.010000Z');
  expect(clock.utc(4_989_999_999n)).toBe('2026-11-25T07:08:08.999999Z');
});

test('the time of day is the local one, with milliseconds', () => {
  const { clock } = clockAt(MORNING);
  const date = new Date(MORNING + 994);
  const local = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const text = local.map((part) => String(part).padStart(2, '0')).join(':');
  expect(clock.local(5_994_000_000n)).toBe(`${text}.004`);
});

test('a clock that was set is followed, its milliseconds are not', () => {
  const { clock, moment } = clockAt(MORNING);
  moment.unixMs += 9;
  clock.refresh();
  expect(clock.utc(5_000_000_000n)).toBe('2026-11-25T07:08:09.010000Z');
  moment.unixMs += 3_600_000;
  clock.refresh();
  expect(clock.utc(5_000_000_000n)).toBe('2026-11-25T08:08:09.019000Z');
});
