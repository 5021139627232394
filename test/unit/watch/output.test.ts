// Standard output as other programs make it: slow readers, readers that have gone, disks that are full. On real pipes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { Output } from '../../../src/watch/output.ts';
import { PATIENT } from '../../harness/patience.ts';

const LINE = 'x'.repeat(99);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function reader(command: string, ...args: string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

function outputTo(stream: Writable) {
  const hurry = new AbortController();
  const closed = vi.fn<() => void>();
  const output = new Output({ stream, hurry: hurry.signal, closed });
  return { output, hurry, closed };
}

/** Adds as watch does: until there is no room. */
async function fill(output: Output, flushed: () => void): Promise<number> {
  let lines = 0;
  for (;;) {
    output.add(LINE);
    lines++;
    if (!output.full) continue;
    let done = false;
    void output.flush().then(() => (done = true));
    // A reader that takes it does so in this time; one that never reads has it all.
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (!done) return lines;
    flushed();
  }
}

test('what a reader does not take waits, bounded, and whoever adds must wait', async () => {
  const { output, hurry } = outputTo(reader('sleep', '1000').stdin);
  const flushed = vi.fn<() => void>();
  const lines = await fill(output, flushed);
  // One piece waits, one is on its way, and a pipe or socket holds some.
  expect(lines).toBeLessThan(10_000);
  const flush = output.flush();
  hurry.abort();
  await flush;
});

test('a signal ends it though the reader sleeps, and that is said', async () => {
  const { output, hurry } = outputTo(reader('sleep', '1000').stdin);
  await fill(output, () => {});
  const finished = output.finish();
  hurry.abort();
  expect(await finished).toBe(false);
});

test('a slow reader gets every line, in order, also the last', async () => {
  const child = reader('sh', '-c', 'sleep 1; exec cat');
  const { output } = outputTo(child.stdin);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${LINE}`);
  for (const line of lines) {
    output.add(line);
    if (output.full) await output.flush();
  }
  expect(await output.finish()).toBe(true);
  child.stdin.end();
  await once(child, 'close');
  expect(text).toBe(`${lines.join('\n')}\n`);
});

test('a reader that has gone is told, and is no error', async () => {
  const child = reader('sh', '-c', 'exec 0<&-; exec sleep 1000');
  const { output, closed } = outputTo(child.stdin);
  await vi.waitFor(() => {
    output.add(LINE);
    expect(closed).toHaveBeenCalled();
  }, PATIENT);
  expect(output.gone).toBe(true);
  expect(output.error).toBeUndefined();
  expect(await output.finish()).toBe(true);
});

test('a full disk is an error', async () => {
  const { output, closed } = outputTo(createWriteStream('/dev/full'));
  output.add(LINE);
  await vi.waitFor(() => expect(closed).toHaveBeenCalled(), PATIENT);
  expect(output.gone).toBe(false);
  expect(output.error?.code).toBe('ENOSPC');
});
