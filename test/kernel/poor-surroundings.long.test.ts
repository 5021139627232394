// A host that gives little: the daemon runs, or ends with one line; it says in either case what is missing.
import { expect, test } from 'vitest';
import { Daemon, runToEnd, type DaemonOptions } from '../harness/daemon.ts';
import { describeWith } from '../harness/requirements.ts';
import { Manager } from '../harness/service-manager.ts';
import { Storm } from '../harness/storm.ts';

const failsWith = (code: string, word: RegExp): RegExp =>
  new RegExp(`^procevents-exporter: [^\\n]*${word.source}[^\\n]* \\[${code}\\]\\. [^\\n]+\\n$`);

const shell = (script: string): readonly string[] => ['sh', '-c', `${script}exec "$@"`, 'sh'];
const mounting = (commands: string): readonly string[] => [
  'unshare',
  '--mount',
  ...shell(commands),
];

/** For a daemon whose log cannot be read: starts it, ends it when it serves, and returns what it said on stderr. */
async function served(redirection: string, flags: readonly string[] = []): Promise<string> {
  const manager = await Manager.start('path');
  const under = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
  const daemon = Daemon.launch({ under, flags, environment: { NOTIFY_SOCKET: manager.address } });
  await manager.hears(/^READY=1/);
  await daemon.stop();
  await manager.end();
  return daemon.stderr;
}

describeWith(['events'], 'a log that cannot be written', () => {
  test.for([
    ['a full disk', '>/dev/full', []],
    ['a full disk, readable lines', '>/dev/full', ['--log.format=pretty']],
  ] as const)('%s: it serves, and says so once', async ([, redirection, flags]) => {
    expect(await served(redirection, flags)).toBe(
      'procevents-exporter: cannot write the log: ENOSPC. It goes on without.\n',
    );
  });

  test.for([
    ['a full disk for that too', '>/dev/full 2>/dev/full'],
    ['stdout closed', '>&-'],
    ['all closed', '<&- >&- 2>&-'],
  ] as const)('%s: it serves', async ([, redirection]) => {
    expect(await served(redirection)).toBe('');
  });
});

describeWith(['events', 'prlimit'], 'limits', () => {
  test('without memory to lock it serves, with names from perf or a word about them', async () => {
    const options: DaemonOptions = { under: ['prlimit', '--memlock=0:0'] };
    // What the kernel grants each user beyond the limit is enough for one of them.
    const daemons = [await Daemon.start(options), await Daemon.start(options)];
    for (const daemon of daemons) {
      const { execNames } = daemon.log.find(({ msg }) => msg === 'listening')!;
      const up = (await daemon.scrape()).value('procevents_exec_names_up');
      expect(up === 1 ? 'true' : String(execNames)).toMatch(/^true$|RLIMIT_MEMLOCK/);
      expect(up).toBe(execNames === true ? 1 : 0);
      await daemon.stop();
    }
  });
});

describeWith(['events', 'unshare'], 'mounts', () => {
  test('it serves where nothing can be written', async () => {
    const readOnly =
      'mount -o remount,bind,ro / && mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && ';
    const daemon = await Daemon.start({ under: mounting(readOnly) });
    expect((await daemon.get('/metrics')).status).toBe(200);
    await daemon.stop();
  });

  // A new mount: remounting /proc would hide it from the whole host.
  test('a procfs that hides others is no procfs', async () => {
    const run = await runToEnd({ under: mounting('mount -t proc -o hidepid=2 proc /proc && ') });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(failsWith('PROCEVENTS_PROCFS', /uid 65534 \(hidepid\)/));
  });

  test('a folder is no procfs', async () => {
    const run = await runToEnd({ flags: ['--path.procfs=/usr'] });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(failsWith('PROCEVENTS_PROCFS', /\/usr is no procfs/));
  });

  test('a procfs of processes alone will do, and it says what is missing', async () => {
    const under = mounting('mount -t proc -o subset=pid proc /proc && ');
    const daemon = await Daemon.start({ under });
    const warnings = daemon.log.filter(({ level }) => Number(level) >= 40);
    expect(warnings).toMatchObject([{ msg: expect.stringContaining('/proc/stat cannot be read') }]);
    await daemon.stop();
  });

  test('a procfs that shows all to our group will do', async () => {
    const under = mounting('mount -t proc -o hidepid=2,gid=4711 proc /proc && ');
    const daemon = await Daemon.start({ under, flags: ['--user=4711'] });
    expect((await daemon.scrape()).value('procevents_processes')).toBeGreaterThan(1);
    await daemon.stop();
  });
});

describeWith(['events'], 'two daemons', () => {
  test('of one user count the same storm, each for itself', async () => {
    const daemons = [await Daemon.start(), await Daemon.start()];
    const forks = (): Promise<number[]> =>
      Promise.all(
        daemons.map(async (daemon) =>
          (await daemon.scrape()).value('procevents_events_total', { event: 'fork' }),
        ),
      );
    const before = await forks();
    await new Storm('vfork', '--count', '2000').done();
    const after = await forks();
    after.forEach((count, i) => expect(count - before[i]!).toBeGreaterThanOrEqual(2000));
    for (const daemon of daemons) await daemon.stop();
  });
});
