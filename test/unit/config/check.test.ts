// --config.check as users run it: what is printed can be trusted, compared and typed again, and errors end with 1.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig, shellWord } from '../../../src/config/check.ts';
import { parseCommandLine } from '../../../src/config/command-line.ts';
import { FLAGS } from '../../../src/config/flags.ts';
import { ExporterError } from '../../../src/errors.ts';
import { root } from '../../harness/programs.ts';

const MAIN = join(root, 'dist', 'main.js');
const PASSWD =
  'root:x:0:0::/root:/bin/sh\nprocevents:x:991:991::/:/bin/false\nann:x:1000:1000:::\n';
let folder: string;
let passwd: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-check-'));
  passwd = join(folder, 'passwd');
  writeFileSync(passwd, PASSWD);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const argv = [MAIN, '--config.check', ...flags];
  const env = { PATH: process.env['PATH'], ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  return { status, stdout, stderr, lines: stdout.split('\n') };
}

describe('--config.check', () => {
  test('prints each flag with its origin, once, as one would type it, and then the files', () => {
    const run = check([`--path.passwd=${passwd}`, '--no-collector.perf', '--comm.fold=a b.*=x'], {
      PROCEVENTS_PAIRS_MAX: '50',
      PROCEVENTS_WEB_LISTEN_ADDRESS: '127.0.0.1:1, unix:/a b',
      PROCEVENTS_WEB_DISABLE_EXPORTER_METRICS: 'YES',
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.lines).toEqual([
      'environment  --web.listen-address=127.0.0.1:1',
      "environment  --web.listen-address='unix:/a b'",
      'default      --web.telemetry-path=/metrics',
      'environment  --web.disable-exporter-metrics',
      'default      --web.config.file=',
      'default      --no-web.systemd-socket',
      'default      --web.max-requests=40',
      'default      --no-web.created',
      'default      --no-web.health-unprotected',
      'default      --web.page=local',
      'default      --path.procfs=/proc',
      `flag         --path.passwd=${passwd}`,
      'default      --collector.receive-buffer=64MiB',
      'default      --collector.ring-slots=131072',
      'flag         --no-collector.perf',
      'default      --collector.taskstats',
      'default      --collector.gather=5ms',
      'environment  --pairs.max=50',
      "flag         --comm.fold='a b.*=x'",
      'default      --storm.threshold=2000',
      'default      --user=',
      'default      --log.level=info',
      'default      --log.format=json',
      'flag         --config.check',
      'ok           --path.procfs: /proc is readable',
      `ok           --path.passwd: ${passwd} has 3 users`,
      'ok           --user: root becomes procevents (991)',
      '',
    ]);
  });

  test('prints what gives the same again when it is typed', () => {
    const flags = ["--comm.fold=it's=x", '--web.page=off', '--collector.gather=500us'];
    const first = check(flags).lines.filter((line) => / {2}--[^:]+(=|$)/.test(line));
    const typed = first.map((line) => line.slice(13)).join(' ');
    const again = spawnSync('sh', ['-c', `"$0" "$1" ${typed}`, process.execPath, MAIN], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    expect(again.stderr).toBe('');
    const values = again.stdout.split('\n').map((line) => line.slice(13));
    expect(values.slice(0, first.length)).toEqual(first.map((line) => line.slice(13)));
  });

  test('says less of a passwd that is not there, and goes on', () => {
    const run = check(['--path.passwd=/nowhere/passwd']);
    expect(run.status).toBe(0);
    expect(run.lines).toContain(
      'degraded     --path.passwd: /nowhere/passwd cannot be read (ENOENT): no user will have a name',
    );
    expect(run.lines).toContain(
      'ok           --user: root becomes 65534, for there is no procevents',
    );
  });

  test.each([
    ['ann', 'root becomes ann (1000)'],
    ['4711', 'root becomes 4711'],
    ['root', 'root stays root'],
  ])('finds out that --user=%s means: %s', (user, text) => {
    const run = check([`--path.passwd=${passwd}`, `--user=${user}`]);
    expect(run.lines).toContain(`ok           --user: ${text}`);
  });

  test.each([
    [['--user=an'], 'PROCEVENTS_USER', /no user "an"/],
    [['--user=0'], 'PROCEVENTS_USER', /"0" is root by another name/],
    [['--user=nn:x:1000'], 'PROCEVENTS_FLAG_VALUE', /--user does not take/],
    [['--path.procfs=/nowhere'], 'PROCEVENTS_PROCFS', /"\/nowhere".*ENOENT/],
    [['--path.procfs=/etc'], 'PROCEVENTS_PROCFS', /"\/etc" is no procfs/],
    [['--web.config.file=/nowhere.yml'], 'PROCEVENTS_WEB_CONFIG_FILE', /nowhere\.yml/],
    [['--web.config.file=/etc'], 'PROCEVENTS_WEB_CONFIG_FILE', /\/etc/],
    [['--web.config.file=/dev/zero'], 'PROCEVENTS_WEB_CONFIG_FILE', /\/dev\/zero/],
    [['--pairs.max=0'], 'PROCEVENTS_FLAG_VALUE', /--pairs\.max/],
  ] as const)('%j is one line and exit code 1', (flags, code, message) => {
    const run = check([`--path.passwd=${passwd}`, ...flags]);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(new RegExp(`^[^\\n]*\\[${code}\\][^\\n]*\\n$`));
  });

  test('asks the reader of the web configuration, and ends with what that says', async () => {
    const line = parseCommandLine(['--web.config.file=/w.yml', `--path.passwd=${passwd}`], {});
    if (line.command !== 'serve') throw new Error(line.command);
    const lines = await checkConfig({
      ...line,
      checkWebConfig: (path) => Promise.resolve(`${path} has TLS`),
      become: () => {},
    });
    expect(lines.at(-1)).toBe('ok           --web.config.file: /w.yml has TLS');
    const error = new ExporterError('PROCEVENTS_WEB_CONFIG_KEY', 'unknown key "tsl"');
    const refused = checkConfig({
      ...line,
      checkWebConfig: () => Promise.reject(error),
      become: () => {},
    });
    await expect(refused).rejects.toBe(error);
  });

  test.runIf(process.getuid?.() === 0)('reads the web file as the user that will', () => {
    const file = join(folder, 'web.yml');
    writeFileSync(file, '{}', { mode: 0o600 });
    chmodSync(folder, 0o755);
    const flags = [`--path.passwd=${passwd}`, `--web.config.file=${file}`];
    const run = check(flags);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(/permission denied[^\n]*PROCEVENTS_WEB_CONFIG_FILE/);
    chmodSync(file, 0o644);
    expect(check(flags)).toMatchObject({ status: 0, stderr: '' });
  });

  test('leaves out no flag of the table', () => {
    const text = check([]).stdout;
    for (const { name } of Object.values(FLAGS))
      expect(text).toMatch(new RegExp(`--(no-)?${name}`));
  });
});

describe('a value in the shell’s own words', () => {
  test.each([
    ['/a-b_c.d:1,2@x%+=', '/a-b_c.d:1,2@x%+='],
    ['', ''],
    ['a b', "'a b'"],
    ["it's", String.raw`'it'\''s'`],
    ['$HOME', "'$HOME'"],
    ['a\nb', String.raw`$'a\x0ab'`],
    ["\u0001'\\", String.raw`$'\x01\'\\'`],
    ['\u2028é', String.raw`$'\xe2\x80\xa8é'`],
  ])('%j is %s', (text, word) => expect(shellWord(text)).toBe(word));
});

test('an answer whose reader has gone, or whose disk is full, is no stack', () => {
  const full = spawnSync('sh', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, MAIN], {
    encoding: 'utf8',
  });
  expect(full).toMatchObject({ status: 1 });
  expect(full.stderr).toMatch(/^[^\n]*ENOSPC[^\n]*\[PROCEVENTS_OUTPUT\][^\n]*\n$/);
  const gone = spawnSync('sh', ['-c', '"$0" "$1" --help | true', process.execPath, MAIN], {
    encoding: 'utf8',
  });
  expect(gone).toMatchObject({ status: 0, stderr: '' });
});
