// Crashes: counted once a process, and a core as written only where one was.
import { expect, test } from 'vitest';
import { counts, pairOf } from '../harness/pairs.ts';
import { describeWith } from '../harness/requirements.ts';
import { growth, othersExits, testTotals, useStage } from '../harness/stage.ts';
import type { Performance } from '../harness/stage.ts';

const N = 5;
const SIGABRT = 6;
const SIGTERM = 15;

describeWith(['events', 'core-files'], 'core dumps', () => {
  const stage = useStage();

  test('SIGABRT without a core limit is a core dump, and none is written', async () => {
    const { comm, scrape } = await stage.perform('signal', { count: N, signal: SIGABRT });
    expect(pairOf(scrape, comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, SIGABRT: N, coredumps: N }),
    );
  });

  test('SIGABRT with a core limit is a core dump, and one is written', async () => {
    const options = { count: N, signal: SIGABRT, core: true };
    const { comm, scrape } = await stage.perform('signal', options);
    const dumps = { SIGABRT: N, coredumps: N, coresWritten: N };
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, ...dumps }));
  });

  test('a core that a thread writes is written once', async () => {
    const options = { count: N, signal: SIGABRT, core: true, others: 4 };
    const { comm, scrape } = await stage.perform('signal', options);
    const dumps = { SIGABRT: N, coredumps: N, coresWritten: N };
    const expected = counts({ forks: N, threads: 4 * N, exits: N + 1, ...dumps });
    expect(pairOf(scrape, comm, 0)).toEqual(expected);
  });

  test('an end by SIGTERM is no core dump, whatever the limit', async () => {
    const options = { count: N, signal: SIGTERM, core: true };
    const { comm, scrape } = await stage.perform('signal', options);
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, SIGTERM: N }));
  });

  for (const core of [false, true]) {
    test(`two threads that crash at once are one core dump, cores ${core ? 'on' : 'off'}`, async () => {
      const rounds = 100;
      const performance = await stage.perform('crash-together', { count: rounds, core });
      const { comm, made, events, scrape } = performance;
      const own = new Set(made.pids);
      const sent = events.filter(({ kind, tgid }) => kind === 'coredump' && own.has(tgid)).length;
      const others = events.filter(({ kind, tgid }) => kind === 'coredump' && !own.has(tgid));
      expect(pairOf(scrape, comm, 0)).toEqual(
        counts({
          forks: rounds,
          threads: 2 * rounds,
          exits: rounds + 1,
          SIGSEGV: rounds,
          coredumps: rounds,
          coresWritten: processesWithCore(performance),
        }),
      );
      expect(processesWithCore(performance)).toBe(core ? rounds : 0);
      const duplicates = 'procevents_duplicate_coredumps_total';
      const duplicated = growth(performance, duplicates);
      expect(duplicated).toBeGreaterThanOrEqual(sent - rounds);
      expect(duplicated).toBeLessThanOrEqual(sent - rounds + others.length);
      const threadExits = 'procevents_thread_exits_total';
      const ended = growth(performance, threadExits);
      expect(ended).toBeGreaterThanOrEqual(2 * rounds);
      expect(ended).toBeLessThanOrEqual(2 * rounds + othersExits(performance));
    });
  }

  testTotals(stage);
});

// Bit 0x80 in the exit code of any of its tasks.
function processesWithCore({ made, events }: Performance): number {
  const own = new Set(made.pids);
  const wrote = events.filter(
    ({ kind, tgid, fields }) => kind === 'exit' && own.has(tgid) && ((fields[2] ?? 0) & 0x80) !== 0,
  );
  return new Set(wrote.map(({ tgid }) => tgid)).size;
}
