// The books close under load: whatever the kernel sent was counted somewhere, exactly once.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { forkBooks, openAccounts } from '../harness/conservation.ts';
import { Freezer } from '../harness/freezer.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage, type Cut } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const run = promisify(execFile);
const FORKS = { event: 'fork' };

describeWith(['events', 'stress-ng'], 'conservation under storms', () => {
  const stage = useStage([], { quiet: true });

  test.for([
    ['--vfork', 'procevents_forks_total', 20_000],
    ['--pthread', 'procevents_thread_creations_total', 5000],
  ] as const)('stress-ng %s: %s', async ([stressor, family, ops]) => {
    const before = await stage.cut();
    await run('stress-ng', [stressor, '1', `${stressor}-ops`, String(ops)]);
    const after = await stage.cut();
    expect(grown(before, after, family)).toBeGreaterThanOrEqual(ops);
    expect(forkBooks(before.scrape, after.scrape)).toEqual({ missing: 0, lost: 0 });
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  test('all storms at once, scraped all the while', async () => {
    const before = await stage.cut();
    const storms = [
      new Storm('fork', '--count', '2000'),
      new Storm('vfork', '--count', '5000'),
      new Storm('thread', '--count', '5000'),
      new Storm('exec', '--chain', '3', '--count', '1000'),
      new Storm('prctl', '--count', '20000'),
    ];
    const storming = { over: false };
    const done = Promise.all(storms.map((storm) => storm.done())).finally(
      () => (storming.over = true),
    );
    while (!storming.over) expect(openAccounts(await stage.daemon.scrape())).toEqual([]);
    await done;
    const after = await stage.cut();
    expect(forkBooks(before.scrape, after.scrape)).toEqual({ missing: 0, lost: 0 });
    expect(openAccounts(after.scrape)).toEqual([]);
    const execs = after.scrape.value('procevents_events_total', { event: 'exec' });
    const execsBefore = before.scrape.value('procevents_events_total', { event: 'exec' });
    expect(execs - execsBefore).toBeGreaterThanOrEqual(3000);
  });

  testTotals(stage);
});

describeWith(['events'], 'conservation when the ring is full', () => {
  const stage = useStage(['--collector.ring-slots=1024'], { quiet: true });

  test('what does not fit into the ring is shed, counted, and the rest attributed', async () => {
    const before = await stage.cut();
    const main = await Freezer.freeze(stage.daemon.pid);
    await new Storm('vfork', '--count', '3000').done();
    const sent = await stage.judge.totals();
    await main.thaw();
    const after = await stage.cut();
    expect(sent.fork - before.totals.fork).toBeGreaterThanOrEqual(3000);
    const shed = after.scrape.value('procevents_shed_events_total', FORKS);
    expect(shed).toBeGreaterThan(0);
    expect(shed).toBeLessThan(after.scrape.value('procevents_events_total', FORKS));
    expect(forkBooks(before.scrape, after.scrape)).toEqual({ missing: 0, lost: 0 });
    expect(openAccounts(after.scrape)).toEqual([]);
  });

  testTotals(stage);
});

function grown(before: Cut, after: Cut, family: string): number {
  return after.scrape.sum(family) - before.scrape.sum(family);
}
