// Real sockets: what a bad client costs, and that it is closed.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LIMITS, type Limits } from '../../../src/http/limits.ts';
import { ask, rawClient, until } from './raw-client.ts';
import { LOOPBACK, atOnce, held, portOf, serve } from './serving.ts';

// Only what is waited for in a test is short; the rest stays, so that it cannot be what ended the connection.
const QUICK: Limits = { ...LIMITS, connectionsCheckingInterval: 20 };

/** Established connections that the kernel still knows at the server's side of this URL. */
function connectionsOf(url: string): number {
  const port = portOf(url).toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => new RegExp(`^ *\\d+: [0-9A-F]{8}:${port} \\S+ 01 `).test(line))
    .length;
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
    const { url } = await serve([LOOPBACK], atOnce, { ...QUICK, headersTimeout: 1000 });
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
      requestTimeout: 1000,
      headersTimeout: 1000,
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
    const { url, listeners } = await serve([LOOPBACK], scrapes, { ...LIMITS, stallTimeout: 1000 });
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
