// `watch` for those who look closely: names that mean harm, readers that go, disks that are full, places without privilege.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Judge } from '../harness/judge.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { Watch, pidOf, watchInto } from '../harness/watch.ts';

const makeOne = (): void => void spawnSync('true');

describeWith(['events'], 'watch', () => {
  test('a reader that sleeps does not hold up the end, and is told what it missed', async () => {
    const watch = await Watch.start([]);
    watch.pause();
    for (let i = 0; i < 8; i++) await Maker.perform('exit', { count: 500 });
    watch.signal('SIGINT');
    await vi.waitFor(() => expect(existsSync(`/proc/${watch.pid}/fd/1`)).toBe(false), PATIENT);
    watch.resume();
    expect(await watch.ended).toEqual({ code: 0, signal: null });
    expect(watch.stderr).toMatch(
      /; not told any more, as nobody read: [\d,]+ events? and the last lines\n$/,
    );
  });

  test('nor does it hold up the end of the time, and is told what it missed', async () => {
    const watch = new Watch(['--duration=1s']);
    watch.pause();
    await vi.waitFor(async () => {
      await Maker.perform('exit', { count: 500 });
      expect(existsSync(`/proc/${watch.pid}/fd/1`)).toBe(false);
    }, PATIENT);
    watch.resume();
    expect(await watch.ended).toEqual({ code: 0, signal: null });
    expect(watch.stderr).toMatch(
      /; not told any more, as nobody read: [\d,]+ events? and the last lines\n$/,
    );
  });

  test('what is lost at the end is told before the end', async () => {
    const watch = await Watch.startJson(['--collector.ring-slots=256'], makeOne);
    watch.pause();
    // Until its end: what is lost then no later event tells.
    const flood = spawn('bash', ['-c', 'while :; do (:); done'], { stdio: 'ignore' });
    onTestFinished(() => void flood.kill('SIGKILL'));
    for (let i = 0; i < 4; i++) await Maker.perform('exit', { count: 500 });
    watch.resume();
    expect(await watch.stop()).toEqual({ code: 0, signal: null });
    flood.kill('SIGKILL');
    const told = watch.records.reduce((sum, r) => sum + (r.kind === 'lost' ? r.count : 0), 0);
    const [, total = ''] = /([\d,]+) LOST: /.exec(watch.stderr) ?? [];
    expect(told).toBeGreaterThan(0);
    expect(told).toBe(Number(total.replaceAll(',', '')));
  });

  test('a reader that sleeps loses events, and every loss is said, at the place and at the end', async () => {
    const judge = await Judge.start({ quiet: true });
    const watch = await Watch.startJson(['--collector.ring-slots=256'], makeOne);
    watch.pause();
    const before = await judge.totals();
    spawnSync('bash', ['-c', 'for i in $(seq 3000); do (:); done']);
    const after = await judge.totals();
    watch.resume();
    const losses = () => watch.records.filter(({ kind }) => kind === 'lost');
    await vi.waitFor(() => {
      makeOne();
      expect(losses()).not.toHaveLength(0);
    }, PATIENT);
    expect(await watch.stop()).toEqual({ code: 0, signal: null });
    const lost = losses().reduce((sum, { count }) => sum + count, 0);
    const [, total = ''] =
      /([\d,]+) LOST: .*because the output was too slow/.exec(watch.stderr) ?? [];
    expect(Number(total.replaceAll(',', ''))).toBe(lost);
    const told = watch.records.filter(({ kind }) => kind === 'fork' || kind === 'exit').length;
    expect(told + lost).toBeGreaterThanOrEqual(after.fork + after.exit - before.fork - before.exit);
    await judge.stop();
  });

  test('is a tree where that is wanted', async () => {
    const comm = uniqueComm();
    const watch = await Watch.start(['--tree', `--comm=${comm}`]);
    const { pid, pids } = (await Maker.perform('double-fork', { comm })).made;
    const ends = () => watch.lines.filter((line) => / exit /.test(line));
    await vi.waitFor(() => expect(ends()).toHaveLength(3), PATIENT);
    await watch.stop();
    const at = watch.lines[0]?.indexOf('COMM') ?? 0;
    const indent = (one: number) =>
      new Set(
        watch.lines
          .filter((line) => pidOf(line) === one)
          .map((line) => line.slice(at).search(/\S/)),
      );
    expect(indent(pid)).toEqual(new Set([0]));
    const below = pids.map((one) => Array.from(indent(one)).join());
    expect(new Set(below)).toEqual(new Set(['2', '4']));
  });

  test('no name moves the cursor of whoever looks', async () => {
    const names = [
      '\u001b[2J\u001b[31m',
      '\u0007\u0008\r\n\t',
      Uint8Array.of(0x9b, 0x33, 0x31, 0x6d),
      'a\u202eb',
      '日本語',
    ];
    const watch = await Watch.start([]);
    const made: number[] = [];
    for (const name of names) {
      const maker = await Maker.perform('rename', { name });
      made.push(maker.made.pid);
    }
    const ends = () => watch.lines.filter((line) => / exit /.test(line)).map(pidOf);
    await vi.waitFor(() => expect(ends()).toEqual(expect.arrayContaining(made)), PATIENT);
    await watch.stop();
    for (const line of watch.lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(watch.lines.join('\n')).toContain(String.raw`\x1b[2J\x1b[31m`);
    expect(watch.lines.join('\n')).toContain('日本語');
  });

  test.each(['', '--json', '--tree', '--top', '--top --json'])(
    'head ends %j at once, without an error',
    (flags) => {
      const run = watchInto('head -n 3', flags);
      expect(run.stdout.trimEnd().split('\n')).toHaveLength(4);
      expect(run.stdout).toMatch(/\n0\n$/);
      expect(run.stderr).toBe('');
    },
  );

  test('a full disk is an error of one line', () => {
    const run = watchInto('', '>/dev/full');
    expect(run.stdout).toBe('1\n');
    expect(run.stderr).toMatch(
      /^procevents-exporter: cannot write its output \(ENOSPC\) \[PROCEVENTS_OUTPUT\]\. .*\n$/,
    );
  });

  test.each([
    [['--uid=nobody-has-this'], /there is no user "nobody-has-this" \[PROCEVENTS_USER\]/],
    [['--top', '--tree'], /--tree does not go with --top \[PROCEVENTS_FLAG_COMMAND\]/],
    [['--path.procfs=/nowhere'], /\[PROCEVENTS_PROCFS\]/],
  ])('%j is an error of one line', async (flags, message) => {
    const watch = new Watch(flags);
    expect(await watch.ended).toEqual({ code: 1, signal: null });
    expect(watch.stderr).toMatch(message);
    expect(watch.stderr).toMatch(/^procevents-exporter: [^\n]+\n$/);
    expect(watch.lines).toEqual([]);
  });

  test('colours are for terminals, and for whoever insists', async () => {
    const plain = await Watch.start([]);
    await plain.stop();
    expect(plain.lines.join('')).not.toContain('\u001b');
    const coloured = await Watch.start([], { environment: { FORCE_COLOR: '1' } });
    await coloured.stop();
    expect(coloured.lines[0]).toContain('\u001b[1mTIME');
  });
});

describeWith(['events', 'unshare', 'setpriv'], 'watch in poor surroundings', () => {
  test('in another network namespace is an error of one line', async () => {
    const watch = new Watch([], { under: ['unshare', '--net'] });
    expect(await watch.ended).toEqual({ code: 1, signal: null });
    expect(watch.stderr).toMatch(/^procevents-exporter: .*\[PROCEVENTS_CONNECTOR_SEND\]\. .*\n$/);
  });

  test('without privilege works where the kernel lets it, and says what is missing', async () => {
    const under = [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--inh-caps=-all',
    ];
    const watch = new Watch(['--duration=500ms'], { under });
    const { code } = await watch.ended;
    const lines = watch.stderr.trimEnd().split('\n');
    // Before Linux 6.6 nobody may listen without privilege.
    const expected =
      code === 0
        ? [
            /^procevents-exporter: warning: the receive buffer is /,
            /^procevents-exporter: warning: cannot open perf's COMM records: /,
            /^procevents-exporter: warning: cannot receive exit records from /,
            / events? in .* shown, none lost$/,
          ]
        : [/^procevents-exporter: .*\[PROCEVENTS_CONNECTOR_BIND\]/];
    expect(lines).toEqual(expected.map((one): unknown => expect.stringMatching(one)));
  });
});
