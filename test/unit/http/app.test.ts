// Paths and answers, without a socket: what is served, what is refused, and what is never said.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { ASSETS } from './assets.ts';
import { RESERVED_PATHS } from '../../../src/config/telemetry-path.ts';
import { buildApp, type AppOptions } from '../../../src/http/app.ts';
import type { HealthReport } from '../../../src/http/health-report.ts';

const OK: HealthReport = { status: 'ok', checks: { ring: { status: 'ok', detail: '1 % used' } } };
const PATHS = ['/metrics', '/healthz', '/-/healthy', '/-/ready', '/'];

function setUp(o: Partial<AppOptions> & { readonly report?: () => HealthReport } = {}) {
  const asked: (readonly [number | undefined, string, boolean])[] = [];
  const logged: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const app = buildApp({
    telemetryPath: '/metrics',
    scrapes: {
      scrape: (timeout, format, gzip) => {
        asked.push([timeout, format, gzip]);
        return Promise.resolve({
          contentType: 'text/plain; version=0.0.4; charset=utf-8',
          body: 'procevents_up 1\n',
        });
      },
    },
    health: { report: o.report ?? (() => OK) },
    log: pino({}, sink),
    version: '1.2.3',
    maxRequests: 0,
    page: { viewers: 'local', authenticates: () => false, hostNames: [] },
    pageAssets: ASSETS,
    summary: { report: () => ({ pairs: 1 }) },
    ...o,
  });
  return { app, asked, logged };
}

describe('the telemetry path', () => {
  test('answers with the type and text that the scrape gave, and HEAD with its length alone', async () => {
    const { app } = setUp();
    const got = await app.inject('/metrics');
    expect([got.statusCode, got.body]).toStrictEqual([200, 'procevents_up 1\n']);
    expect(got.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const head = await app.inject({ method: 'HEAD', url: '/metrics' });
    expect([head.statusCode, head.body, head.headers['content-length']]).toStrictEqual([
      200,
      '',
      '16',
    ]);
  });

  test('takes a query, a body of GET and an Accept-Version header for nothing', async () => {
    const { app } = setUp();
    const headers = { 'accept-version': '9.9.9', 'content-type': 'application/json' };
    const got = await app.inject({ url: '/metrics?name[]=x&%zz', headers, payload: '{not json' });
    expect(got.statusCode).toBe(200);
  });

  test('sends bytes as they are', async () => {
    const body = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
    const { app } = setUp({
      scrapes: { scrape: () => Promise.resolve({ contentType: 'text/plain', body }) },
    });
    expect((await app.inject('/metrics')).rawPayload).toStrictEqual(body);
  });

  test('moves with its flag', async () => {
    const { app } = setUp({ telemetryPath: '/other/path' });
    expect((await app.inject('/other/path')).statusCode).toBe(200);
    expect((await app.inject('/metrics')).statusCode).toBe(404);
  });

  test.each([
    ['10', 10],
    ['9.5', 9.5],
    ['0.001', 0.001],
    ['86400', 120],
    ['0', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['10, 20', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ])('hands on the scrape time-out %s as %s, with what is accepted', async (header, seconds) => {
    const { app, asked } = setUp();
    const headers = { 'x-prometheus-scrape-timeout-seconds': header, accept: 'text/plain;q=0.5' };
    await app.inject({ url: '/metrics', headers });
    expect(asked).toStrictEqual([[seconds, 'text', false]]);
  });

  test('hands on no time-out when there is no header', async () => {
    const { app, asked } = setUp();
    await app.inject('/metrics');
    expect(asked[0]?.[0]).toBeUndefined();
  });
});

describe('health', () => {
  test.each([
    ['ok', 200],
    ['degraded', 200],
    ['failing', 503],
  ] as const)('%s is %i, with the whole report, and is never cached', async (status, code) => {
    const report: HealthReport = { status, checks: { ring: { status, detail: 'why "so"' } } };
    const { app } = setUp({ report: () => report });
    const got = await app.inject('/healthz');
    expect(got.statusCode).toBe(code);
    expect(got.headers['content-type']).toMatch(/^application\/json/);
    expect(got.headers['cache-control']).toBe('no-store');
    expect(got.json()).toStrictEqual(report);
    for (const path of ['/-/healthy', '/-/ready']) {
      const probe = await app.inject(path);
      expect(probe.statusCode).toBe(code);
      expect(probe.headers['content-type']).toBe('text/plain; charset=utf-8');
      expect(probe.headers['cache-control']).toBe('no-store');
    }
  });
});

describe('the plain page for people', () => {
  const page = { viewers: 'off', authenticates: () => false, hostNames: [] } as const;

  test('links to the rest, and allows the browser nothing', async () => {
    const { app } = setUp({ page });
    const got = await app.inject('/');
    for (const path of PATHS.slice(0, 4)) expect(got.body).toContain(`<a href="${path}">`);
    expect(got.body).not.toMatch(/<script|<style|on\w+=/);
    expect(got.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(got.headers['content-security-policy']).toContain("default-src 'none'");
    expect(got.headers['x-content-type-options']).toBe('nosniff');
  });

  test('escapes what it shows', async () => {
    const { app } = setUp({ page, version: `<img src=x onerror="a">&'` });
    expect((await app.inject('/')).body).toContain(
      '&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;',
    );
  });
});

describe('everything else', () => {
  test.each([
    '/nothing',
    '/metrics/',
    '/METRICS',
    '//metrics',
    '/metrics/../healthz/x',
    '/%zz',
    '/%00',
    '/%2e%2e/etc/passwd',
    '/api/v1/summary/',
    '/__proto__',
    '/x?y=<script>',
  ])('%s is 404 in plain text', async (url) => {
    const { app } = setUp();
    const got = await app.inject(url);
    expect([got.statusCode, got.body]).toStrictEqual([404, 'not found\n']);
    expect(got.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test.each([
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
    'PURGE',
  ] as const)(
    '%s is 405 with Allow on every path that exists, 404 on others, whatever body it has',
    async (method) => {
      const { app } = setUp();
      const request = {
        method: method as 'POST',
        headers: { 'content-type': 'application/json' },
        payload: '{not json',
      };
      for (const path of PATHS) {
        const got = await app.inject({ ...request, url: `${path}?a=b` });
        expect([path, got.statusCode, got.headers.allow]).toStrictEqual([path, 405, 'GET, HEAD']);
        expect(got.headers.connection).toBe('close');
      }
      const got = await app.inject({ ...request, url: '/nothing' });
      expect([got.statusCode, got.body, got.headers.allow]).toStrictEqual([
        404,
        'not found\n',
        undefined,
      ]);
    },
  );

  test('an error inside is 500 in plain words; the log has the stack, the client has not', async () => {
    const { app, logged } = setUp({
      scrapes: { scrape: () => Promise.reject(new Error('secret detail')) },
    });
    const got = await app.inject('/metrics');
    expect(got.statusCode).toBe(500);
    expect(got.body).toBe('internal error; the log has the reason\n');
    expect(logged.join('')).toMatch(/secret detail.*app\.test\.ts/);
  });

  test('an error of the health report is 500 too', async () => {
    const { app } = setUp({
      report: () => {
        throw new Error('secret detail');
      },
    });
    for (const path of ['/healthz', '/-/healthy', '/-/ready']) {
      const got = await app.inject(path);
      expect(got.statusCode).toBe(500);
      expect(got.body).not.toContain('secret');
    }
  });

  test('nothing is logged for a request that went well, or was refused', async () => {
    const { app, logged } = setUp();
    for (const url of [...PATHS, '/nothing', '/%zz']) await app.inject(url);
    expect(logged).toStrictEqual([]);
  });
});

test('every fixed path of the app is one that the flags refuse as telemetry path', async () => {
  for (const path of PATHS.slice(1)) expect(RESERVED_PATHS).toContain(path);
});
