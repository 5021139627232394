// Real sockets: where the exporter listens, and what it says when it cannot.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ExporterError } from '../../../src/errors.ts';
import type { Address } from '../../../src/http/listen.ts';
import { ask, rawClient } from './raw-client.ts';
import { LOOPBACK, portOf, serve } from './serving.ts';

const withoutIPv6 = lacks(
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1')),
  'IPv6 on the loopback interface',
);
const withoutRoot = lacks(process.getuid?.() === 0, 'root, to give a file to another user');

/** Whether to skip for want of this; never where the machine must have all, so that the test then fails. */
function lacks(there: boolean, what: string): boolean {
  const skip = !there && process.env['PROCEVENTS_REQUIRE_ALL'] !== '1';
  if (skip) process.stdout.write(`skipped: tests of listening that need ${what}\n`);
  return skip;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'procevents-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function failure(addresses: readonly Address[]): Promise<ExporterError> {
  const error: unknown = await serve(addresses).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ExporterError) return error;
  throw new Error(`no ExporterError: ${String(error)}`);
}

describe('listening', () => {
  test('serves every address, says the real ports, and none of them after close', async () => {
    const path = join(folder(), 'x.sock');
    const { listeners } = await serve([LOOPBACK, LOOPBACK, { kind: 'unix', path }]);
    const [first = '', second = '', unix = ''] = listeners.urls;
    for (const url of [first, second]) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect(first).not.toBe(second);
    expect(unix).toBe(`unix:${path}`);
    for (const url of listeners.urls)
      expect(await ask(url, '/metrics')).toMatch(/200 OK[^]*up 1\n$/);
    await listeners.close(1000);
    for (const url of listeners.urls) {
      await expect(rawClient(url)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
    }
    expect(existsSync(path)).toBe(false);
  });

  test.skipIf(withoutIPv6)('serves an IPv6 address, and says it in brackets', async () => {
    const { url } = await serve([{ kind: 'tcp', host: '::1', port: 0 }]);
    expect(url).toMatch(/^http:\/\/\[::1\]:[1-9]\d+$/);
    expect(await ask(url, '/metrics')).toMatch(/200 OK/);
  });

  test.skipIf(withoutIPv6)('without a host serves IPv4 and IPv6 on the same port', async () => {
    const { url } = await serve([{ kind: 'tcp', port: 0 }]);
    for (const host of ['127.0.0.1', '[::1]']) {
      expect(await ask(`http://${host}:${portOf(url)}`, '/metrics')).toMatch(/200 OK/);
    }
  });

  test('an address in use is one line that names it, and the addresses before it are free again', async () => {
    const path = join(folder(), 'x.sock');
    const { url } = await serve([LOOPBACK]);
    const error = await failure([
      { kind: 'unix', path },
      { kind: 'tcp', host: '127.0.0.1', port: portOf(url) },
    ]);
    expect(error.code).toBe('PROCEVENTS_LISTEN_IN_USE');
    expect(error.message).toBe(`cannot listen on 127.0.0.1:${portOf(url)}: the address is in use`);
    expect(existsSync(path)).toBe(false);
  });

  test('a port taken on all interfaces is named as it was given', async () => {
    const { url } = await serve([{ kind: 'tcp', port: 0 }]);
    const error = await failure([{ kind: 'tcp', port: portOf(url) }]);
    expect(error.message).toBe(`cannot listen on :${portOf(url)}: the address is in use`);
  });

  test('an address that is not of this host, or no name at all, is an error that names it', async () => {
    // 192.0.2.0/24 is reserved for documentation, .invalid for names that never exist.
    const foreign = await failure([{ kind: 'tcp', host: '192.0.2.1', port: 0 }]);
    expect([foreign.code, foreign.message]).toStrictEqual([
      'PROCEVENTS_LISTEN_FAILED',
      'cannot listen on 192.0.2.1:0: EADDRNOTAVAIL',
    ]);
    const nameless = await failure([{ kind: 'tcp', host: 'x.invalid', port: 1 }]);
    expect(nameless.code).toBe('PROCEVENTS_LISTEN_FAILED');
    expect(nameless.message).toMatch(/^cannot listen on x\.invalid:1: E/);
  });
});

describe('a unix socket', () => {
  test('has mode 0660 whatever the umask, and the umask is as before', async () => {
    const path = join(folder(), 'x.sock');
    const before = process.umask(0o000);
    try {
      await serve([{ kind: 'unix', path }]);
      expect(process.umask()).toBe(0o000);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  test('that a killed run left behind is replaced', async () => {
    const path = join(folder(), 'x.sock');
    await leaveBehind(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    const { url } = await serve([{ kind: 'unix', path }]);
    expect(await ask(url, '/metrics')).toMatch(/200 OK/);
  });

  test('on which somebody answers is left alone', async () => {
    const path = join(folder(), 'x.sock');
    const { url } = await serve([{ kind: 'unix', path }]);
    const error = await failure([{ kind: 'unix', path }]);
    expect(error.code).toBe('PROCEVENTS_LISTEN_IN_USE');
    expect(error.message).toBe(`cannot listen on unix:${path}: another program answers there`);
    expect(await ask(url, '/metrics')).toMatch(/200 OK/);
  });

  test('whose program is too busy to accept is left alone', async () => {
    const path = join(folder(), 'x.sock');
    const busy = await another(
      path,
      'for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
    );
    onTestFinished(() => void busy.kill('SIGKILL'));
    const waiting: Socket[] = [];
    onTestFinished(() => waiting.forEach((socket) => socket.destroy()));
    let end: unknown;
    while (end === undefined) {
      const socket = connect(path);
      waiting.push(socket);
      end = await once(socket, 'connect').then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
    }
    expect(end).toBe('EAGAIN');
    expect((await failure([{ kind: 'unix', path }])).message).toMatch(/another program answers/);
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('path at which there is a file is left alone', async () => {
    const path = join(folder(), 'precious');
    writeFileSync(path, 'data');
    const error = await failure([{ kind: 'unix', path }]);
    expect(error.message).toMatch(/no socket/);
    expect(statSync(path).size).toBe(4);
  });

  test.skipIf(withoutRoot)('of another user is left alone', async () => {
    const path = join(folder(), 'x.sock');
    await leaveBehind(path);
    chownSync(path, 65_534, 65_534);
    expect((await failure([{ kind: 'unix', path }])).message).toMatch(/another user/);
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('in a folder that is not there is an error that names it', async () => {
    const path = join(folder(), 'nowhere', 'x.sock');
    const { code, message } = await failure([{ kind: 'unix', path }]);
    expect([code, message]).toStrictEqual([
      'PROCEVENTS_LISTEN_FAILED',
      `cannot listen on unix:${path}: there is no folder ${dirname(path)}`,
    ]);
  });
});

/** A socket file whose program was killed: nothing removes it. */
async function leaveBehind(path: string): Promise<void> {
  const child = await another(path, '');
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** Another program that listens at this path, and then does what else it is told. */
async function another(path: string, then: string): Promise<ChildProcess> {
  const program = `require('net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => {
    require('fs').writeSync(1, 'up');
    ${then}
  })`;
  const child = spawn(process.execPath, ['-e', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}
