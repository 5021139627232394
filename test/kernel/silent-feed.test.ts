// A feed that falls silent while the kernel goes on making processes is noticed, said, and asked for
// anew. The daemon runs in this process, over a real connector socket on which IGNORE is said behind
// its back: from Linux 6.6 on that silences this socket and no other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { release } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { native } from '../../src/collector/native.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { startDaemon, type Daemon } from '../../src/daemon/daemon.ts';
import { oneLine, type ExporterError } from '../../src/errors.ts';
import { pino } from 'pino';
import { deferred } from '../harness/deferred.ts';
import { forkBooks, openAccounts } from '../harness/conservation.ts';
import { Exposition } from '../harness/exposition.ts';
import { PATIENT } from '../harness/patience.ts';
import { program } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

const OFF = 'off by the test';
const [MAJOR = 0, MINOR = 0] = release().split('.').map(Number);
const OWN_STATE = MAJOR > 6 || (MAJOR === 6 && MINOR >= 6); // before, IGNORE would deafen all

interface Line {
  readonly level: number;
  readonly check?: string;
  readonly msg: string;
}

describeWith(['events'], 'a feed that falls silent', () => {
  const lines: Line[] = [];
  const fatal: Error[] = [];
  let daemon: Daemon;
  let fd: number;

  beforeAll(async () => {
    const { config } = parseCommandLine(['--web.listen-address=127.0.0.1:0'], {});
    const connector = native().openConnector(config.receiveBuffer, 1000);
    fd = connector.fd;
    daemon = await startDaemon({
      config,
      log: pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as Line) }),
      fatal: (error) => fatal.push(error),
      sources: { connector, listening: true, execNames: { why: OFF }, exitRecords: { why: OFF } },
      sampleIntervalMs: 100,
    });
  });
  afterAll(async () => {
    await daemon.stop();
  });

  async function say(word: 'ignore' | 'listen'): Promise<void> {
    const hush = spawn(program('hush'), ['3', word], {
      stdio: ['ignore', 'ignore', 'inherit', fd],
    });
    const [code] = await once(hush, 'exit');
    expect(code).toBe(0);
  }

  async function get(target: string): Promise<Response> {
    return fetch((daemon.addresses[0] ?? '') + target);
  }

  async function scrape(): Promise<Exposition> {
    return new Exposition(await (await get('/metrics')).text());
  }

  async function feed(): Promise<string> {
    const { checks } = (await (await get('/healthz')).json()) as {
      checks: Record<string, { status: string }>;
    };
    return checks['feed']?.status ?? 'none';
  }

  const forks = (each: Exposition): number =>
    each.value('procevents_events_total', { event: 'fork' });
  const heals = async (): Promise<number> => (await scrape()).value('procevents_heals_total');

  test('is not taken for one while it speaks, nor while nobody forks', async () => {
    await new Storm('fork', '--rate', '100', '--seconds', '1').done();
    expect(forks(await scrape())).toBeGreaterThan(50);
    expect(await feed()).toBe('ok');
    expect(await heals()).toBe(0);
  });

  test.skipIf(!OWN_STATE)('fails in health, is brought back, counted and said', async () => {
    const before = await scrape();
    await say('ignore');
    const storm = new Storm('fork', '--rate', '100', '--seconds', '50');
    await expect.poll(heals, PATIENT).toBe(1);
    await expect.poll(feed, PATIENT).toBe('ok');
    await storm.kill();

    const after = await scrape();
    expect(forks(after)).toBeGreaterThan(forks(before));
    expect(after.value('procevents_collector_up')).toBe(1);
    const books = forkBooks(before, after);
    expect(books.missing).toBeGreaterThan(0);
    expect(books.lost).toBeGreaterThanOrEqual(books.missing);
    expect(openAccounts(after)).toEqual([]);
    expect(lines.filter(({ check }) => check === 'feed').map(({ level }) => level)).toEqual([
      50, 30,
    ]);
    expect(lines.filter(({ msg }) => msg === 'the feed is back')).toHaveLength(1);
    expect(fatal).toEqual([]);
  });

  test.skipIf(!OWN_STATE)('is not healed again once it speaks', async () => {
    const healed = await heals();
    await new Storm('fork', '--rate', '100', '--seconds', '2').done();
    expect(await heals()).toBe(healed);
    expect(await feed()).toBe('ok');
  });
});

describeWith(['events'], 'a feed that stays silent', () => {
  test.skipIf(!OWN_STATE)('ends the daemon with a line that says so', async () => {
    const { config } = parseCommandLine(['--web.listen-address=127.0.0.1:0'], {});
    const connector = native().openConnector(config.receiveBuffer, 1000);
    const { fd } = connector;
    const told = deferred<ExporterError>();
    const daemon = await startDaemon({
      config,
      log: pino({ level: 'silent' }),
      fatal: told.resolve,
      // Not the kernel's, as far as the daemon knows: so it does not ask on this very socket.
      sources: { connector, listening: false, execNames: { why: OFF }, exitRecords: { why: OFF } },
      sampleIntervalMs: 100,
    });
    const hush = spawn(program('hush'), ['3', 'ignore'], {
      stdio: ['ignore', 'ignore', 'inherit', fd],
    });
    await once(hush, 'exit');
    const storm = new Storm('fork', '--rate', '100', '--seconds', '50');
    expect(oneLine(await told.promise)).toMatch(/sends no events.*\[PROCEVENTS_FEED_SILENT\]/);
    await storm.kill();
    await daemon.stop();
  });
});
