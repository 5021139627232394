import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ExporterRegistry } from '../../../src/exposition/registry.ts';
import { smallCut } from './cuts.ts';
import { parseExposition } from './strict-parser.ts';

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
    const text = (await registry(true).expose(smallCut())).toString();
    expect(text).toContain('procevents_forks_total{comm="bash",uid="1000"} 1\n');
    expect(text).toMatch(/^process_cpu_user_seconds_total \S+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds \S+$/m);
  });

  it('exposes ours alone when the metrics about the exporter are off', async () => {
    const text = (await registry(false).expose(smallCut())).toString();
    const names = [...parseExposition(text).keys()];
    expect(names.filter((name) => !name.startsWith('procevents_'))).toEqual([]);
    expect(names).toHaveLength(40);
  });

  it('gives the same by the method that prom-client users call', async () => {
    const ours = registry(false);
    expect(await ours.metrics()).toBe((await ours.expose(smallCut())).toString());
    expect(ours.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('keeps two registries apart', async () => {
    registry(true);
    expect(await registry(false).metrics()).not.toContain('nodejs_');
  });

  it.skipIf(!promtool)(
    'is accepted by promtool, which has nothing to say about our names [needs promtool]',
    async () => {
      const input = await registry(true).expose(smallCut());
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input });
      const said = `${stdout.toString()}${stderr.toString()}`;
      expect(said).not.toMatch(/error while linting|parsing/i);
      expect(said.split('\n').filter((line) => line.startsWith('procevents_'))).toEqual([]);
    },
  );
});
