// The live page's files and its data: as they are, cheap to ask for again, and one summary for all who look.
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { readPageAssets } from '../../../src/http/page-assets.ts';
import { SummaryAnswers } from '../../../src/http/summary-answers.ts';
import { PATIENT } from '../../harness/patience.ts';
import { ASSETS } from './assets.ts';
import { atOnce } from './serving.ts';

function setUp(pageAssets = ASSETS) {
  let reports = 0;
  const app = buildApp({
    telemetryPath: '/other',
    scrapes: atOnce,
    health: { report: () => ({ status: 'ok', checks: {} }) },
    log: { error: () => {} },
    version: `1"<`,
    maxRequests: 0,
    page: { viewers: 'local', authenticates: () => false, hostNames: [] },
    pageAssets,
    summary: { report: () => ({ reports: ++reports }) },
  });
  return { app, reports: () => reports };
}

describe('the live page', () => {
  test('is told the version and the telemetry path, as text', async () => {
    const got = await setUp().app.inject('/');
    expect(got.body).toBe('<!doctype html><title>1&quot;&lt;</title><a href="/other">live</a>');
    expect(got.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-cache',
    });
  });

  test('may do nothing but what it is for', async () => {
    const policy = (await setUp().app.inject('/')).headers['content-security-policy'];
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(String(policy).split('; ')).toContain(rule);
    }
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test.each(['/', '/page/main.js'])(
    '%s is sent once, and then only when it changes',
    async (path) => {
      const { app } = setUp();
      const got = await app.inject({ url: path, headers: { 'accept-encoding': 'gzip, br' } });
      expect(got.headers['content-encoding']).toBe('gzip');
      const plain = await app.inject(path);
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(gunzipSync(got.rawPayload).toString()).toBe(plain.body);
      const etag = String(got.headers.etag);
      for (const known of [etag, `"x", ${etag}`]) {
        const again = await app.inject({ url: path, headers: { 'if-none-match': known } });
        expect([again.statusCode, again.body]).toStrictEqual([304, '']);
        expect(again.headers.etag).toBe(etag);
      }
      const other = await app.inject({ url: path, headers: { 'if-none-match': '"x"' } });
      expect([other.statusCode, other.body]).toStrictEqual([200, plain.body]);
    },
  );

  test('its files are read only: other methods 405, other names 404', async () => {
    const { app } = setUp();
    expect((await app.inject({ method: 'POST', url: '/page/main.js' })).statusCode).toBe(405);
    for (const url of [
      '/page/',
      '/page',
      '/page/page.html',
      '/page/../main.js',
      '/page/%2e%2e/x',
    ]) {
      expect((await app.inject(url)).statusCode).toBe(404);
    }
    const head = await app.inject({ method: 'HEAD', url: '/page/main.js' });
    expect([head.statusCode, head.body]).toStrictEqual([200, '']);
  });

  test('the files that the build made are all served, and the page names no other', async () => {
    const assets = readPageAssets();
    const { app } = setUp(assets);
    const page = (await app.inject('/')).body;
    expect(page).not.toContain('{{');
    const scripts = [...assets.files].filter(([name]) => name.endsWith('.js'));
    const imported = scripts.flatMap(([, { body }]) =>
      [...body.toString().matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => `/page/${name}`),
    );
    const named = [...page.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(([, path]) => path!);
    const wanted = new Set([...named, ...imported]);
    expect(wanted).toEqual(new Set([...assets.files.keys()].map((name) => `/page/${name}`)));
    for (const path of wanted) expect((await app.inject(path)).statusCode).toBe(200);
  });
});

describe('/api/v1/summary', () => {
  test('is compressed for those who take it', async () => {
    const { app } = setUp();
    const headers = { 'accept-encoding': 'gzip' };
    const got = await app.inject({ url: '/api/v1/summary', headers });
    expect(got.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(JSON.parse(gunzipSync(got.rawPayload).toString())).toEqual({ reports: 1 });
  });

  test('is made once for all who ask together, anew for those who ask later, and not for nobody', async () => {
    let reports = 0;
    const answers = new SummaryAnswers({ report: () => ({ reports: ++reports }) });
    expect(reports).toBe(0);
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => answers.body(i % 2 === 0)));
    expect([new Set(all).size, reports]).toEqual([2, 1]);
    await vi.waitUntil(async () => {
      await answers.body(false);
      return reports > 1;
    }, PATIENT);
  });
});
