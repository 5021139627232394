// What a real Prometheus makes of it: that it takes every series in each format, and sees a program's first crash.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Maker } from '../harness/maker.ts';
import { uniqueComm } from '../harness/programs.ts';
import { Prometheus, type Job } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';

const job = (address: string): Job => ({
  static_configs: [{ targets: [new URL(address).host] }],
});

/** Asks for the old text format in Prometheus' name: 2.42 cannot be told to. */
function asOldText(daemon: Daemon): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const headers = { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'identity' };
      const from = await daemon.get(request.url ?? '/', headers);
      response.setHeader('content-type', from.headers.get('content-type') ?? '');
      response.end(Buffer.from(await from.arrayBuffer()));
    };
    answer().catch(() => response.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      resolve({ server, url: `http://127.0.0.1:${port}` });
    });
  });
}

describeWith(['events', 'prometheus'], 'a real Prometheus', () => {
  const comm = uniqueComm();
  let crasher: Maker;
  let daemon: Daemon;
  let old: { server: Server; url: string };
  let prometheus: Prometheus;

  beforeAll(async () => {
    // Runs before the daemon does, and has not crashed yet.
    crasher = await Maker.start('fork', { comm });
    daemon = await Daemon.start({ flags: ['--web.created'] });
    old = await asOldText(daemon);
    prometheus = await Prometheus.start({ new: job(daemon.url), old: job(old.url) });
  });
  afterAll(async () => {
    await prometheus.stop();
    old.server.close();
    await daemon.stop();
  });

  test('scrapes OpenMetrics and the old text format without an error', async () => {
    await prometheus.until('both are up', async () => {
      const up = await prometheus.query('up == 1');
      return up.length === 2;
    });
    const targets = await prometheus.targets();
    expect(targets.map(({ lastError }) => lastError)).toEqual(['', '']);
  });

  test('has the same families and series of ours from both, but for _created', async () => {
    const names = async (which: string): Promise<string[]> => {
      const series = await prometheus.query(
        `{job="${which}",__name__=~"procevents_.*|process_.*|nodejs_.*",comm=""}`,
      );
      const texts = series.map(({ labels: { job: _job, instance: _instance, ...rest } }) =>
        JSON.stringify({ ...rest, le: rest['le'] === undefined ? '' : Number(rest['le']) }),
      );
      return texts.filter((text) => !text.includes('_created"')).toSorted();
    };
    await prometheus.until('both are scraped', async () => {
      const scraped = await prometheus.query('procevents_build_info');
      return scraped.length === 2;
    });
    const ours = await names('new');
    expect(ours.length).toBeGreaterThan(100);
    expect(await names('old')).toEqual(ours);
    expect(await prometheus.query('procevents_forks_created')).not.toEqual([]);
  });

  test('sees the first crash of a program that ran before', async () => {
    const series = `procevents_coredumps_total{job="new",comm="${comm}"}`;
    await prometheus.until('the series is there, at 0', async () => {
      const [found] = await prometheus.query(series);
      return found?.value === 0;
    });
    process.kill(crasher.pid, 'SIGSEGV');
    await prometheus.until('increase() sees the crash', async () => {
      const [increase] = await prometheus.query(`increase(${series}[1m])`);
      return increase !== undefined && increase.value > 0;
    });
    const [count] = await prometheus.query(series);
    expect(count?.value).toBe(1);
    expect(count?.labels['uid']).toBe('0');
  });
});
