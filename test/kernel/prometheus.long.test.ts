// What a real Prometheus makes of it: that it takes every series in each format, and sees a program's first crash.
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { hash } from '@node-rs/bcrypt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Maker } from '../harness/maker.ts';
import { uniqueComm } from '../harness/programs.ts';
import { Prometheus, type Job } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';
import { makeCertificates } from '../unit/http/certificates.ts';

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

const PASSWORD = 'open sesame';

describeWith(
  ['events', 'openssl', 'prometheus'],
  'a real Prometheus, by TLS with a password',
  () => {
    const certificates = makeCertificates();
    let daemon: Daemon;
    let prometheus: Prometheus;

    beforeAll(async () => {
      const config = {
        tls_server_config: { cert_file: 'server.crt', key_file: 'server.key' },
        basic_auth_users: { prometheus: await hash(PASSWORD, 4) },
      };
      writeFileSync(certificates.path('web.yml'), JSON.stringify(config));
      // The daemon reads them as the user that it has become.
      chmodSync(certificates.folder, 0o755);
      for (const file of ['web.yml', 'server.key']) chmodSync(certificates.path(file), 0o644);
      daemon = await Daemon.start({ flags: [`--web.config.file=${certificates.path('web.yml')}`] });
      const secure = {
        ...job(daemon.url),
        scheme: 'https',
        tls_config: { ca_file: certificates.path('ca.crt') },
      };
      prometheus = await Prometheus.start({
        right: { ...secure, basic_auth: { username: 'prometheus', password: PASSWORD } },
        wrong: { ...secure, basic_auth: { username: 'prometheus', password: 'guessed' } },
      });
    });
    afterAll(async () => {
      await prometheus.stop();
      await daemon.stop();
      certificates.remove();
    });

    test('scrapes with the right password only', async () => {
      await prometheus.until('the right one is up, the wrong one refused', async () => {
        const targets = await prometheus.targets();
        return targets.length === 2 && targets.every(({ health }) => health !== 'unknown');
      });
      const targets = await prometheus.targets();
      const told = Object.fromEntries(
        targets.map(({ labels, health, lastError }) => [labels['job'], `${health} ${lastError}`]),
      );
      expect(told['right']).toBe('up ');
      expect(told['wrong']).toMatch(/^down .*401/);
    });
  },
);
