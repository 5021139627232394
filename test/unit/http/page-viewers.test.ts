// Who sees the live page and /api/: not the network, and not a web site that has made its name point here.
import { describe, expect, test } from 'vitest';
import type { PageRules } from '../../../src/http/page-viewers.ts';
import { judge } from '../../../src/http/page-viewers.ts';
import { ask } from './raw-client.ts';
import { folder } from './secured.ts';
import { LOOPBACK, atOnce, serve } from './serving.ts';
import { join } from 'node:path';

const rules = (o: Partial<PageRules> = {}): PageRules => ({
  viewers: 'local',
  authenticates: () => false,
  hostNames: ['node17', 'Exporter.Example.org'],
  ...o,
});
const DIRECT = { address: '127.0.0.1', host: '127.0.0.1:11011', forwarded: false };

describe('--web.page', () => {
  test.each([
    ['127.0.0.1', 'shown'],
    ['127.9.9.9', 'shown'],
    ['::1', 'shown'],
    ['::ffff:127.0.0.1', 'shown'],
    [undefined, 'shown'],
    ['192.0.2.1', 'remote'],
    ['::ffff:192.0.2.1', 'remote'],
    ['2001:db8::1', 'remote'],
    ['::2', 'remote'],
    ['127.0.0.1.example.org', 'remote'],
  ] as const)('local: a client at %s: %s', (address, expected) => {
    expect(judge(rules(), { ...DIRECT, address })).toBe(expected);
    expect(judge(rules({ authenticates: () => true }), { ...DIRECT, address })).toBe('shown');
    expect(judge(rules({ viewers: 'on' }), { ...DIRECT, address })).toBe('shown');
    expect(judge(rules({ viewers: 'off' }), { ...DIRECT, address })).toBe('off');
  });

  test('local: what a proxy on this host forwards comes from anywhere', () => {
    for (const address of ['127.0.0.1', '::1', undefined]) {
      const client = { ...DIRECT, address, forwarded: true };
      expect(judge(rules(), client)).toBe('remote');
      expect(judge(rules({ authenticates: () => true }), client)).toBe('shown');
      expect(judge(rules({ viewers: 'on' }), client)).toBe('shown');
      expect(judge(rules({ viewers: 'off' }), client)).toBe('off');
    }
  });

  test.each([
    ['127.0.0.1', true],
    ['127.0.0.1:80', true],
    ['192.0.2.7:11011', true],
    ['[::1]:11011', true],
    ['[2001:db8::1]', true],
    ['localhost', true],
    ['LOCALHOST:11011', true],
    ['localhost.:11011', true],
    ['node17:11011', true],
    ['exporter.example.org', true],
    ['rebound.example.net:11011', false],
    ['localhost.example.net', false],
    ['127.0.0.1.example.net', false],
    ['node17.example.net', false],
    ['127.1', false],
    ['2130706433', false],
    ['[127.0.0.1]', false],
    ['[node17]', false],
    ['localhost:x', false],
    ['localhost@example.net', false],
    ['', false],
    [undefined, false],
  ])('the Host %s is ours: %s', (host, ours) => {
    for (const viewers of ['local', 'on'] as const) {
      const verdict = judge(rules({ viewers }), { ...DIRECT, host });
      expect(verdict).toBe(ours ? 'shown' : 'host');
    }
  });
});

describe('the page and /api/', () => {
  const own = { viewers: 'local', authenticates: () => false, hostNames: ['x'] } as const;

  test('are there for this host, and for nobody by a foreign name', async () => {
    const path = join(folder(), 'x.sock');
    const addresses = [LOOPBACK, { kind: 'unix', path }] as const;
    const { listeners } = await serve(addresses, atOnce, undefined, { page: own });
    for (const url of listeners.urls) {
      expect(await ask(url, '/')).toMatch(/200 OK[^]*>live</);
      const got = await ask(url, '/api/v1/summary');
      expect(got).toMatch(/200 OK[^]*cache-control: no-store[^]*\{"pairs":1\}$/i);
    }
  });

  test('a foreign name gets 421 there, and its metrics and health all the same', async () => {
    const page = { ...own, hostNames: [] };
    const { url } = await serve([LOOPBACK], atOnce, undefined, { page });
    for (const path of ['/', '/api/v1/summary', '/page/main.js']) {
      const got = await ask(url, path);
      expect(got).toMatch(/^HTTP\/1\.1 421 [^]*localhost[^\n]*\n$/);
    }
    for (const path of ['/metrics', '/healthz', '/-/ready']) {
      expect(await ask(url, path)).toMatch(/200 OK/);
    }
  });

  test.each(['X-Forwarded-For: 192.0.2.1', 'Forwarded: for=192.0.2.1', 'x-forwarded-for:'])(
    'a proxy on this host gets the plain page, and no data, for a client: %s',
    async (header) => {
      const { url } = await serve([LOOPBACK], atOnce, undefined, { page: own });
      const headers = `${header}\r\nConnection: close\r\n`;
      const plain = await ask(url, '/', headers);
      expect(plain).toMatch(/200 OK[^]*<html/);
      expect(plain).not.toContain('>live<');
      for (const path of ['/api/v1/summary', '/page/main.js']) {
        expect(await ask(url, path, headers)).toMatch(/^HTTP\/1\.1 403 [^]*proxy[^\n]*\n$/);
      }
      expect(await ask(url, '/metrics', headers)).toMatch(/200 OK/);
    },
  );

  test('off: the plain page for everybody, under every name, and no /api/', async () => {
    const page = { ...own, viewers: 'off' as const, hostNames: [] };
    const { url } = await serve([LOOPBACK], atOnce, undefined, { page });
    expect(await ask(url, '/')).toMatch(/200 OK[^]*<html/);
    for (const path of ['/api/v1/summary', '/page/main.js']) {
      expect(await ask(url, path)).toMatch(/^HTTP\/1\.1 404 [^]*not found\n$/);
    }
  });
});
