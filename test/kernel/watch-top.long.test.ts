// The live table and every other end that can be told: the terminal is given back each time. And terminals that can less.
import { expect, test, vi } from 'vitest';
import { PATIENT } from '../harness/patience.ts';
import { PseudoTerminal } from '../harness/pseudo-terminal.ts';
import { describeWith } from '../harness/requirements.ts';
import { MAIN, Watch } from '../harness/watch.ts';

function start(flags: readonly string[], environment: NodeJS.ProcessEnv = {}): PseudoTerminal {
  return new PseudoTerminal([process.execPath, MAIN, 'watch', ...flags], { environment });
}

async function startTop(): Promise<PseudoTerminal> {
  const terminal = start(['--top']);
  await vi.waitFor(() => expect(terminal.screen[0]).toMatch(/^procevents /), PATIENT);
  return terminal;
}

describeWith(['events'], 'watch on a terminal', () => {
  test.each([
    'SIGINT',
    'SIGHUP',
    'SIGQUIT',
    'SIGUSR2',
    'SIGALRM',
    'SIGVTALRM',
    'SIGXCPU',
    'SIGIO',
    'SIGPWR',
    'SIGSTKFLT',
    'SIGSYS',
    'SIGABRT',
  ] as const)('the table gives it back when %s ends it', async (signal) => {
    const terminal = await startTop();
    await terminal.signal(signal);
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
    expect(terminal.isMain).toBe(true);
  });

  test.each(['q', '\u0003', '\u001c'])('the key %j ends the table', async (key) => {
    const terminal = await startTop();
    terminal.type(key);
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
    expect(terminal.isMain).toBe(true);
  });

  test('Ctrl-Z lends it to the shell, and fg draws again', async () => {
    const terminal = await startTop();
    terminal.type('\u001a');
    await vi.waitFor(() => expect(terminal.stops).toEqual([true]), PATIENT);
    expect(terminal.isMain).toBe(true);
    const { frames } = terminal;
    await terminal.signal('SIGCONT');
    await vi.waitFor(() => expect(terminal.frames).toBeGreaterThan(frames + 1), PATIENT);
    expect(terminal.isMain).toBe(false);
    terminal.type('q');
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
  });

  test.each([{ flags: ['--top'] }, { flags: [] }])(
    'a line that is hung up ends $flags',
    async ({ flags }) => {
      const terminal = start(flags);
      await vi.waitFor(() => expect(terminal.text).not.toBe(''), PATIENT);
      terminal.hangUp();
      expect(await terminal.ended).toEqual({ code: null, signal: 'SIGHUP', restored: null });
    },
  );

  test('a dumb terminal gets tables without a single control sequence', async () => {
    const terminal = start(['--top', '--count=1'], { TERM: 'dumb' });
    expect(await terminal.ended).toMatchObject({ code: 0, restored: true });
    expect(terminal.text).toContain('FORKS/s');
    expect(terminal.text).not.toContain('\u001b');
  });

  test.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
  ])('lines are coloured with %j: %j', async (environment, coloured) => {
    const terminal = start([], environment);
    await vi.waitFor(() => expect(terminal.text).toContain('TIME'), PATIENT);
    terminal.type('\u0003'); // here the terminal itself makes a signal of it
    expect(await terminal.ended).toEqual({ code: 0, signal: null, restored: true });
    expect(terminal.text.includes('\u001b[1mTIME')).toBe(coloured);
    expect(terminal.text).toMatch(/ shown, none lost\r\n$/);
  });

  test('the table as JSON has stable names', async () => {
    const watch = new Watch(['--top', '--json', '--count=2']);
    expect(await watch.ended).toEqual({ code: 0, signal: null });
    expect(watch.records).toHaveLength(2);
    const numbers = ['forks', 'execs', 'exits', 'failures', 'coredumps'];
    for (const record of watch.records) {
      expect(Object.keys(record)).toEqual(['time', 'kind', 'events_per_second', 'lost', 'rows']);
      expect(record).toMatchObject({ kind: 'top', lost: 0 });
      for (const row of record['rows'] as Record<string, object>[]) {
        expect(Object.keys(row)).toEqual(['comm', 'uid', 'user', 'per_second', 'total']);
        expect(Object.keys(row['per_second'] ?? {})).toEqual(numbers);
        expect(Object.keys(row['total'] ?? {})).toEqual(numbers);
      }
    }
  });
});
