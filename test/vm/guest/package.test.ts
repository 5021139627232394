// The life of the Debian package on Debian's own kernel and systemd, as its administrator sees it. Each test goes on
// where the one before it has left the machine.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { credentialsOf } from '../../harness/credentials.ts';
import { Exposition } from '../../harness/exposition.ts';
import { Maker } from '../../harness/maker.ts';
import { counts, pairOf } from '../../harness/pairs.ts';
import { PATIENT } from '../../harness/patience.ts';
import { ProgramCopies, root, uniqueComm } from '../../harness/programs.ts';

const NAME = 'procevents-exporter';
const SERVICE = `${NAME}.service`;
const SOCKET = `${NAME}.socket`;
const SETTINGS = `/etc/default/${NAME}`;
const ENABLED = `/etc/systemd/system/multi-user.target.wants/${SERVICE}`;
const ADDRESS = 'http://127.0.0.1:11011';
const SIGSEGV = 11;
const NO_CAPABILITY = '0000000000000000';

const packages = path.join(root, 'build/vm/packages');
const copies = new ProgramCopies();
afterAll(() => copies.remove());

describe('the Debian package', () => {
  let pid = 0;
  let astray = false;

  beforeEach(({ skip, onTestFailed }) => {
    skip(astray, 'a step before it failed');
    onTestFailed(() => {
      astray = true;
    });
  });

  test('is installed neither enabled nor started', () => {
    apt('install', path.join(packages, 'first.deb'));
    expect(said('dpkg-query', '--show', '--showformat=${Status}', NAME)).toBe(
      'install ok installed',
    );
    for (const unit of [SERVICE, SOCKET]) {
      expect([unit, state('is-enabled', unit), state('is-active', unit)]).toEqual([
        unit,
        'disabled',
        'inactive',
      ]);
    }
    expect(() => got('/metrics')).toThrow('Failed to connect');
  });

  test('serves once the administrator has started it, and says what Debian keeps from it', async () => {
    writeFileSync(SETTINGS, 'ARGS="--web.listen-address=127.0.0.1:11011 --pairs.max=1234"\n');
    said('systemctl', 'enable', '--now', SERVICE);
    // Type=notify: systemctl came back after READY=1, so it serves now.
    await expect.poll(listening, PATIENT).toMatchObject({
      execNames: expect.stringContaining('kernel.perf_event_paranoid'),
      taskstats: true,
    });
    expect(scraped().value('procevents_collector_up')).toBe(1);
    const { checks } = JSON.parse(got('/healthz')) as {
      readonly checks: Readonly<Record<string, object>>;
    };
    expect(checks['exec_names']).toMatchObject({ status: 'degraded' });
  });

  test('has every witness once that is allowed, and no privilege', async () => {
    // Debian's default is 3, at which its kernel wants CAP_SYS_ADMIN for perf.
    said('sysctl', '--write', 'kernel.perf_event_paranoid=2');
    said('systemctl', 'restart', SERVICE);
    await expect.poll(listening, PATIENT).toMatchObject({ execNames: true, taskstats: true });
    const scrape = scraped();
    for (const witness of ['collector', 'exec_names', 'taskstats']) {
      expect([witness, scrape.value(`procevents_${witness}_up`)]).toEqual([witness, 1]);
    }
    expect(scrape.value('procevents_pairs_limit')).toBe(1234);
    expect(versionIn(scrape)).toBe(versionOf('first.deb'));
    expect(show('Type')).toBe('notify');
    expect(show('StatusText')).toMatch(/^\d+ events, \d+ lost, \d+ shed$/);
    pid = Number(show('MainPID'));
    for (const { Uid, CapPrm, CapEff, CapAmb, NoNewPrivs } of credentialsOf(pid)) {
      expect(Number(Uid.split(' ')[0])).toBeGreaterThanOrEqual(61_184); // systemd's range for DynamicUser
      expect([CapPrm, CapEff, CapAmb]).toEqual([NO_CAPABILITY, NO_CAPABILITY, NO_CAPABILITY]);
      expect(NoNewPrivs).toBe('1');
    }
  });

  test('shows the crash of a program as a core dump, and logs who it was', async () => {
    const comm = uniqueComm();
    const maker = await Maker.start('signal', { comm, count: 1, signal: SIGSEGV, core: true });
    const [crashed] = maker.made.pids;
    await maker.finish();
    const pair = () => pairOf(scraped(), comm, 0);
    await expect
      .poll(pair, PATIENT)
      .toEqual(counts({ forks: 1, exits: 2, SIGSEGV: 1, coredumps: 1, coresWritten: 1 }));
    const lines = (): unknown[] =>
      logged().filter(({ msg, pid: who }) => msg === 'core dump' && who === crashed);
    await expect
      .poll(lines, PATIENT)
      .toMatchObject([{ comm, uid: 0, signal: 'SIGSEGV', coreWritten: true }]);
    // systemd-coredump, which is its core_pattern, has it too.
    const kept = (): string => attempted('coredumpctl', 'list', '--no-legend', String(crashed));
    await expect.poll(kept, PATIENT).toContain('SIGSEGV');
  });

  test('shows a neighbour that the kernel kills for its memory, and lives on', async () => {
    const comm = uniqueComm();
    const hungry = path.join(copies.directory, comm);
    copyFileSync('/usr/bin/tail', hungry); // of /dev/zero it keeps all, for it waits for an end of line
    chmodSync(hungry, 0o755);
    const limits = ['--property=MemoryMax=24M', '--property=MemorySwapMax=0'];
    const told = attempted('systemd-run', '--wait', ...limits, hungry, '/dev/zero');
    expect(told).toContain('oom-kill');
    const pair = () => pairOf(scraped(), comm, 0);
    await expect.poll(pair, PATIENT).toEqual(counts({ execs: 1, exits: 1, SIGKILL: 1 }));
    expect(Number(show('MainPID'))).toBe(pid);
  });

  test('feeds the watchdog', async () => {
    expect(show('WatchdogUSec')).toBe('30s');
    const fed = (): number => Number(show('WatchdogTimestampMonotonic'));
    const before = fed();
    await expect.poll(fed, PATIENT).toBeGreaterThan(before);
    expect([show('NRestarts'), Number(show('MainPID'))]).toEqual(['0', pid]);
  });

  test('an upgrade goes on with the new version, as enabled and with the settings as before', () => {
    apt('install', path.join(packages, 'upgrade.deb'));
    expect([state('is-active', SERVICE), show('NRestarts')]).toEqual(['active', '0']);
    expect(Number(show('MainPID'))).not.toBe(pid);
    const scrape = scraped();
    expect(versionIn(scrape)).toBe(versionOf('upgrade.deb'));
    expect(scrape.value('procevents_pairs_limit')).toBe(1234);
    expect(state('is-enabled', SERVICE)).toBe('enabled');
  });

  test('an upgrade of one that was stopped does not start it', () => {
    said('systemctl', 'stop', SERVICE);
    expect([show('Result'), show('ExecMainStatus')]).toEqual(['success', '0']);
    apt('install', '--reinstall', path.join(packages, 'upgrade.deb'));
    expect(state('is-active', SERVICE)).toBe('inactive');
    said('systemctl', 'start', SERVICE);
  });

  test('a removal stops it and takes its files, but not the settings', () => {
    const files = said('dpkg', '--listfiles', NAME).split('\n').slice(1);
    const own = files.filter((file) => file.includes(NAME) && file !== SETTINGS);
    expect(own.length).toBeGreaterThan(100);
    apt('remove', NAME);
    expect(own.filter((file) => existsSync(file))).toEqual([]);
    expect(existsSync(SETTINGS)).toBe(true);
    expect(state('is-active', SERVICE)).toBe('inactive');
    expect(existsSync(`/run/${NAME}`)).toBe(false);
    expect(() => got('/metrics')).toThrow('Failed to connect');
  });

  test('a purge leaves nothing behind', () => {
    expect(linkThere(ENABLED)).toBe(true);
    apt('purge', NAME);
    expect(existsSync(SETTINGS)).toBe(false);
    expect(linkThere(ENABLED)).toBe(false);
    expect(attempted('dpkg-query', '--show', NAME)).toContain('no packages found');
    // DynamicUser: there is no user or group to remove.
    expect(readFileSync('/etc/passwd', 'utf8') + readFileSync('/etc/group', 'utf8')).not.toContain(
      'procevents',
    );
    const left = said('find', '/etc', '/usr', '/var', '/run', '-xdev', '-name', `*${NAME}*`);
    expect(left).toBe('');
  });
});

/** What a command says in the end; throws when it fails. */
function said(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = ran(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout.trimEnd();
}

/** What a command says that may fail. */
function attempted(command: string, ...args: readonly string[]): string {
  const { stdout, stderr } = ran(command, args);
  return stdout + stderr;
}

function ran(command: string, args: readonly string[]) {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync(command, args, { encoding: 'utf8', env });
  if (result.error !== undefined) throw result.error;
  return result;
}

function apt(...args: readonly string[]): void {
  said('apt-get', '--yes', ...args);
}

function state(question: 'is-enabled' | 'is-active', unit: string): string {
  return attempted('systemctl', question, unit).trim();
}

function show(property: string): string {
  return said('systemctl', 'show', '--value', `--property=${property}`, SERVICE);
}

function logged(): Readonly<Record<string, unknown>>[] {
  const lines = said('journalctl', '--unit', SERVICE, '--output=cat').split('\n');
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What the last start said. */
function listening(): Readonly<Record<string, unknown>> | undefined {
  return logged().findLast(({ msg }) => msg === 'listening');
}

/** By a client of its own each time: no connection to a server that has ended meanwhile. */
function got(target: string): string {
  const { status, stdout, stderr } = ran('curl', ['--silent', '--show-error', ADDRESS + target]);
  if (status !== 0) throw new Error(stderr + attempted('systemctl', 'status', SERVICE));
  return stdout;
}

function scraped(): Exposition {
  return new Exposition(got('/metrics'));
}

function versionIn(scrape: Exposition): string | undefined {
  return scrape.series('procevents_build_info')[0]?.labels['version'];
}

/** Without Debian's own revision, of which the exporter knows nothing. */
function versionOf(file: string): string {
  return said('dpkg-deb', '--field', path.join(packages, file), 'Version').replace(/-[^-]*$/, '');
}

/** Also one that leads nowhere. */
function linkThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
