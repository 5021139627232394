// Errors that a person reads: one line, a stable code, a remedy for the cause that really happened.
import { constants } from 'node:os';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, ExporterError, fromNative, oneLine, quoted } from '../../../src/errors.ts';

/** As the addon throws it. */
function native(code: string, errno: number): Error {
  return Object.assign(new Error('from the addon'), { code, errno });
}

describe('an error of the addon', () => {
  test.each([
    [
      'PROCEVENTS_CONNECTOR_SOCKET',
      constants.errno.EPROTONOSUPPORT,
      /CONFIG_CONNECTOR.*EPROTONOSUPPORT/,
    ],
    [
      'PROCEVENTS_CONNECTOR_BIND',
      constants.errno.EPERM,
      /CAP_NET_ADMIN is missing \(EPERM\).*as root/,
    ],
    [
      'PROCEVENTS_CONNECTOR_SEND',
      constants.errno.ECONNREFUSED,
      /network namespace.*--network host/,
    ],
    ['PROCEVENTS_CONNECTOR_NO_ACK', 0, /user or pid namespace.*CONFIG_PROC_EVENTS.*--pid host/],
    ['PROCEVENTS_CONNECTOR_ACK_ERROR', constants.errno.EINVAL, /refused.*EINVAL/],
    ['PROCEVENTS_CONNECTOR_BUFFER', constants.errno.ENOMEM, /memory.*--collector.receive-buffer/],
    [
      'PROCEVENTS_COLLECTOR_START',
      constants.errno.ENOMEM,
      /out of memory for the ring.*ring-slots/,
    ],
    ['PROCEVENTS_COLLECTOR_START', constants.errno.EAGAIN, /thread.*TasksMax/],
  ])('%s with errno %i names cause and remedy, and keeps its code', (code, errno, line) => {
    const error = fromNative(native(code, errno));
    expect(error.code).toBe(code);
    expect(oneLine(error)).toMatch(line);
  });

  test('a negative errno, as libuv writes it, means the same', () => {
    const error = fromNative(native('PROCEVENTS_CONNECTOR_BIND', -constants.errno.EPERM));
    expect(error.message).toMatch(/EPERM/);
  });

  test('an errno without a cause of its own is named, with the remedy of its code', () => {
    const error = fromNative(native('PROCEVENTS_CONNECTOR_BIND', constants.errno.EADDRINUSE));
    expect(error.message).toMatch(/\(EADDRINUSE\)$/);
    expect(error.remedy).toBe(CATALOGUE.PROCEVENTS_CONNECTOR_BIND.remedy);
  });

  test.each([
    ['a string'],
    [undefined],
    [null],
    [7],
    [new TypeError('boom')],
    [{ code: '__proto__' }],
  ])(
    'what the addon should never throw (%s) is a defect, with the thing itself as the cause',
    (thing) => {
      const error = fromNative(thing);
      expect(error.code).toBe('PROCEVENTS_INTERNAL');
      expect(error.cause).toBe(thing);
    },
  );

  test('an error that already has a remedy stays as it is', () => {
    const error = new ExporterError('PROCEVENTS_PROCFS', 'no /proc/stat');
    expect(fromNative(error)).toBe(error);
  });

  test('any code and any errno give one line', () => {
    const codes = fc.oneof(fc.string(), fc.constantFrom(...Object.keys(CATALOGUE)));
    fc.assert(
      fc.property(codes, fc.anything(), (code, errno) => {
        const thrown = Object.assign(new Error('x'), { code, errno });
        expect(oneLine(fromNative(thrown))).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('the line that ends a failed start', () => {
  test('has message, code and remedy', () => {
    const error = new ExporterError(
      'PROCEVENTS_FLAG_REPEATED',
      '--log.level is given more than once',
    );
    expect(oneLine(error)).toBe(
      'procevents-exporter: --log.level is given more than once [PROCEVENTS_FLAG_REPEATED]. Give it once.',
    );
  });

  test('stays one line when a message has line breaks', () => {
    expect(oneLine(new Error('a\nb\u2028c\u001b[2J'))).toMatch(
      /^procevents-exporter: Error: a b c \[2J \[/,
    );
  });

  test('every code begins with PROCEVENTS_ and every remedy is one sentence or more', () => {
    for (const [code, { remedy }] of Object.entries(CATALOGUE)) {
      expect(code).toMatch(/^PROCEVENTS_[A-Z_]+$/);
      expect(remedy).toMatch(/^[^\n]+\.$/);
    }
  });
});

test('quoted text of a user is one bounded line that moves no cursor', () => {
  expect(quoted('a\u001b[2J\n\u202e')).toBe(String.raw`"a\u{1b}[2J\u{a}\u{202e}"`);
  expect(quoted('x'.repeat(10_000)).length).toBeLessThan(100);
});
