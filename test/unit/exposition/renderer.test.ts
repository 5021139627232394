import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { COLUMN } from '../../../src/aggregator/columns.ts';
import { commText } from '../../../src/aggregator/comm-text.ts';
import type { Cut } from '../../../src/exposition/cut.ts';
import { HOST_FAMILIES, buildInfoFamily } from '../../../src/exposition/host-families.ts';
import { PAIR_FAMILIES } from '../../../src/exposition/pair-families.ts';
import { Renderer } from '../../../src/exposition/renderer.ts';
import { commWords } from '../aggregator/comm-words.ts';
import type { Format } from '../../../src/exposition/format.ts';
import { Exposition } from '../../harness/exposition.ts';
import { OpenMetrics } from '../../harness/openmetrics.ts';
import { cutOf, smallCut } from './cuts.ts';

const build = { version: '0.1.0', revision: 'abc', nodeversion: 'v20.20.2', arch: 'x64' };
const rendered = async (renderer: Renderer, cut: Cut, format: Format = 'text'): Promise<string> =>
  (await renderer.render(cut, format, '')).toString();
const newRenderer = (created = false): Renderer =>
  new Renderer({ families: [...HOST_FAMILIES, buildInfoFamily(build)], created });
const read = async (cut: Cut): Promise<Exposition> =>
  new Exposition(await rendered(newRenderer(), cut));

describe('the exposition', () => {
  it('is, for a small cut, the golden text to the last byte', async () => {
    await expect(await rendered(newRenderer(), smallCut())).toMatchFileSnapshot(
      'golden/small-cut.prom',
    );
  });

  it('is the golden text in OpenMetrics, with and without the times of creation', async () => {
    for (const created of [false, true]) {
      const text = await rendered(newRenderer(created), smallCut(), 'openmetrics');
      await expect(text).toMatchFileSnapshot(`golden/small-cut${created ? '-created' : ''}.om`);
      expect(() => new OpenMetrics(text)).not.toThrow();
    }
  });

  it('tells the same in both formats: series, values, types and help', async () => {
    const renderer = newRenderer();
    const text = new Exposition(await rendered(renderer, smallCut()));
    const open = new OpenMetrics(await rendered(renderer, smallCut(), 'openmetrics'));
    const values = ({ samples }: Exposition | OpenMetrics): unknown[] =>
      [...samples.values()].map(({ name, labels: { le, ...labels }, value }) => [
        name,
        le === undefined ? labels : { ...labels, le: le === '+Inf' ? le : Number(le) },
        value,
      ]);
    expect(values(open)).toEqual(values(text));
    const families = ({ families: all }: Exposition | OpenMetrics): unknown[] =>
      [...all.values()].map(({ name, type, help }) => [name.replace(/_total$/, ''), type, help]);
    expect(families(open)).toEqual(families(text));
  });

  it("has a time of creation of all but the kernel's own count, which began with the boot", async () => {
    const cut = smallCut();
    const { samples } = new OpenMetrics(await rendered(newRenderer(true), cut, 'openmetrics'));
    const of = (name: string): unknown[] =>
      [...samples.values()].filter((sample) => sample.name === name).map(({ value }) => value);
    expect(of('procevents_kernel_forks_created')).toEqual([]);
    expect(of('procevents_overruns_created')).toEqual([cut.startTime]);
    expect(of('procevents_event_lag_seconds_created')).toEqual([cut.startTime]);
    expect(of('procevents_forks_created')).toEqual([...cut.pairs.created]);
    expect(await rendered(newRenderer(true), cut)).toBe(await rendered(newRenderer(), cut));
  });

  it('is the same when the same cut is rendered again', async () => {
    const renderer = newRenderer();
    const first = await rendered(renderer, smallCut());
    expect(await rendered(renderer, smallCut())).toBe(first);
  });

  it('has all host families and the series of <other> before anything was counted', async () => {
    const { families } = await read({ ...cutOf(new Aggregator({ pairsMax: 5 })), users: [] });
    for (const { name, samples } of HOST_FAMILIES) {
      expect(families.get(name)?.samples).toHaveLength(samples.length);
    }
    const other = [...PAIR_FAMILIES].flatMap(({ name }) => families.get(name)!.samples);
    expect(other).toHaveLength(12);
    for (const { labels, value } of other) {
      expect([labels['comm'], labels['uid'], value]).toEqual(['<other>', '<other>', 0]);
    }
  });

  it('shows all series of a pair together, and the rarer signals once they were counted', async () => {
    const aggregator = new Aggregator({ pairsMax: 5 });
    const slot = aggregator.pair(commWords('a'), 0, 0);
    const signals = async (): Promise<string[]> =>
      (await read(cutOf(aggregator)))
        .series('procevents_exit_signals_total')
        .filter(({ labels }) => labels['comm'] === 'a')
        .map(({ labels, value }) => `${labels['signal']} ${value}`);
    expect(await signals()).toEqual(['SIGKILL 0', 'SIGSEGV 0', 'SIGABRT 0']);
    const rarer = ['sigbus', 'sigill', 'sigfpe', 'sigterm', 'sigother'] as const;
    rarer.forEach((name, i) => aggregator.add(slot, COLUMN[name], i + 1));
    expect((await signals()).slice(3)).toEqual([
      'SIGBUS 1',
      'SIGILL 2',
      'SIGFPE 3',
      'SIGTERM 4',
      'other 5',
    ]);
  });

  it('has the labels of the pair that is in the slot now, not of one that was there before', async () => {
    const renderer = newRenderer();
    const of = (comm: string): Promise<string> => {
      const aggregator = new Aggregator({ pairsMax: 1 });
      aggregator.pair(commWords(comm), 0, 0);
      return rendered(renderer, cutOf(aggregator));
    };
    expect(await of('before')).toContain('procevents_forks_total{comm="before",uid="0"} 0\n');
    expect(await of('after')).toContain('procevents_forks_total{comm="after",uid="0"} 0\n');
    expect(await of('after')).not.toContain('comm="before"');
  });

  it('grows with the number of pairs in one scrape, and loses no line', async () => {
    const renderer = newRenderer();
    await renderer.render(smallCut(), 'text', '');
    const aggregator = new Aggregator({ pairsMax: 5000 });
    for (let i = 1; i <= 5000; i++) {
      aggregator.add(aggregator.pair(commWords(`${i}`), 0, i), COLUMN.forks, i);
    }
    const text = new Exposition(await rendered(renderer, cutOf(aggregator)));
    const forks = text.series('procevents_forks_total').slice(1);
    expect(forks.map(({ labels, value }) => [labels['comm'], value])).toEqual(
      Array.from({ length: 5000 }, (_, i) => [`${i + 1}`, i + 1]),
    );
  });

  it('is valid for comms of any bytes, and gives every text back', async () => {
    const anyComm = fc.oneof(
      fc.uint8Array({ maxLength: 15 }),
      fc.string({ unit: 'binary', maxLength: 15 }).map((text) => Buffer.from(text).subarray(0, 15)),
      fc
        .constantFrom('"', '\\', '\\"', '\n', '{}', '} 1', '<other>', '#')
        .map((s) => Buffer.from(s)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyComm, { maxLength: 20 }), async (comms) => {
        const aggregator = new Aggregator({ pairsMax: 20 });
        for (const comm of comms) aggregator.pair(commWords(comm), 0, 0);
        const renderer = newRenderer(true);
        const cut = cutOf(aggregator);
        const open = new OpenMetrics(await rendered(renderer, cut, 'openmetrics'));
        const words = new Map(comms.map((comm) => [commWords(comm).join(), commWords(comm)]));
        for (const each of [new Exposition(await rendered(renderer, cut)), open]) {
          const texts = each
            .series('procevents_execs_total')
            .slice(1)
            .map(({ labels }) => labels['comm']);
          expect(texts).toEqual([...words.values()].map((word) => commText(word, 0)));
          expect(new Set(texts).size).toBe(words.size);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('names each family once, in the forms that Prometheus asks of counters and gauges', async () => {
    for (const [name, { type, help }] of (await read(smallCut())).families) {
      expect(name).toMatch(/^procevents_[a-z_]+$/);
      const expected = name.endsWith('_total') ? /^counter$/ : /^(gauge|histogram)$/;
      expect([name, type]).toEqual([name, expect.stringMatching(expected)]);
      expect(help).toMatch(/^[A-Z0-9][^\\"]{20,}\.$/);
    }
  });

  it('cumulates histograms, +Inf and count included, and shows their sum', async () => {
    const lag = (await read(smallCut())).families.get('procevents_event_lag_seconds')!.samples;
    const line = lag.map(({ name, labels, value }) => `${name} ${labels['le']} ${value}`);
    expect(line).toContain('procevents_event_lag_seconds_bucket 0.00001 1');
    expect(line).toContain('procevents_event_lag_seconds_bucket 0.0000316 2');
    expect(line.slice(-4)).toEqual([
      'procevents_event_lag_seconds_bucket 10 2',
      'procevents_event_lag_seconds_bucket +Inf 3',
      'procevents_event_lag_seconds_sum undefined 30.00002',
      'procevents_event_lag_seconds_count undefined 3',
    ]);
  });

  it('shows CPU time in seconds', async () => {
    const aggregator = new Aggregator({ pairsMax: 5 });
    aggregator.add(aggregator.pair(commWords('a'), 0, 0), COLUMN.cpuUser, 1_234_567);
    expect(await rendered(newRenderer(), cutOf(aggregator))).toContain(
      'procevents_exited_cpu_seconds_total{comm="a",uid="0",mode="user"} 1.234567\n',
    );
  });

  it('keeps each answer right when many are made at once, of several cuts, in both formats', async () => {
    const renderer = newRenderer(true);
    const cuts = Array.from({ length: 8 }, (_, number) => {
      const aggregator = new Aggregator({ pairsMax: 3000 });
      for (let i = 1; i <= 3000; i++) {
        const pair = aggregator.pair(commWords(`cut${number % 3}-${i}`), 0, i);
        aggregator.add(pair, COLUMN.forks, number * 1000 + i);
      }
      return cutOf(aggregator);
    });
    const jobs = cuts.flatMap((cut) =>
      (['text', 'openmetrics'] as const).map((format) => ({ cut, format })),
    );
    const together = await Promise.all(
      jobs.map(({ cut, format }) => rendered(renderer, cut, format)),
    );
    for (const [i, { cut, format }] of jobs.entries()) {
      // Not toBe: a difference would be printed, megabytes of it.
      expect(together[i] === (await rendered(newRenderer(true), cut, format))).toBe(true);
    }
  });
});
