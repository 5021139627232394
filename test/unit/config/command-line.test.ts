// The parser as users meet it: what is taken, and which words an error has.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/config/command-line.ts';
import type { Config } from '../../../src/config/config.ts';
import { FLAGS, environmentName } from '../../../src/config/flags.ts';
import { oneLine } from '../../../src/errors.ts';
import { DEFAULTS, config, failure, outcome } from './parsed.ts';

describe('the command line', () => {
  test('without anything has the defaults of the contract and serves', () => {
    for (const argv of [[], ['serve']]) {
      const line = parseCommandLine(argv, {});
      expect(line).toMatchObject({ command: 'serve', options: {} });
      expect(line.config).toStrictEqual(DEFAULTS);
    }
  });

  test('takes --flag=value and --flag value alike, before and after the command', () => {
    const all = {
      'web.telemetry-path': '/m',
      'path.procfs': '/host/proc',
      'collector.receive-buffer': '1MiB',
      'collector.ring-slots': '1024',
      'pairs.max': '5',
      'log.level': 'silent',
      'log.format': 'pretty',
    };
    const expected: Config = {
      ...DEFAULTS,
      telemetryPath: '/m',
      procfs: '/host/proc',
      receiveBuffer: 1_048_576,
      ringSlots: 1024,
      pairsMax: 5,
      logLevel: 'silent',
      logFormat: 'pretty',
    };
    const pairs = Object.entries(all);
    expect(config(pairs.map(([name, text]) => `--${name}=${text}`))).toStrictEqual(expected);
    expect(
      config(['serve', ...pairs.flatMap(([name, text]) => [`--${name}`, text])]),
    ).toStrictEqual(expected);
    expect(
      config([...pairs.flatMap(([name, text]) => [`--${name}`, text]), 'serve']),
    ).toStrictEqual(expected);
  });

  test('takes a repeatable flag again and again, in order, and then not its default', () => {
    expect(
      config(['--web.listen-address=:1', '--web.listen-address', 'unix:/a']).listenAddresses,
    ).toStrictEqual([
      { kind: 'tcp', port: 1 },
      { kind: 'unix', path: '/a' },
    ]);
  });

  test('takes folds with RE2 expressions and the last = before the name, in place of its defaults', () => {
    const folds = ['(a+)+$=x', String.raw`k\d{1,2}=.*=kernel thing`];
    const expected = [
      { regexp: '(a+)+$', name: 'x' },
      { regexp: String.raw`k\d{1,2}=.*`, name: 'kernel thing' },
    ];
    expect(config(folds.map((fold) => `--comm.fold=${fold}`)).folds).toStrictEqual(expected);
    expect(config([], { PROCEVENTS_COMM_FOLD: folds.join(',') }).folds).toStrictEqual(expected);
  });

  test.each([
    'kworker',
    '=x',
    'x=',
    '(=x',
    'a(?=b)=x',
    'a=<other>',
    'a=<x',
    String.raw`a=b\c`,
    'a=sixteen-bytes-xx',
    'a=äöüäöüäö',
    'a=x\u0001',
    `${'a'.repeat(1001)}=x`,
  ])('refuses the fold %j and says what is taken', (text) => {
    expect(failure([`--comm.fold=${text}`]).message).toMatch(/--comm\.fold does not take/);
  });

  test('takes an empty value where that means none, and nowhere else', () => {
    expect(config(['--path.passwd=']).passwd).toBeUndefined();
    expect(config([], { PROCEVENTS_PATH_PASSWD: '' }).passwd).toBeUndefined();
    expect(failure(['--path.procfs=']).code).toBe('PROCEVENTS_FLAG_NO_VALUE');
  });

  test('takes a switch as --flag and as --no-flag', () => {
    expect(config(['--web.disable-exporter-metrics']).exporterMetrics).toBe(false);
    expect(config(['--no-web.disable-exporter-metrics']).exporterMetrics).toBe(true);
  });

  test.each([
    [['--log.levle=info'], 'PROCEVENTS_FLAG_UNKNOWN', /"--log\.levle".*nearest is --log\.level$/],
    [['--listen-address', ':1'], 'PROCEVENTS_FLAG_UNKNOWN', /nearest is --web\.listen-address$/],
    [
      ['--no-web.disable-exporter-metric'],
      'PROCEVENTS_FLAG_UNKNOWN',
      /nearest is --no-web\.disable-exporter-metrics$/,
    ],
    [['--no-log.level'], 'PROCEVENTS_FLAG_UNKNOWN', /nearest is --log\.level$/],
    [['--no-help'], 'PROCEVENTS_FLAG_UNKNOWN', /nearest is --help$/],
    [['-x'], 'PROCEVENTS_FLAG_UNKNOWN', /"-x"/],
    [['--versoin'], 'PROCEVENTS_FLAG_UNKNOWN', /nearest is --version$/],
    [['--__proto__=1'], 'PROCEVENTS_FLAG_UNKNOWN', /"--__proto__"/],
    [['--constructor'], 'PROCEVENTS_FLAG_UNKNOWN', /"--constructor"/],
    [
      ['--pairs.max=0'],
      'PROCEVENTS_FLAG_VALUE',
      /^--pairs\.max does not take "0"; allowed is a whole number from 1/,
    ],
    [['--pairs.max', '-5'], 'PROCEVENTS_FLAG_VALUE', /"-5"/],
    [
      ['--log.level=loud'],
      'PROCEVENTS_FLAG_VALUE',
      /allowed is one of fatal, error, warn, info, debug, trace, silent$/,
    ],
    [['--path.procfs=proc'], 'PROCEVENTS_FLAG_VALUE', /absolute path/],
    [['--web.listen-address=:1', '--web.listen-address=:x'], 'PROCEVENTS_FLAG_VALUE', /take ":x"/],
    [
      ['--pairs.max=1', '--pairs.max=1'],
      'PROCEVENTS_FLAG_REPEATED',
      /^--pairs\.max is given more than once$/,
    ],
    [
      ['--web.disable-exporter-metrics', '--no-web.disable-exporter-metrics'],
      'PROCEVENTS_FLAG_REPEATED',
      /more than once/,
    ],
    [['--web.listen-address=:1', '--web.listen-address=:1'], 'PROCEVENTS_FLAG_REPEATED', /":1"/],
    [['--log.level='], 'PROCEVENTS_FLAG_NO_VALUE', /^--log\.level needs a value$/],
    [['--log.level', ''], 'PROCEVENTS_FLAG_NO_VALUE', /--log\.level/],
    [['--log.level'], 'PROCEVENTS_FLAG_NO_VALUE', /--log\.level/],
    [['--log.level', '--pairs.max=1'], 'PROCEVENTS_FLAG_NO_VALUE', /--log\.level/],
    [
      ['--web.disable-exporter-metrics=true'],
      'PROCEVENTS_FLAG_SWITCH',
      /^--web\.disable-exporter-metrics takes no value$/,
    ],
    [['--no-web.disable-exporter-metrics=1'], 'PROCEVENTS_FLAG_SWITCH', /^--no-web/],
    [['--help=yes'], 'PROCEVENTS_FLAG_SWITCH', /^--help takes no value$/],
    [['sevre'], 'PROCEVENTS_COMMAND_UNKNOWN', /"sevre"; the nearest is "serve"$/],
    [['wacth'], 'PROCEVENTS_COMMAND_UNKNOWN', /"wacth"; the nearest is "watch"$/],
    [['serve', 'again'], 'PROCEVENTS_COMMAND_UNKNOWN', /"again"/],
    [['--', '--log.level=info'], 'PROCEVENTS_COMMAND_UNKNOWN', /"--log\.level=info"/],
    [[''], 'PROCEVENTS_COMMAND_UNKNOWN', /""/],
  ] as const)('%j is refused with %s', (argv, code, message) => {
    const error = failure(argv);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--nonsense', 'nonsense', '--help'], 'help'],
    [['--version'], 'version'],
    [['--version', '--help'], 'help'],
    [['doctor', '--help'], 'help'],
    [['doctor', '--json', '-h'], 'help'],
  ])('%j asks for %s, whatever else stands there', (argv, command) => {
    expect(parseCommandLine(argv, { PROCEVENTS_PAIRS_MAX: 'x' })).toStrictEqual({
      command,
      config: DEFAULTS,
    });
  });

  test('never throws anything but an ExporterError of one line, whatever the arguments', () => {
    const names = Object.values(FLAGS).map((flag) => flag.name);
    const variable = fc.constantFrom(...names.map((name) => environmentName(name)));
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `--${text}`),
      fc.string().map((text) => `-${text}`),
      fc.constantFrom('--', '-', '', 'serve', '--help=1', '=', '--=', '--no-', '-h=', '__proto__'),
      fc
        .tuple(
          fc.constantFrom('--', '--no-', '-'),
          fc.constantFrom(...names),
          fc.constantFrom('', '=', ' '),
        )
        .map((p) => p.join('')),
      fc
        .tuple(fc.constantFrom(...names), fc.string({ unit: 'binary' }))
        .map(([name, text]) => `--${name}=${text}`),
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 6 }),
        fc.dictionary(variable, word),
        (argv, environment) => {
          // Throws here whatever else the parser throws.
          const error = outcome(argv, environment);
          const line = error === undefined ? 'taken' : oneLine(error);
          expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,1000}$/u);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a name of 100,000 characters gets the same short answer', () => {
    expect(oneLine(failure([`--${'x'.repeat(100_000)}`])).length).toBeLessThan(400);
  });
});

describe('nonsense', () => {
  test.each([
    [['--pairs.max=0'], /does not take "0"; allowed is a whole number from 1 to 1000000$/],
    [['--pairs.max=-1'], /does not take "-1"/],
    [['--pairs.max=1e9'], /does not take "1e9"/],
    [['--pairs.max=1000000000'], /does not take "1000000000"/],
    [['--pairs.max=abc'], /does not take "abc"/],
    [['--pairs.max='], /needs a value/],
    [['--pairs.max', '1', '--pairs.max', '2'], /more than once/],
    [['--comm.fold', 'kworker'], /allowed is REGEXP=NAME, such as/],
    [['--comm.fold=(a+)+$'], /allowed is REGEXP=NAME/],
    [['--comm.fold=[=x'], /a regular expression as RE2 has it/],
    [['--web.max-requests=10001'], /from 0 to 10000$/],
    [['--web.page=everybody'], /one of local, on, off$/],
    [['--collector.ring-slots=100000'], /a power of two/],
    [['--collector.receive-buffer=2GiB'], /a size from 4KiB to 1GiB/],
    [['--collector.gather=2s'], /a time from 0 to 1s/],
    [['--collector.gather=5'], /such as 500us, 5ms or 1s$/],
    [['--storm.threshold=0'], /from 1 to/],
    [['--user=ro ot'], /the name of a user, or a uid$/],
    [['--user=4294967295'], /the name of a user, or a uid$/],
    [['--user=-1'], /the name of a user, or a uid$/],
    [['--web.config.file=a\nb'], /a path without control characters$/],
    [['--path.passwd=passwd'], /an absolute path/],
  ] as const)('%j gets one line that says what is allowed', (argv, message) => {
    const error = failure(argv);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^--[a-z.-]+ /);
    expect(oneLine(error)).not.toMatch(/\p{Cc}/u);
  });
});
