// The real app on real sockets, for the tests of this folder. In: addresses, scrapes, limits. Out: listeners, closed after the test.
import { pino } from 'pino';
import { afterEach } from 'vitest';
import { buildApp, type ErrorLog, type Scrapes } from '../../../src/http/app.ts';
import type { PageRules } from '../../../src/http/page-viewers.ts';
import type { Limits } from '../../../src/http/limits.ts';
import { ASSETS } from './assets.ts';
import { listen, type Address, type Listeners, type Secured } from '../../../src/http/listen.ts';

export const LOOPBACK: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };
const open: Listeners[] = [];
afterEach(async () => {
  for (const listeners of open.splice(0)) await listeners.close(0);
});

export const answer = { contentType: 'text/plain; charset=utf-8', body: 'up 1\n' };
export const atOnce: Scrapes = { scrape: () => Promise.resolve(answer) };

export async function serve(
  addresses: readonly Address[],
  scrapes: Scrapes = atOnce,
  limits?: Limits,
  more: {
    readonly secured?: Secured;
    readonly maxRequests?: number;
    readonly page?: PageRules;
    readonly log?: ErrorLog;
  } = {},
) {
  const log = more.log ?? pino({ level: 'silent' });
  const app = buildApp({
    telemetryPath: '/metrics',
    scrapes,
    health: { report: () => ({ status: 'ok', checks: {} }) },
    log,
    version: '1',
    maxRequests: more.maxRequests ?? 0,
    page: more.page ?? { viewers: 'local', authenticates: () => false, hostNames: ['x'] },
    pageAssets: ASSETS,
    summary: { report: () => ({ pairs: 1 }) },
  });
  const listeners = await listen({
    app,
    addresses,
    log,
    secured: more.secured,
    ...(limits === undefined ? {} : { limits }),
  });
  open.push(listeners);
  const [url = ''] = listeners.urls;
  return { listeners, url };
}

/** Scrapes that answer when the test says so. */
export function held(body = answer.body) {
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

export const portOf = (url: string): number => Number(new URL(url).port);
