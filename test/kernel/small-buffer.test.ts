// Loss is a ledger: with a receive buffer that cannot hold a storm, what the judge received is what
// the daemon received and what it says it lost, to the last event.
import { afterEach, expect, test } from 'vitest';
import { forkBooks, openAccounts } from '../harness/conservation.ts';
import { ledgerError, lost, settledCut } from '../harness/ledger.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

describeWith(['events'], 'a receive buffer that is too small', () => {
  const stage = useStage(['--collector.receive-buffer=4KiB'], { quiet: true });

  afterEach(() => stage.daemon.signal('SIGCONT'));

  test('a stopped daemon loses a storm and knows it to the last event', async () => {
    const before = await settledCut(stage);
    stage.daemon.signal('SIGSTOP');
    await new Storm('vfork', '--count', '2000').done();
    stage.daemon.signal('SIGCONT');
    const after = await settledCut(stage, before);
    expect(ledgerError(before, after)).toBe(0);
    // 2,000 forks and as many exits, of which few fit.
    expect(lost(after) - lost(before)).toBeGreaterThan(3900);
    expect(after.scrape.value('procevents_overruns_total')).toBeGreaterThan(0);
    const books = forkBooks(before.scrape, after.scrape);
    expect(books.missing).toBeGreaterThan(0);
    expect(books.missing).toBeLessThanOrEqual(books.lost);
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  test('storms that overrun a running daemon, ten in a row', async () => {
    const before = await settledCut(stage);
    for (let i = 0; i < 10; i++) {
      await Promise.all([
        new Storm('vfork', '--count', '500').done(),
        new Storm('thread', '--count', '500').done(),
        new Storm('prctl', '--count', '5000').done(),
      ]);
    }
    const after = await settledCut(stage, before);
    expect(ledgerError(before, after)).toBe(0);
    expect(lost(after)).toBeGreaterThan(lost(before));
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  test('from the first event to here, the ledger is closed', async () => {
    const cut = await settledCut(stage);
    expect(ledgerError(stage.first, cut)).toBe(0);
  });

  test('after a loss, health says degraded and names it', async () => {
    const response = await stage.daemon.get('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: { loss: { status: 'degraded' } },
    });
  });
});
