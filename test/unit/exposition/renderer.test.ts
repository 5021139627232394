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
import { cutOf, smallCut } from './cuts.ts';
import { parseExposition } from './strict-parser.ts';

const build = { version: '0.1.0', revision: 'abc', nodeversion: 'v20.20.2', arch: 'x64' };
const rendered = async (renderer: Renderer, cut: Cut): Promise<string> =>
  (await renderer.render(cut, '')).toString();
const newRenderer = (): Renderer => new Renderer([...HOST_FAMILIES, buildInfoFamily(build)]);

describe('the exposition', () => {
  it('is, for a small cut, the golden text to the last byte', async () => {
    await expect(await rendered(newRenderer(), smallCut())).toMatchFileSnapshot(
      'golden/small-cut.prom',
    );
  });

  it('is the same when the same cut is rendered again', async () => {
    const renderer = newRenderer();
    const first = await rendered(renderer, smallCut());
    expect(await rendered(renderer, smallCut())).toBe(first);
  });

  it('has all host families and the series of <other> before anything was counted', async () => {
    const families = parseExposition(
      await rendered(newRenderer(), cutOf(new Aggregator({ pairsMax: 5 }))),
    );
    for (const { name, samples } of HOST_FAMILIES) {
      expect(families.get(name)?.samples).toHaveLength(samples.length);
    }
    const other = [...PAIR_FAMILIES].flatMap(({ name }) => families.get(name)!.samples);
    expect(other).toHaveLength(12);
    for (const { labels, value } of other) {
      expect([labels.get('comm'), labels.get('uid'), value]).toEqual(['<other>', '<other>', 0]);
    }
  });

  it('shows all series of a pair together, and the rarer signals once they were counted', async () => {
    const aggregator = new Aggregator({ pairsMax: 5 });
    const slot = aggregator.pair(commWords('a'), 0, 0);
    const signals = async (): Promise<string[]> =>
      parseExposition(await rendered(newRenderer(), cutOf(aggregator)))
        .get('procevents_exit_signals_total')!
        .samples.filter(({ labels }) => labels.get('comm') === 'a')
        .map(({ labels, value }) => `${labels.get('signal')} ${value}`);
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
    await renderer.render(smallCut(), '');
    const aggregator = new Aggregator({ pairsMax: 5000 });
    for (let i = 1; i <= 5000; i++) {
      aggregator.add(aggregator.pair(commWords(`${i}`), 0, i), COLUMN.forks, i);
    }
    const forks = parseExposition(await rendered(renderer, cutOf(aggregator))).get(
      'procevents_forks_total',
    )!;
    expect(forks.samples.slice(1).map(({ labels, value }) => [labels.get('comm'), value])).toEqual(
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
        const families = parseExposition(await rendered(newRenderer(), cutOf(aggregator)));
        const texts = families
          .get('procevents_execs_total')!
          .samples.slice(1)
          .map(({ labels }) => labels.get('comm'));
        const words = new Map(comms.map((comm) => [commWords(comm).join(), commWords(comm)]));
        expect(texts).toEqual([...words.values()].map((each) => commText(each, 0)));
        expect(new Set(texts).size).toBe(words.size);
      }),
      { numRuns: 500 },
    );
  });

  it('names each family once, in the forms that Prometheus asks of counters and gauges', async () => {
    for (const [name, { type, help }] of parseExposition(
      await rendered(newRenderer(), smallCut()),
    )) {
      expect(name).toMatch(/^procevents_[a-z_]+$/);
      const expected = name.endsWith('_total') ? /^counter$/ : /^(gauge|histogram)$/;
      expect([name, type]).toEqual([name, expect.stringMatching(expected)]);
      expect(help).toMatch(/^[A-Z0-9][^\\"]{20,}\.$/);
    }
  });

  it('cumulates histograms, +Inf and count included, and shows their sum', async () => {
    const families = parseExposition(await rendered(newRenderer(), smallCut()));
    const lag = families.get('procevents_event_lag_seconds')!.samples;
    const line = lag.map(({ name, labels, value }) => `${name} ${labels.get('le')} ${value}`);
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
});
