// One line in the log for each core dump, at most one a second; the others are counted.
import { expect, test, vi } from 'vitest';
import { crashLines, ownCgroup, ownComm, type CrashLine } from '../harness/log-lines.ts';
import type { MakerOptions } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage, type Performance } from '../harness/stage.ts';

const SIGABRT = 6;
const SIGSEGV = 11;
const SUPPRESSED = 'procevents_suppressed_log_lines_total';
const LAST = 'procevents_last_coredump_timestamp_seconds';
/** Others' crashes, or our own last one, may take the second's line. */
const TRIES = 20;

describeWith(['events', 'core-files'], 'lines about core dumps', () => {
  const stage = useStage(['--storm.threshold=10000000']);

  /** One crash that got its line. */
  async function crash(
    situation: string,
    options: MakerOptions,
  ): Promise<{ line: CrashLine; performance: Performance }> {
    for (let tries = 0; tries < TRIES; tries++) {
      const performance = await stage.perform(situation, { ...options, count: 1 });
      const [pid] = performance.made.pids;
      const find = (): CrashLine | undefined =>
        crashLines(stage.daemon).find((line) => line.pid === pid);
      const { scrape, before } = performance;
      if (scrape.value(SUPPRESSED) === before.value(SUPPRESSED)) {
        const line = await vi.waitFor(() => {
          const found = find();
          if (found === undefined) throw new Error('no line yet');
          return found;
        }, PATIENT);
        return { line, performance };
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    throw new Error(`${TRIES} crashes, and others had the line each time`);
  }

  test('says who crashed, of whom, where, by which signal, and that no core was written', async () => {
    const { line, performance } = await crash('signal', { signal: SIGABRT });
    const { comm, made, before, scrape } = performance;
    expect(line).toMatchObject({
      pid: made.pids[0],
      comm,
      uid: 0,
      signal: 'SIGABRT',
      coreWritten: false,
      cgroup: ownCgroup(),
    });
    expect(line.ancestors.slice(0, 2)).toEqual([
      { pid: made.pid, comm },
      { pid: process.pid, comm: ownComm() },
    ]);
    expect(line.ancestors.length).toBeLessThanOrEqual(4);
    expect(scrape.value(LAST)).toBeGreaterThan(before.value(LAST));
    expect(scrape.value(LAST)).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('says that a core was written', async () => {
    const { line } = await crash('signal', { signal: SIGSEGV, core: true });
    expect(line).toMatchObject({ signal: 'SIGSEGV', coreWritten: true });
  });

  test('says so too when another thread than the last to end wrote it', async () => {
    const { line } = await crash('crash-together', { core: true });
    expect(line).toMatchObject({ signal: 'SIGSEGV', coreWritten: true });
  });

  test('300 crashes at once are lines and suppressed lines, 300 in all', async () => {
    const logged = crashLines(stage.daemon).length;
    const { before, scrape } = await stage.perform('signal', { count: 300, signal: SIGABRT });
    const grown = (name: string): number => scrape.sum(name) - before.sum(name);
    expect(grown('procevents_coredumps_total')).toBeGreaterThanOrEqual(300);
    const lines = (): number => crashLines(stage.daemon).length - logged + grown(SUPPRESSED);
    await expect.poll(lines, PATIENT).toBeGreaterThanOrEqual(grown('procevents_coredumps_total'));
    expect(grown(SUPPRESSED)).toBeGreaterThan(0);
  });
});
