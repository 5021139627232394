import { spawnSync } from 'node:child_process';
import { Counter, Gauge, Histogram, Summary } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../../src/exposition/format.ts';
import { ExporterRegistry } from '../../../src/exposition/registry.ts';
import { Exposition } from '../../harness/exposition.ts';
import { OpenMetrics } from '../../harness/openmetrics.ts';
import { smallCut } from './cuts.ts';

const build = { version: '0.1.0', revision: 'abc', nodeversion: 'v20.20.2', arch: 'x64' };

function registry(exporterMetrics: boolean): ExporterRegistry {
  return new ExporterRegistry({ takeCut: smallCut, exporterMetrics, build });
}

const promtool = spawnSync('promtool', ['--version']).error === undefined;
if (!promtool && process.env['PROCEVENTS_REQUIRE_ALL'] === '1') {
  throw new Error('promtool is not installed (`apt install prometheus`)');
}

describe('the registry', () => {
  it("exposes our families, and prom-client's own about the exporter", async () => {
    const text = (await registry(true).expose(smallCut(), 'text')).toString();
    expect(text).toContain('procevents_forks_total{comm="bash",uid="1000"} 1\n');
    expect(text).toMatch(/^process_cpu_user_seconds_total \S+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds \S+$/m);
  });

  it('exposes ours alone when the metrics about the exporter are off', async () => {
    const text = (await registry(false).expose(smallCut(), 'text')).toString();
    const names = [...new Exposition(text).families.keys()];
    expect(names.filter((name) => !name.startsWith('procevents_'))).toEqual([]);
    expect(names).toHaveLength(49);
  });

  it("has prom-client's families right in both formats, again and again", async () => {
    const ours = registry(true);
    for (let round = 0; round < 3; round++) {
      const open = new OpenMetrics((await ours.expose(smallCut(), 'openmetrics')).toString());
      const text = new Exposition((await ours.expose(smallCut(), 'text')).toString());
      expect(open.families.get('process_cpu_user_seconds')?.type).toBe('counter');
      expect(text.families.get('process_cpu_user_seconds_total')?.type).toBe('counter');
      for (const each of [open, text]) {
        expect(each.series('process_cpu_user_seconds_total')).toHaveLength(1);
        expect(each.series('nodejs_version_info')[0]?.labels['version']).toBe(process.version);
      }
    }
  });

  it('writes histograms and summaries of others as each format has them', async () => {
    const ours = registry(false);
    const registers = [ours];
    const help = 'Said "so"\\, they\ntell.';
    new Histogram({ name: 'x_seconds', help, buckets: [0.00001, 1], registers }).observe(0.5);
    new Summary({ name: 'y', help, percentiles: [0.5, 1], registers }).observe(2);
    new Counter({ name: 'plain', help, registers }).inc();
    new Gauge({ name: 'odd', help, registers }).set(Number.NaN);
    const end = async (format: Format): Promise<string[]> => {
      const lines = (await ours.expose(smallCut(), format)).toString().split('\n');
      return lines.slice(lines.findIndex((line) => line.includes('x_seconds')));
    };
    expect(await end('text')).toEqual([
      '# HELP x_seconds Said "so"\\\\, they\\ntell.',
      '# TYPE x_seconds histogram',
      'x_seconds_bucket{le="0.00001"} 0',
      'x_seconds_bucket{le="1"} 1',
      'x_seconds_bucket{le="+Inf"} 1',
      'x_seconds_sum 0.5',
      'x_seconds_count 1',
      '# HELP y Said "so"\\\\, they\\ntell.',
      '# TYPE y summary',
      'y{quantile="0.5"} 2',
      'y{quantile="1"} 2',
      'y_sum 2',
      'y_count 1',
      '# HELP plain Said "so"\\\\, they\\ntell.',
      '# TYPE plain counter',
      'plain 1',
      '# HELP odd Said "so"\\\\, they\\ntell.',
      '# TYPE odd gauge',
      'odd NaN',
      '',
    ]);
    expect(await end('openmetrics')).toEqual([
      '# TYPE x_seconds histogram',
      '# UNIT x_seconds seconds',
      '# HELP x_seconds Said \\"so\\"\\\\, they\\ntell.',
      'x_seconds_bucket{le="1e-05"} 0',
      'x_seconds_bucket{le="1.0"} 1',
      'x_seconds_bucket{le="+Inf"} 1',
      'x_seconds_sum 0.5',
      'x_seconds_count 1',
      '# TYPE y summary',
      '# HELP y Said \\"so\\"\\\\, they\\ntell.',
      'y{quantile="0.5"} 2',
      'y{quantile="1.0"} 2',
      'y_sum 2',
      'y_count 1',
      '# TYPE plain counter',
      '# HELP plain Said \\"so\\"\\\\, they\\ntell.',
      'plain_total 1',
      '# TYPE odd gauge',
      '# HELP odd Said \\"so\\"\\\\, they\\ntell.',
      'odd NaN',
      '# EOF',
      '',
    ]);
  });

  it('gives the same by the method that prom-client users call', async () => {
    const ours = registry(false);
    expect(await ours.metrics()).toBe((await ours.expose(smallCut(), 'text')).toString());
    expect(ours.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('keeps two registries apart', async () => {
    registry(true);
    expect(await registry(false).metrics()).not.toContain('nodejs_');
  });

  it.skipIf(!promtool)(
    'is accepted by promtool, which has nothing to say about our names [needs promtool]',
    async () => {
      const input = await registry(true).expose(smallCut(), 'text');
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input });
      const said = `${stdout.toString()}${stderr.toString()}`;
      expect(said).not.toMatch(/error while linting|parsing/i);
      expect(said.split('\n').filter((line) => line.startsWith('procevents_'))).toEqual([]);
    },
  );
});
