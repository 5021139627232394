// Scrapers that want different formats and encodings at the same time, over real connections: each gets its own, whole, and
// of one cut.
import { gunzipSync } from 'node:zlib';
import { request, Agent } from 'node:http';
import { expect, test } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { COLUMN } from '../../../src/aggregator/columns.ts';
import { Answers } from '../../../src/exposition/answers.ts';
import { CONTENT_TYPE, type Format } from '../../../src/exposition/format.ts';
import { ExporterRegistry } from '../../../src/exposition/registry.ts';
import type { Scrapes } from '../../../src/http/app.ts';
import { Exposition } from '../../harness/exposition.ts';
import { OpenMetrics } from '../../harness/openmetrics.ts';
import { commWords } from '../aggregator/comm-words.ts';
import { cutOf } from '../exposition/cuts.ts';
import { LOOPBACK, serve } from './serving.ts';

const ROUNDS = 1000;
/** Reading strictly takes longer than all the rest. */
const STRICT_EVERY = 50;
const PAIRS = 20;
const build = { version: '1', revision: '', nodeversion: '', arch: '' };

/** Each cut has counted one fork more for every pair. Scrapes of one turn share a cut, as in the daemon. */
function growing(): Scrapes {
  const aggregator = new Aggregator({ pairsMax: PAIRS });
  const takeCut = (): ReturnType<typeof cutOf> => {
    for (let i = 0; i < PAIRS; i++) {
      aggregator.add(aggregator.pair(commWords(`p${i}`), 0, 0), COLUMN.forks, 1);
    }
    return cutOf(aggregator);
  };
  const registry = new ExporterRegistry({ takeCut, exporterMetrics: true, created: true, build });
  let answers: Answers | undefined;
  return {
    async scrape(_timeout, format, gzip) {
      answers ??= new Answers(registry, takeCut());
      setImmediate(() => (answers = undefined));
      return { contentType: CONTENT_TYPE[format], body: await answers.body(format, gzip) };
    },
  };
}

interface Got {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

function get(url: string, agent: Agent, headers: Record<string, string>): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/metrics`, { agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function checked({ headers, body }: Got, format: Format, gzip: boolean) {
  expect(headers['content-type']).toBe(CONTENT_TYPE[format]);
  expect(headers['content-encoding']).toBe(gzip ? 'gzip' : undefined);
  expect(headers['vary']).toBe('Accept, Accept-Encoding');
  expect(Number(headers['content-length'])).toBe(body.length);
  const text = (gzip ? gunzipSync(body) : body).toString();
  expect(text.startsWith(format === 'text' ? '# HELP procevents_' : '# TYPE procevents_')).toBe(
    true,
  );
  expect(text.endsWith('\n# EOF\n')).toBe(format === 'openmetrics');
  const forks = new Set(
    [...text.matchAll(/^procevents_forks_total\{comm="p.* (\d+)$/gm)].map(([, value]) => value),
  );
  expect(forks.size).toBe(1);
  return { text, forks: Number([...forks][0]) };
}

test('two scrapers with different formats, and two more with gzip, are each always answered right', async () => {
  const { url } = await serve([LOOPBACK], growing());
  const scrapers = (['text', 'openmetrics'] as const).flatMap((format) =>
    [false, true].map((gzip) => ({ format, gzip, agent: new Agent({ keepAlive: true }) })),
  );
  await Promise.all(
    scrapers.map(async ({ format, gzip, agent }) => {
      const accept =
        format === 'text' ? 'text/plain' : 'application/openmetrics-text;version=1.0.0,*/*;q=0.1';
      const headers = { accept, 'accept-encoding': gzip ? 'gzip' : 'identity' };
      let last = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { text, forks } = checked(await get(url, agent, headers), format, gzip);
        expect(forks).toBeGreaterThan(last);
        last = forks;
        if (round % STRICT_EVERY !== 0) continue;
        const read = format === 'text' ? new Exposition(text) : new OpenMetrics(text);
        expect(read.sum('procevents_forks_total')).toBe(forks * PAIRS);
        expect(read.series('process_cpu_seconds_total')).toHaveLength(1);
      }
      agent.destroy();
    }),
  );
}, 120_000);

test('HEAD tells what GET would, in each format and encoding', async () => {
  const { url } = await serve([LOOPBACK], growing());
  const got = await fetch(`${url}/metrics`, {
    method: 'HEAD',
    headers: { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' },
  });
  expect([got.status, await got.text()]).toEqual([200, '']);
  expect(got.headers.get('content-type')).toBe(CONTENT_TYPE.openmetrics);
  expect(got.headers.get('content-encoding')).toBe('gzip');
  expect(Number(got.headers.get('content-length'))).toBeGreaterThan(1000);
});

test('scrapes of one cut share one rendering a format, and one gzip of it', async () => {
  const aggregator = new Aggregator({ pairsMax: PAIRS });
  const cut = cutOf(aggregator);
  const registry = new ExporterRegistry({ takeCut: () => cut, exporterMetrics: false, build });
  const answers = new Answers(registry, cut);
  for (const format of ['text', 'openmetrics'] as const) {
    const plain = await answers.body(format, false);
    expect(await answers.body(format, false)).toBe(plain);
    const zipped = await answers.body(format, true);
    expect(await answers.body(format, true)).toBe(zipped);
    expect(gunzipSync(zipped).equals(plain)).toBe(true);
  }
});
