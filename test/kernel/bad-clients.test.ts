// Clients that mean harm, many of them, against the daemon as it runs: others are served, and nothing stays behind.
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';

const ROUNDS = 10_000;
/** At once, of those. */
const SIDE_BY_SIDE = 50;
/** Far above what a garbage collector leaves lying about, far below what a leak of 10,000 connections would be. */
const GROWTH_BYTES = 60e6;

const ENDS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'),
  (socket) => socket.end('GET /metrics\r\n\r\n'),
  (socket) => socket.end('GET / HTTP/0.9\r\n\r\n'),
  (socket) => socket.end(Buffer.from('16030100ff010000fb0303', 'hex')),
  (socket) => socket.end(`GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}\r\n`),
  (socket) =>
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n', () => socket.resetAndDestroy()),
];

describeWith(['events'], 'clients that mean harm', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.start();
  });
  afterAll(() => daemon.stop());

  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const { port, hostname } = new URL(daemon.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.once('connect', () => resolve(socket));
    });
  const files = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;
  const resident = (): number => {
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  };

  async function round(i: number): Promise<void> {
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    ENDS[i % ENDS.length]!(socket);
    await closed;
  }

  async function rounds(count: number): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await round(next++);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  }

  test('a hundred that never end their requests do not keep others from their scrapes', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, open));
    for (const socket of slow) socket.write('GET /metrics HTTP/1.1\r\nX: ');
    for (let i = 0; i < 50; i++) {
      for (const socket of slow) socket.write('y');
      expect((await daemon.get('/metrics')).status).toBe(200);
    }
    for (const socket of slow) socket.destroy();
  });

  test('two thousand scrapes at once are each answered, or told to come again', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 2000 }, () =>
        daemon.get('/metrics').then(
          async (response) => {
            await response.arrayBuffer();
            return response.status;
          },
          // Beyond the connections that one address may hold.
          () => 0,
        ),
      ),
    );
    expect([...new Set(statuses)].filter((status) => ![0, 200, 503].includes(status))).toEqual([]);
    expect(statuses).toContain(200);
    expect((await daemon.get('/metrics')).status).toBe(200);
  });

  test('ten thousand bad ends leave neither sockets nor memory behind', async () => {
    await rounds(ROUNDS / 10);
    const before = resident();
    const quiet = files();
    await rounds(ROUNDS);
    await expect.poll(files, PATIENT).toBeLessThanOrEqual(quiet + 5);
    expect(resident() - before).toBeLessThan(GROWTH_BYTES);
    expect((await daemon.get('/healthz')).status).toBe(200);
  });
});
