// From the cause to whoever is on call: real storms, crashes and ends, a real Prometheus with the rules of this repository, a
// real Alertmanager, and what its webhook gets.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Alertmanager, type Notice } from '../harness/alertmanager.ts';
import { Daemon } from '../harness/daemon.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, root, uniqueComm } from '../harness/programs.ts';
import { Prometheus } from '../harness/prometheus.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

/** What is promised, of scrapes and evaluations every second. */
const PROMISE_MS = 15_000;
const THRESHOLD = 1000;
/** seconds; some of them may fall behind on a loaded machine. */
const STORM_LASTS = 25;
const LONGER = { timeout: 120_000 };
const SIGABRT = '6';
/** Nobody's: it has no name. */
const NAMELESS = 61_001;

const STORM_SECONDS = 'procevents_fork_storm_seconds_total';

describeWith(
  ['events', 'prometheus', 'alertmanager', 'setpriv'],
  'alerts, from the cause to the webhook',
  () => {
    const copies = new ProgramCopies();
    let daemon: Daemon;
    let alertmanager: Alertmanager;
    let prometheus: Prometheus;
    let instance: string;

    beforeAll(async () => {
      chmodSync(copies.directory, 0o755);
      daemon = await Daemon.start({ flags: [`--storm.threshold=${THRESHOLD}`] });
      alertmanager = await Alertmanager.start();
      instance = new URL(daemon.url).host;
      prometheus = await Prometheus.start(
        { procevents: { static_configs: [{ targets: [instance] }] } },
        {
          ruleFiles: [path.join(root, 'deploy/prometheus/rules/*.yml')],
          alertmanager: alertmanager.address,
        },
      );
      await prometheus.until('the daemon is scraped, and the rules are evaluated', async () => {
        const [seen] = await prometheus.query('instance:procevents_forks:rate5m');
        return seen?.labels['instance'] === instance;
      });
    });
    afterAll(async () => {
      await prometheus.stop();
      await alertmanager.stop();
      copies.remove();
    });

    /** The notice that has come since `cause`; throws when it took longer than what is promised. */
    async function notified(cause: number, wanted: (notice: Notice) => boolean): Promise<Notice> {
      const find = (): Notice | undefined =>
        alertmanager.notices.find((one) => one.status === 'firing' && wanted(one));
      await expect.poll(find, PATIENT).toBeDefined();
      const notice = find()!;
      const took = notice.at - cause;
      process.stdout.write(`${notice.labels['alertname']}: webhook after ${took / 1000} s\n`);
      expect(took).toBeLessThan(PROMISE_MS);
      return notice;
    }

    const about =
      (alertname: string, comm: string) =>
      ({ labels }: Notice): boolean =>
        labels['alertname'] === alertname && labels['comm'] === comm;

    /** A program that is started, and whose child crashes at once. Resolves when both have ended. */
    async function crash(name: string, uid: number): Promise<void> {
      const file = path.join(copies.directory, name);
      const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const child = spawn('setpriv', [...identity, file, 'signal', '--signal', SIGABRT], {
        stdio: ['pipe', 'ignore', 'inherit'],
        cwd: copies.directory,
      });
      child.stdin.end('\n');
      const [code] = (await once(child, 'exit')) as [number | null];
      expect(code).toBe(0);
    }

    test('the first crash of a program that nobody had seen', async () => {
      // Its name and its crash come in one scrape, unless one falls between the two: then another name is tried.
      let comm = '';
      let cause = 0;
      const first = `min_over_time(procevents_coredumps_total{comm="COMM"}[5m])`;
      await prometheus.until('a crash is in the first scrape of its program', async () => {
        comm = uniqueComm();
        copies.add('events', comm);
        cause = Date.now();
        await crash(comm, NAMELESS);
        const query = first.replace('COMM', comm);
        await prometheus.until('it is scraped', async () => {
          const seen = await prometheus.query(query);
          return seen.length > 0;
        });
        const [least] = await prometheus.query(query);
        return least?.value === 1;
      });
      const { labels, annotations } = await notified(cause, about('CoreDump', comm));
      expect(labels).toEqual({
        alertname: 'CoreDump',
        severity: 'warning',
        job: 'procevents',
        instance,
        comm,
        uid: String(NAMELESS),
      });
      expect(annotations['description']).toContain(`comm ${comm} (uid ${NAMELESS}) crashed`);
      expect(annotations['runbook_url']).toMatch(/docs\/runbooks\/CoreDump\.md$/);
    });

    test('the first crash of a program that ran before', async () => {
      const comm = uniqueComm();
      const maker = await Maker.start('fork', { comm });
      await prometheus.until('it is scraped', async () => {
        const [seen] = await prometheus.query(`procevents_coredumps_total{comm="${comm}"}`);
        return seen?.value === 0;
      });
      const cause = Date.now();
      process.kill(maker.pid, 'SIGSEGV');
      const { labels } = await notified(cause, about('CoreDump', comm));
      expect(labels).toMatchObject({ instance, comm, uid: '0', user: 'root' });
    });

    test('a program that crashes whenever it is started', async () => {
      const comm = uniqueComm();
      copies.add('events', comm);
      let cause = 0;
      for (let crashes = 0; crashes < 5; crashes++) {
        if (crashes > 0) await pause(300); // what a service manager waits
        cause = Date.now();
        await crash(comm, NAMELESS);
      }
      const { labels, annotations } = await notified(cause, about('CrashLoop', comm));
      expect(labels).toMatchObject({ severity: 'critical', instance, comm, uid: String(NAMELESS) });
      expect(annotations['description']).toContain(
        `comm ${comm} (uid ${NAMELESS}) crashed 5 times`,
      );
    });

    test('a storm, from its tenth second on', LONGER, async () => {
      const comm = uniqueComm();
      const before = await daemon.scrape();
      const enough = before.value(STORM_SECONDS) + 10;
      const rate = 2 * THRESHOLD;
      const storm = new Storm(
        'vfork',
        `--count=${rate * STORM_LASTS}`,
        `--rate=${rate}`,
        '--procs=2',
        `--comm=${comm}`,
      );
      const seconds = async (): Promise<number> => {
        const scrape = await daemon.scrape();
        return scrape.value(STORM_SECONDS);
      };
      await expect.poll(seconds, PATIENT).toBeGreaterThanOrEqual(enough);
      // Others' storms on this host count, too: the text names who makes most.
      const { labels } = await notified(
        Date.now(),
        ({ labels: { alertname }, annotations: { description } }) =>
          alertname === 'ForkStorm' &&
          description?.includes(`by comm ${comm} (uid 0, user root)`) === true,
      );
      await storm.done();
      expect(labels).toEqual({
        alertname: 'ForkStorm',
        severity: 'warning',
        job: 'procevents',
        instance,
      });
    });

    test('every rule has been evaluated without an error, and has data, or needs more past', async () => {
      const rules = await prometheus.rules();
      expect(rules.length).toBeGreaterThan(40);
      // A group that runs every two minutes may not have had its turn: its queries are tried below.
      expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
      // A scrape that comes late on a loaded machine leaves a hole of a second.
      const silent = async (): Promise<string[]> => {
        // On a quiet host nothing fails; and what failed before its first scrape has no rate yet.
        await promisify(execFile)('false').catch(() => undefined);
        const names: string[] = [];
        for (const { name, type, query } of rules) {
          const expression = type === 'recording' ? query : withoutLimits(query);
          if ((await prometheus.query(expression)).length === 0) names.push(name);
        }
        return names.toSorted();
      };
      await expect.poll(silent, PATIENT).toEqual(SILENT);
    });

    test('how many series the rules make is what deploy/prometheus/README.md says', async () => {
      const count = async (level: string): Promise<number> => {
        const [counted] = await prometheus.query(`count({__name__=~"${level}:.*"})`);
        return counted?.value ?? 0;
      };
      expect(await count('instance')).toBeLessThanOrEqual(13 + 3);
      expect(await count('instance_comm_uid')).toBeLessThanOrEqual(30 + 10);
      await expect.poll(() => count('job'), PATIENT).toBe(14);
      expect(await count('job_comm')).toBeLessThanOrEqual(80);
    });

    test('a daemon that is stopped', async () => {
      await daemon.stop();
      const cause = Date.now();
      const { labels } = await notified(
        cause,
        (notice) => notice.labels['alertname'] === 'ExporterDown',
      );
      expect(labels).toMatchObject({ severity: 'critical', job: 'procevents', instance });
    });
  },
);

/** An alert's query, with its limits set to 0: what it compares has data on every host. */
function withoutLimits(query: string): string {
  return query.replaceAll(/(?<!bool) (?:[<>]=?|==) [\d.]+/g, ' >= 0');
}

/** What needs hours of past, or a fleet of more than one. */
const SILENT = [
  'ProcessChurn',
  'instance:procevents_execs_rate5m:outlier',
  'instance:procevents_exit_failures_rate5m:outlier',
  'instance:procevents_forks:max1d',
  'instance:procevents_forks_rate5m:outlier',
  'instance:procevents_tasks:max1d',
];
