// Real sockets: how listening ends, for everybody who is connected.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { rawClient, until } from './raw-client.ts';
import { LOOPBACK, held, portOf, serve } from './serving.ts';

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
