// Real sockets: where the exporter listens, what a bad client costs, and how all of it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { ExporterError } from '../../../src/errors.ts';
import { buildApp, type Scrapes } from '../../../src/http/app.ts';
import { LIMITS, type Limits } from '../../../src/http/limits.ts';
import { listen, type Address, type Listeners } from '../../../src/http/listen.ts';
import { ask, rawClient, until } from './raw-client.ts';

const LOOPBACK: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };
// Only what is waited for in a test is short; the rest stays, so that it cannot be what ended the connection.
const QUICK: Limits = { ...LIMITS, connectionsCheckingInterval: 20 };

const open: Listeners[] = [];
afterEach(async () => {
  for (const listeners of open.splice(0)) await listeners.close(0);
});

const answer = { contentType: 'text/plain; charset=utf-8', body: 'up 1\n' };
const atOnce: Scrapes = { scrape: () => Promise.resolve(answer) };

async function serve(addresses: readonly Address[], scrapes: Scrapes = atOnce, limits?: Limits) {
  const log = pino({ level: 'silent' });
  const app = buildApp({
    telemetryPath: '/metrics',
    scrapes,
    health: { report: () => ({ status: 'ok', checks: {} }) },
    log,
    version: '1',
  });
  const listeners = await listen({
    app,
    addresses,
    log,
    ...(limits === undefined ? {} : { limits }),
  });
  open.push(listeners);
  const [url = ''] = listeners.urls;
  return { listeners, url };
}

/** Scrapes that answer when the test says so. */
function held(body = answer.body) {
  const waiting: (() => void)[] = [];
  const scrapes: Scrapes = {
    scrape: () =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ ...answer, body }));
      }),
  };
  return {
    scrapes,
    waiting,
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
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

const portOf = (url: string): number => Number(new URL(url).port);

describe('listening', () => {
  test('serves every address, says the real ports, and none of them after close', async () => {
    const path = join(folder(), 'x.sock');
    const { listeners } = await serve([
      LOOPBACK,
      { kind: 'tcp', host: '::1', port: 0 },
      { kind: 'unix', path },
    ]);
    const [four = '', six = '', unix = ''] = listeners.urls;
    expect(four).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect(six).toMatch(/^http:\/\/\[::1\]:[1-9]\d+$/);
    expect(unix).toBe(`unix:${path}`);
    for (const url of [four, six, unix])
      expect(await ask(url, '/metrics')).toMatch(/200 OK[^]*up 1\n$/);
    await listeners.close(1000);
    for (const url of [four, six, unix])
      await expect(rawClient(url)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
    expect(existsSync(path)).toBe(false);
  });

  test('without a host serves IPv4 and IPv6 on the same port', async () => {
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

  test('path at which there is a file is left alone', async () => {
    const path = join(folder(), 'precious');
    writeFileSync(path, 'data');
    const error = await failure([{ kind: 'unix', path }]);
    expect(error.message).toMatch(/no socket/);
    expect(statSync(path).size).toBe(4);
  });

  test.skipIf(process.getuid?.() !== 0)('of another user is left alone', async () => {
    const path = join(folder(), 'x.sock');
    await leaveBehind(path);
    chownSync(path, 65_534, 65_534);
    expect((await failure([{ kind: 'unix', path }])).message).toMatch(/another user/);
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('in a folder that is not there is an error that names it', async () => {
    const path = join(folder(), 'nowhere', 'x.sock');
    const error = await failure([{ kind: 'unix', path }]);
    expect(error.message).toContain(`unix:${path}`);
  });
});

/** A socket file whose program was killed: nothing removes it. */
async function leaveBehind(path: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

describe('a client that', () => {
  test('never ends the head of its request is closed', async () => {
    const { url } = await serve([LOOPBACK], atOnce, { ...QUICK, headersTimeout: 50 });
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('connects and never says anything is closed', async () => {
    const { url } = await serve([LOOPBACK], atOnce, { ...QUICK, headersTimeout: 50 });
    const client = await rawClient(url);
    await client.closed;
    expect(client.received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test('sends a byte now and then is closed all the same', async () => {
    const { url } = await serve([LOOPBACK], atOnce, { ...QUICK, headersTimeout: 100 });
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nX: ');
    const drip = setInterval(() => client.socket.write('a'), 5);
    await client.closed;
    clearInterval(drip);
    expect(client.received()).not.toMatch(/200 OK/);
  });

  test('promises a body that never comes gets its 405 and is closed', async () => {
    const { url } = await serve([LOOPBACK]);
    const client = await rawClient(url);
    client.socket.write('POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc');
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET, HEAD/i);
  });

  test('promises a body with GET, which never comes, is closed after its answer', async () => {
    const { url } = await serve([LOOPBACK], atOnce, {
      ...QUICK,
      requestTimeout: 100,
      headersTimeout: 100,
    });
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc');
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('asks with a URL of 1 MB is told so and closed, and the next is served', async () => {
    const { url } = await serve([LOOPBACK]);
    const client = await rawClient(url);
    client.socket.write(`GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.closed;
    expect(client.received()).toMatch(/^(HTTP\/1\.1 431 |$)/);
    expect(await ask(url, '/metrics')).toMatch(/200 OK/);
  });

  test.each([
    '\0\0\0\0\r\n\r\n',
    'GET\r\n\r\n',
    '\u0016\u0003\u0001\u0002\0\u0001',
    'GET / HTTP/9.9\r\n\r\n',
    'FOO / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  ])('talks nonsense (%j) is closed without a stack trace', async (bytes) => {
    const { url } = await serve([LOOPBACK]);
    const client = await rawClient(url);
    client.socket.write(bytes);
    await client.closed;
    expect(client.received()).not.toMatch(/ at |node:|200 OK/);
    expect(await ask(url, '/metrics')).toMatch(/200 OK/);
  });

  test.each(['OPTIONS *', 'PROPFIND /metrics', 'TRACE /metrics'])(
    'asks %s is refused in plain text',
    async (line) => {
      const { url } = await serve([LOOPBACK]);
      const client = await rawClient(url);
      client.socket.write(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.closed;
      expect(client.received()).toMatch(/^HTTP\/1\.1 (404|405) [^]*text\/plain/);
    },
  );

  test('is one too many is closed, and when another has gone there is room again', async () => {
    const { url } = await serve([LOOPBACK], atOnce, { ...LIMITS, maxConnections: 2 });
    const first = await rawClient(url);
    const second = await rawClient(url);
    // Two connections that are surely accepted: each has had an answer.
    for (const client of [first, second]) {
      client.socket.write('GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => client.received().includes('is healthy'));
    }
    const third = await rawClient(url);
    await third.closed;
    expect(third.received()).toBe('');
    first.socket.destroy();
    await until(async () => (await ask(url, '/metrics')).includes('200 OK'));
    second.socket.destroy();
  });

  test('does not take its answer is closed', async () => {
    const { scrapes, release, waiting } = held('x'.repeat(64 * 2 ** 20));
    const { url, listeners } = await serve([LOOPBACK], scrapes, { ...LIMITS, stallTimeout: 100 });
    const client = await rawClient(url);
    client.socket.pause();
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => waiting.length > 0);
    release();
    // Closed by the stall alone: then nothing is left that close would have to wait for.
    await until(() => connectionsOf(url) === 0);
    client.socket.destroy();
    await expect(listeners.close(1_000_000)).resolves.toBeUndefined();
  });

  test('leaves in the middle of its answer, or before it, leaves nothing behind', async () => {
    const { scrapes, release, waiting } = held('x'.repeat(8 * 2 ** 20));
    const { url, listeners } = await serve([LOOPBACK], scrapes);
    for (let round = 0; round < 20; round++) {
      const early = await rawClient(url);
      const middle = await rawClient(url);
      for (const { socket } of [early, middle])
        socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => waiting.length === 2);
      early.socket.destroy();
      release();
      await until(() => middle.received().length > 0);
      middle.socket.destroy();
      await Promise.all([early.closed, middle.closed]);
    }
    // A million milliseconds of grace: what was left behind would hang the test.
    await expect(listeners.close(1_000_000)).resolves.toBeUndefined();
  });
});

/** Established connections that the kernel still knows at the server's side of this URL. */
function connectionsOf(url: string): number {
  const port = portOf(url).toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => new RegExp(`^ *\\d+: [0-9A-F]{8}:${port} \\S+ 01 `).test(line))
    .length;
}

describe('closing', () => {
  test('finishes the answer under way, tells its client to close, and takes nobody new', async () => {
    const { scrapes, release, waiting } = held();
    const { url, listeners } = await serve([LOOPBACK], scrapes);
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => waiting.length === 1);
    const closed = listeners.close(1_000_000);
    await until(() =>
      rawClient(url).then(
        (late) => (late.socket.destroy(), false),
        () => true,
      ),
    );
    release();
    await Promise.all([closed, client.closed]);
    expect(client.received()).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*up 1\n$/i,
    );
  });

  test('ends idle and silent connections at once', async () => {
    const { url, listeners } = await serve([LOOPBACK]);
    const idle = await rawClient(url);
    idle.socket.write('GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => idle.received().includes('is healthy'));
    const silent = await rawClient(url);
    const half = await rawClient(url);
    half.socket.write('GET /metr');
    await listeners.close(1_000_000);
    await Promise.all([idle.closed, silent.closed, half.closed]);
    expect(silent.received() + half.received()).toBe('');
  });

  test('answers a request that was on its way when closing began', async () => {
    const { url, listeners } = await serve([LOOPBACK]);
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await listeners.close(1_000_000);
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close/i);
  });

  test('ends after its answer a connection that was promised keep-alive', async () => {
    const { scrapes, release, waiting } = held('x'.repeat(8 * 2 ** 20));
    const { url, listeners } = await serve([LOOPBACK], scrapes);
    const client = await rawClient(url);
    client.socket.pause();
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => waiting.length === 1);
    release();
    await until(() => client.socket.readableLength > 0);
    const closed = listeners.close(1_000_000);
    client.socket.resume();
    await Promise.all([closed, client.closed]);
    expect(client.received().length).toBeGreaterThan(8 * 2 ** 20);
  });

  test('destroys after the grace what does not end, and a second close need not wait for the first', async () => {
    const { scrapes, waiting } = held();
    const { url, listeners } = await serve([LOOPBACK], scrapes);
    const client = await rawClient(url);
    client.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => waiting.length === 1);
    const patient = listeners.close(1_000_000);
    await listeners.close(10);
    await Promise.all([patient, client.closed]);
    expect(client.received()).toBe('');
  });

  test('nobody’s port is held: another program can listen there', async () => {
    const { url, listeners } = await serve([LOOPBACK]);
    await listeners.close(0);
    const other = createServer().listen(portOf(url), '127.0.0.1');
    await once(other, 'listening');
    expect(other.listening).toBe(true);
    other.close();
  });
});
