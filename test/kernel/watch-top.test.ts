// The live table on a real terminal: what it shows, its keys, and that it gives the terminal back.
import { expect, test, vi } from 'vitest';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';
import { PseudoTerminal } from '../harness/pseudo-terminal.ts';
import { describeWith } from '../harness/requirements.ts';
import { MAIN, Watch } from '../harness/watch.ts';

async function startTop(flags: readonly string[] = []): Promise<PseudoTerminal> {
  const terminal = new PseudoTerminal([process.execPath, MAIN, 'watch', '--top', ...flags]);
  await vi.waitFor(() => expect(terminal.screen[0]).toMatch(/^procevents /), PATIENT);
  expect(terminal.isMain).toBe(false);
  return terminal;
}

/** Once the screen shows such a line. */
function shows(terminal: PseudoTerminal, pattern: RegExp): Promise<void> {
  return vi.waitFor(() => expect(terminal.screen.join('\n')).toMatch(pattern), PATIENT);
}

describeWith(['events'], 'watch --top', () => {
  test('counts by comm and user, sorts as told, fits its terminal, and ends by q', async () => {
    const comm = uniqueComm();
    const terminal = await startTop([`--comm=${comm}`]);
    const maker = await Maker.start('exit', { comm, count: 5, code: 3 });
    await shows(terminal, new RegExp(String.raw`^${comm} +root +[\d.]+ +0 +[\d.]+ +5 +0$`, 'm'));
    await maker.finish();
    expect(terminal.screen).toHaveLength(24);
    expect(terminal.screen[2]).toContain('FORKS/s▼');
    terminal.type('x');
    await shows(terminal, /EXITS\/s▼/);
    terminal.type('r');
    await shows(terminal, /EXITS\/s▲/);
    terminal.resize(60, 8);
    await vi.waitFor(() => {
      expect(terminal.screen).toHaveLength(8);
      for (const line of terminal.screen) expect(line.length).toBeLessThanOrEqual(60);
    }, PATIENT);
    terminal.type('q');
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
    expect(terminal.isMain).toBe(true);
    expect(terminal.after).toMatch(/^[\d,]+ events? in [\d.]+ s \([\d,]+\/s\), none lost\r\n$/);
  });

  test('counts the ends of processes, whose leaders left first or whose threads executed', async () => {
    const [comm, executed] = [uniqueComm(), uniqueComm()];
    const copies = new ProgramCopies();
    const program = [copies.add('nothing', executed)];
    const watch = new Watch(['--top', '--json', `--comm=${comm}|${executed}`]);
    await vi.waitFor(() => expect(watch.lines.length).toBeGreaterThan(0), PATIENT);
    await Maker.perform('leader-exit', { comm, count: 5, code: 3 });
    await Maker.perform('thread-exec', { comm, count: 5, others: 2, program });
    const totals = () => {
      const rows = watch.records.at(-1)?.['rows'] as { comm: string; total: object }[] | undefined;
      return Object.fromEntries(rows?.map((row) => [row.comm, row.total]) ?? []);
    };
    await vi.waitFor(
      () =>
        expect(totals()).toEqual({
          [comm]: { forks: 10, execs: 0, exits: 5 + 2, failures: 5, coredumps: 0 },
          [executed]: { forks: 0, execs: 5, exits: 5, failures: 0, coredumps: 0 },
        }),
      PATIENT,
    );
    await watch.stop();
    copies.remove();
  });

  test('gives the terminal back when it is told to end', async () => {
    const terminal = await startTop();
    await terminal.signal('SIGTERM');
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
    expect(terminal.isMain).toBe(true);
  });

  test('without a terminal prints one table after the other', async () => {
    const watch = new Watch(['--top', '--count=2']);
    expect(await watch.ended).toEqual({ code: 0, signal: null });
    const heads = watch.lines.filter((line) => line.startsWith('COMM '));
    expect(heads).toHaveLength(2);
    for (const line of watch.lines) expect(line).not.toMatch(/\p{Cc}/u);
  });
});
