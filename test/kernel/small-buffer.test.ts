// Loss is a ledger: with a receive buffer that cannot hold a storm, what the judge received is what
// the daemon received and what it says it lost, to the last event.
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { forkBooks, openAccounts } from '../harness/conservation.ts';
import { EVENT_KINDS } from '../harness/judge.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage, type Cut } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const run = promisify(execFile);
const TRIES = 50; // the host may fork while one CPU's last loss is not yet proven

describeWith(['events'], 'a receive buffer that is too small', () => {
  const stage = useStage(['--collector.receive-buffer=4KiB'], { quiet: true });

  afterEach(() => stage.daemon.signal('SIGCONT'));

  // A loss at the end of a burst shows when the next message of that CPU comes.
  async function touchEveryCpu(): Promise<void> {
    for (const cpu of cpus().keys()) await run('taskset', ['--cpu-list', String(cpu), 'true']);
  }

  // Both cuts may have a loss that is not proven yet; the next touch proves it. A ledger that counts
  // one too many or one too few stays wrong for ever.
  async function settledGrowth(before: Cut, enough: (cut: Cut) => boolean): Promise<Cut> {
    for (let tries = 0; tries < TRIES; tries++) {
      await touchEveryCpu();
      const cut = await stage.cut();
      if (enough(cut) && received(cut) - received(before) === sent(cut) - sent(before)) return cut;
    }
    return stage.cut();
  }

  async function settled(): Promise<Cut> {
    await touchEveryCpu();
    return stage.cut();
  }

  test('a stopped daemon loses a storm and knows it to the last event', async () => {
    const before = await settled();
    stage.daemon.signal('SIGSTOP');
    await new Storm('vfork', '--count', '2000').done();
    stage.daemon.signal('SIGCONT');
    const after = await settledGrowth(before, ({ scrape }) => lost(scrape) > 0);
    expect(received(after) - received(before)).toBe(sent(after) - sent(before));
    // 2,000 forks and as many exits, of which a few fit; what the starting of storm made, too.
    expect(lost(after.scrape) - lost(before.scrape)).toBeGreaterThan(3900);
    expect(after.scrape.value('procevents_overruns_total')).toBeGreaterThan(0);
    const books = forkBooks(before.scrape, after.scrape);
    expect(books.missing).toBeGreaterThan(0);
    expect(books.missing).toBeLessThanOrEqual(books.lost);
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  test('storms that overrun a running daemon, ten in a row', async () => {
    const before = await settled();
    for (let i = 0; i < 10; i++) {
      await Promise.all([
        new Storm('vfork', '--count', '500').done(),
        new Storm('thread', '--count', '500').done(),
        new Storm('prctl', '--count', '5000').done(),
      ]);
    }
    const after = await settledGrowth(before, () => true);
    expect(received(after) - received(before)).toBe(sent(after) - sent(before));
    expect(lost(after.scrape)).toBeGreaterThan(lost(before.scrape));
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  test('after a loss, health says degraded and names it', async () => {
    const response = await stage.daemon.get('/healthz');
    const report = (await response.json()) as { status: string; checks: Record<string, unknown> };
    expect(response.status).toBe(200);
    expect(report.status).toBe('degraded');
    expect(report.checks['loss']).toMatchObject({ status: 'degraded' });
  });
});

function lost(scrape: Cut['scrape']): number {
  return scrape.sum('procevents_lost_events_total');
}

function received({ scrape }: Cut): number {
  return scrape.sum('procevents_events_total') + lost(scrape);
}

function sent({ totals }: Cut): number {
  return EVENT_KINDS.reduce((sum, kind) => sum + totals[kind], 0);
}
