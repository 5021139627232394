// The terminal as a screen: whatever ends the process, it is given back as it was. On a real pseudo-terminal.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { PATIENT } from '../../harness/patience.ts';
import { root } from '../../harness/programs.ts';
import { PseudoTerminal } from '../../harness/pseudo-terminal.ts';

const FILE = pathToFileURL(path.join(root, 'dist', 'watch', 'terminal.js')).href;

/** A program that has the terminal, and does what a key says. */
const PROGRAM = `
const { Terminal } = await import('${FILE}');
const { stdin: input, stdout: output } = process;
const terminal = new Terminal({ input, output, events: { typed, changed } });
let changes = 0;
function draw() {
  terminal.draw(['size ' + terminal.columns + ' ' + terminal.rows, 'changes ' + changes]);
}
function changed() {
  changes++;
  draw();
}
function typed(text) {
  if (text === 'h') {
    process.on('uncaughtException', () => {
      process.stderr.write('handled');
      process.exit(3);
    });
  }
  if (text === 't' || text === 'h') throw new Error('thrown');
  if (text === 'r') void Promise.reject(new Error('rejected'));
  if (text === 'e') process.exit(5);
  if (text === 'l') terminal.leave();
  if (text === 'z') terminal.suspend();
}
terminal.enter();
draw();
`;

async function start(): Promise<PseudoTerminal> {
  const terminal = new PseudoTerminal([process.execPath, '--input-type=module', '--eval', PROGRAM]);
  await vi.waitFor(() => expect(terminal.screen[0]).toBe('size 80 24'), PATIENT);
  expect(terminal.isMain).toBe(false);
  return terminal;
}

test.each([
  ['e', 5, ''],
  ['l', 0, ''],
  ['t', 1, 'Error: thrown'],
  ['h', 3, 'handled'],
  ['r', 1, 'Error: rejected'],
])(
  'it is given back when the program ends by %s, before its last words',
  async (key, code, said) => {
    const terminal = await start();
    terminal.type(key);
    expect(await terminal.ended).toEqual({ code, signal: null, restored: true });
    expect(terminal.isMain).toBe(true);
    expect(terminal.after).toContain(said);
  },
);

test('another size is another frame', async () => {
  const terminal = await start();
  terminal.resize(100, 10);
  await vi.waitFor(
    () => expect(terminal.screen).toEqual(['size 100 10', 'changes 1', '']),
    PATIENT,
  );
  terminal.type('e');
  await terminal.ended;
});

test.each(['a key', 'a signal'])('stopped by %s it is lent, and taken again', async (what) => {
  const terminal = await start();
  if (what === 'a key') terminal.type('z');
  else await terminal.signal('SIGTSTP');
  await vi.waitFor(() => expect(terminal.stops).toEqual([true]), PATIENT);
  expect(terminal.isMain).toBe(true);
  await terminal.signal('SIGCONT');
  await vi.waitFor(() => expect(terminal.screen[1]).toMatch(/^changes [12]$/), PATIENT);
  expect(terminal.isMain).toBe(false);
  // It can be stopped again, and ends as it did before.
  await terminal.signal('SIGTSTP');
  await vi.waitFor(() => expect(terminal.stops).toEqual([true, true]), PATIENT);
  await terminal.signal('SIGCONT');
  await vi.waitFor(() => expect(terminal.isMain).toBe(false), PATIENT);
  terminal.type('e');
  expect(await terminal.ended).toEqual({ code: 5, signal: null, restored: true });
  expect(terminal.isMain).toBe(true);
});
