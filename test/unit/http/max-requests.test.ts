// --web.max-requests: how many scrapes there may be at once, and when one ends.
import { expect, test } from 'vitest';
import { ask, rawClient, until } from './raw-client.ts';
import { LOOPBACK, atOnce, held, serve } from './serving.ts';

const SCRAPE = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

/** Resolves when a scrape gets a place, and then its answer. */
async function untilServed(url: string, { waiting, release }: ReturnType<typeof held>) {
  await until(async () => {
    const asked = ask(url, '/metrics');
    let ended = false;
    void asked.then(() => (ended = true));
    await until(() => ended || waiting.length > 0);
    release();
    return (await asked).includes('200 OK');
  });
}

test('one more than allowed is told to come again, other paths are answered, and then there is room', async () => {
  const scraping = held();
  const { waiting, release, scrapes } = scraping;
  const { url } = await serve([LOOPBACK], scrapes, undefined, { maxRequests: 2 });
  const asked = [ask(url, '/metrics'), ask(url, '/metrics')];
  await until(() => waiting.length === 2);
  expect(await ask(url, '/metrics')).toMatch(
    /^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*too many scrapes/i,
  );
  for (const path of ['/healthz', '/-/ready', '/']) expect(await ask(url, path)).toMatch(/200 OK/);
  release();
  for (const answer of await Promise.all(asked)) expect(answer).toMatch(/200 OK/);
  await untilServed(url, scraping);
});

test('a client that leaves, before its answer or amid it, frees its place', async () => {
  const scraping = held('x'.repeat(8 * 2 ** 20));
  const { waiting, release, scrapes } = scraping;
  const { url } = await serve([LOOPBACK], scrapes, undefined, { maxRequests: 1 });
  for (let round = 0; round < 3; round++) {
    const early = await rawClient(url);
    early.socket.write(SCRAPE);
    await until(() => waiting.length === 1);
    early.socket.destroy();
    waiting.length = 0;
    await untilServed(url, scraping);
    const middle = await rawClient(url);
    middle.socket.write(SCRAPE);
    await until(() => waiting.length === 1);
    release();
    await until(() => middle.received().length > 0);
    middle.socket.destroy();
    await untilServed(url, scraping);
  }
  expect(waiting.length).toBe(0);
});

test('pipelined scrapes whose client leaves free their places, also those that never had a turn', async () => {
  const scraping = held();
  const { waiting, scrapes } = scraping;
  const { url } = await serve([LOOPBACK], scrapes, undefined, { maxRequests: 20 });
  for (let round = 0; round < 3; round++) {
    const client = await rawClient(url);
    client.socket.write(SCRAPE.repeat(20));
    await until(() => waiting.length === 20);
    client.socket.destroy();
    waiting.length = 0;
    // Were a single place kept, the next round could not fill up.
    await untilServed(url, scraping);
  }
  expect(waiting.length).toBe(0);
});

test('HEAD holds no place afterwards', async () => {
  const { url } = await serve([LOOPBACK], atOnce, undefined, { maxRequests: 1 });
  const client = await rawClient(url);
  for (let i = 1; i <= 3; i++) {
    client.socket.write(SCRAPE.replace('GET', 'HEAD'));
    await until(() => client.received().split('200 OK').length === i + 1);
  }
  client.socket.destroy();
  expect(await ask(url, '/metrics')).toMatch(/200 OK/);
});

test('0 is any number', async () => {
  const { scrapes, waiting, release } = held();
  const { url } = await serve([LOOPBACK], scrapes, undefined, { maxRequests: 0 });
  const asked = Array.from({ length: 100 }, () => ask(url, '/metrics'));
  await until(() => waiting.length === 100);
  release();
  expect((await Promise.all(asked)).every((one) => one.includes('200 OK'))).toBe(true);
});
