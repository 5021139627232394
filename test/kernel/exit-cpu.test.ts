// CPU time of what has ended: all of a process's threads under the process's own name, as much as
// its parent is told.
import { expect, test } from 'vitest';
import type { Exposition } from '../harness/exposition.ts';
import { LineProcess } from '../harness/line-process.ts';
import { program, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const SECONDS = 0.5;
const FAMILY = 'procevents_exited_cpu_seconds_total';
// The kernel counts whole ticks of whoever runs at that moment (of 1 to 10 ms), wait4 the time itself:
// far from one thread's part, which would be half.
const TOLERANCE = 0.25;

interface Burnt {
  readonly pid: number;
  readonly user: number;
  readonly system: number;
}

describeWith(['events'], 'CPU time of the ended', () => {
  const stage = useStage([], { quiet: true });

  async function burn(comm: string, thread: string): Promise<Burnt> {
    const burner = new LineProcess(program('burn'), [comm, thread, String(SECONDS)]);
    const line = await burner.line();
    await burner.finish();
    const burnt = JSON.parse(line) as Burnt;
    await stage.judge.seenAll('exit', [burnt.pid, burner.pid]);
    return burnt;
  }

  function seconds(scrape: Exposition, comm: string, mode: 'user' | 'system'): number {
    return scrape.value(FAMILY, { comm, uid: '0', mode });
  }

  test("a thread's time goes to its process's name, whatever its own", async () => {
    const [comm, thread] = [uniqueComm(), uniqueComm()];
    const { user, system } = await burn(comm, thread);
    const scrape = await stage.daemon.scrape();
    const counted = seconds(scrape, comm, 'user') + seconds(scrape, comm, 'system');
    expect(user + system).toBeGreaterThanOrEqual(2 * SECONDS);
    expect(counted / (user + system)).toBeGreaterThan(1 - TOLERANCE);
    expect(counted / (user + system)).toBeLessThan(1 + TOLERANCE);
    const names = scrape.series(FAMILY).map(({ labels }) => labels['comm']);
    expect(names).not.toContain(thread);
  });

  test('two of one name add up, and no scrape shows less than one before', async () => {
    const [comm, thread] = [uniqueComm(), uniqueComm()];
    await burn(comm, thread);
    const one = await stage.daemon.scrape();
    await burn(comm, thread);
    const two = await stage.daemon.scrape();
    expect(seconds(two, comm, 'user')).toBeGreaterThan(seconds(one, comm, 'user') * 1.5);
    expect(seconds(two, comm, 'system')).toBeGreaterThanOrEqual(seconds(one, comm, 'system'));
  });

  testTotals(stage);
});

describeWith(['events'], 'CPU time without taskstats', () => {
  const stage = useStage(['--no-collector.taskstats']);

  test('is not known, and never a wrong figure', async () => {
    await stage.perform('fork', { count: 50 });
    expect((await stage.daemon.scrape()).sum(FAMILY)).toBe(0);
  });
});
