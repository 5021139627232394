// The environment as users meet it: a variable for every flag.
import { describe, expect, test } from 'vitest';
import { FLAGS, environmentName } from '../../../src/config/flags.ts';
import { DEFAULTS, config, failure } from './parsed.ts';

describe('the environment', () => {
  test('speaks for every flag, and a flag beats it', () => {
    const environment = { PROCEVENTS_PAIRS_MAX: '7', PROCEVENTS_LOG_LEVEL: 'warn' };
    expect(config([], environment)).toStrictEqual({ ...DEFAULTS, pairsMax: 7, logLevel: 'warn' });
    expect(config(['--pairs.max=8'], environment)).toStrictEqual({
      ...DEFAULTS,
      pairsMax: 8,
      logLevel: 'warn',
    });
  });

  test('of every flag is named after it, and read: nonsense in it is an error with that name', () => {
    for (const flag of Object.values(FLAGS)) {
      const name = environmentName(flag.name);
      expect(name).toMatch(/^PROCEVENTS_[A-Z_]+$/);
      expect(failure([], { [name]: '\u0007' }).message).toContain(`${name} does not take`);
    }
  });

  test('has a list separated by commas', () => {
    const environment = { PROCEVENTS_WEB_LISTEN_ADDRESS: '127.0.0.1:1, [::1]:2,unix:/a' };
    expect(config([], environment).listenAddresses).toStrictEqual([
      { kind: 'tcp', host: '127.0.0.1', port: 1 },
      { kind: 'tcp', host: '::1', port: 2 },
      { kind: 'unix', path: '/a' },
    ]);
    expect(config(['--web.listen-address=:3'], environment).listenAddresses).toStrictEqual([
      { kind: 'tcp', port: 3 },
    ]);
  });

  test('has no value of a list twice, as the command line has not', () => {
    const twice = failure([], { PROCEVENTS_WEB_LISTEN_ADDRESS: ':1, :2,:1' });
    expect(twice.code).toBe('PROCEVENTS_FLAG_REPEATED');
    expect(twice.message).toBe('PROCEVENTS_WEB_LISTEN_ADDRESS has ":1" more than once');
  });

  test.each([
    ['1', false],
    ['true', false],
    ['YES', false],
    ['on', false],
    ['0', true],
    ['False', true],
    ['no', true],
    ['off', true],
  ])('has a switch as a word: %s', (text, exporterMetrics) => {
    expect(config([], { PROCEVENTS_WEB_DISABLE_EXPORTER_METRICS: text }).exporterMetrics).toBe(
      exporterMetrics,
    );
  });

  test('an empty variable is an error that names it', () => {
    expect(failure([], { PROCEVENTS_LOG_LEVEL: '' }).message).toBe(
      'the variable PROCEVENTS_LOG_LEVEL needs a value',
    );
    expect(failure([], { PROCEVENTS_WEB_LISTEN_ADDRESS: ':1,,:2' }).code).toBe(
      'PROCEVENTS_FLAG_NO_VALUE',
    );
  });

  test('a variable that belongs to no flag is nobody’s business', () => {
    expect(config([], { PROCEVENTS_REQUIRE_ALL: '1', PROCEVENTS_HELP: '1' })).toStrictEqual(
      DEFAULTS,
    );
  });
});
