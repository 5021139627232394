// The commands as users meet them: which options each has, and which words an error has.
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/config/command-line.ts';
import { COMMANDS } from '../../../src/config/commands.ts';
import type { Flag } from '../../../src/config/flag.ts';
import { FLAGS } from '../../../src/config/flags.ts';
import { DEFAULTS, failure } from './parsed.ts';

describe('a command', () => {
  test('has options of its own, beside the flags that all commands take', () => {
    for (const argv of [
      ['doctor', '--json', '--pairs.max=7'],
      ['--pairs.max=7', '--json', 'doctor'],
    ]) {
      const line = parseCommandLine(argv, {});
      expect(line).toMatchObject({ command: 'doctor', options: { json: true } });
      expect(line.config).toStrictEqual({ ...DEFAULTS, pairsMax: 7 });
    }
    expect(parseCommandLine(['doctor'], {})).toMatchObject({ options: { json: false } });
    expect(parseCommandLine(['doctor', '--no-json'], {})).toMatchObject({
      options: { json: false },
    });
  });

  test('watch shows everything unless told otherwise', () => {
    const options = {
      top: false,
      events: ['fork', 'exec', 'uid', 'gid', 'sid', 'ptrace', 'comm', 'coredump', 'exit'],
      comms: [],
      uids: [],
      threads: true,
      tree: false,
      json: false,
      duration: undefined,
      count: undefined,
    };
    expect(parseCommandLine(['watch'], {})).toMatchObject({ command: 'watch', options });
    expect(parseCommandLine(['watch', '--events=all'], {})).toMatchObject({ options });
    const given =
      'watch --top --events=exit,exec --comm=bash --comm=z(sh)? --uid=root --uid=7 --no-threads --tree --json --duration=5m --count=9';
    expect(parseCommandLine(given.split(' '), {})).toMatchObject({
      options: {
        top: true,
        events: ['exec', 'exit'],
        comms: ['bash', 'z(sh)?'],
        uids: ['root', '7'],
        threads: false,
        tree: true,
        json: true,
        duration: 300_000,
        count: 9,
      },
    });
  });

  test.each([
    ['--events=', /^--events needs a value$/],
    ['--events=exec,exce', /^--events does not take "exec,exce"; allowed is all, or some of fork,/],
    ['--events=exec,exec', /^--events does not take/],
    ['--events=all,exec', /^--events does not take/],
    ['--comm=(', /^--comm does not take "\("; allowed is a regular expression as RE2 has it/],
    ['--comm=a(?=b)', /^--comm does not take/],
    [`--comm=${'a'.repeat(1001)}`, /at most 1000 characters$/],
    ['--uid=ro ot', /the name of a user, or a uid$/],
    ['--duration=5', /^--duration does not take "5"; allowed is a time from 1ms to 500h, such as/],
    ['--duration=501h', /^--duration does not take/],
    ['--duration=0s', /^--duration does not take/],
    ['--count=0', /^--count does not take "0"; allowed is a whole number from 1/],
  ])('watch refuses %s', (argument, message) => {
    expect(failure(['watch', argument]).message).toMatch(message);
  });

  test('has no variables for its options', () => {
    expect(parseCommandLine(['doctor'], { PROCEVENTS_JSON: '1' })).toMatchObject({
      options: { json: false },
    });
  });

  test.each([[['--json']], [['serve', '--json']], [['--no-json']]])(
    'refuses the option of another and names that: %j',
    (argv) => {
      expect(failure(argv)).toMatchObject({
        code: 'PROCEVENTS_FLAG_COMMAND',
        message: '--json belongs to the commands watch and doctor, not to serve',
      });
    },
  );

  test.each([
    [['doctor', '--json=yes'], 'PROCEVENTS_FLAG_SWITCH', /^--json takes no value$/],
    [
      ['doctor', '--json', '--json'],
      'PROCEVENTS_FLAG_REPEATED',
      /^--json is given more than once$/,
    ],
    [['doctor', '--jsno'], 'PROCEVENTS_FLAG_UNKNOWN', /nearest is --json$/],
    [['docter'], 'PROCEVENTS_COMMAND_UNKNOWN', /nearest is "doctor"$/],
    [['doctor', 'me'], 'PROCEVENTS_COMMAND_UNKNOWN', /"me" after the command "doctor"$/],
  ] as const)('%j is refused with %s', (argv, code, message) => {
    const error = failure(argv);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('shares the name of an option only with one of the same type', () => {
    const seen = new Map(Object.values(FLAGS).map((flag) => [flag.name, 'a flag of all commands']));
    for (const { options } of Object.values(COMMANDS)) {
      for (const option of Object.values(options as Record<string, Flag<unknown>>)) {
        expect(seen.get(option.name) ?? option.type).toBe(option.type);
        seen.set(option.name, option.type);
      }
    }
  });
});
