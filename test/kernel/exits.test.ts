// How processes end: by a status or by a signal.
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { counts, pairOf } from '../harness/pairs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const N = 5;

describeWith(['events'], 'exits', () => {
  const stage = useStage();

  test('a status other than 0 is a failure, 0 is none', async () => {
    const well = await stage.perform('exit', { count: N, code: 0 });
    expect(pairOf(well.scrape, well.comm, 0)).toEqual(counts({ forks: N, exits: N + 1 }));
    const badly = await stage.perform('exit', { count: N, code: 1 });
    expect(pairOf(badly.scrape, badly.comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, failures: N }),
    );
    const worst = await stage.perform('exit', { count: N, code: 255 });
    expect(pairOf(worst.scrape, worst.comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, failures: N }),
    );
  });

  // 137 is what a shell makes of SIGKILL: here it is a status like others.
  test('a status above 128 is a failure and no signal', async () => {
    const { comm, scrape } = await stage.perform('exit', { count: N, code: 137 });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, failures: N }));
  });

  test('a process with threads ends once, with its status', async () => {
    const options = { count: 50, code: 7, others: 4 };
    const { comm, scrape } = await stage.perform('exit', options);
    const ended = { forks: 50, threads: 200, exits: 51, failures: 50 };
    expect(pairOf(scrape, comm, 0)).toEqual(counts(ended));
  });

  test('a process with threads is killed once', async () => {
    const options = { count: 50, signal: constants.signals.SIGKILL, others: 4 };
    const { comm, scrape } = await stage.perform('signal', options);
    const ended = { forks: 50, threads: 200, exits: 51, SIGKILL: 50 };
    expect(pairOf(scrape, comm, 0)).toEqual(counts(ended));
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`an end by ${signal} is counted under its name and is no failure`, async () => {
      const number = constants.signals[signal];
      const { comm, scrape } = await stage.perform('signal', { count: N, signal: number });
      expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, [signal]: N }));
    });
  }

  for (const signal of ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const) {
    test(`an end by ${signal} is a core dump too, though no core is allowed`, async () => {
      const number = constants.signals[signal];
      const { comm, scrape } = await stage.perform('signal', { count: N, signal: number });
      expect(pairOf(scrape, comm, 0)).toEqual(
        counts({ forks: N, exits: N + 1, [signal]: N, coredumps: N }),
      );
    });
  }

  for (const [name, number] of [
    ['SIGHUP', constants.signals.SIGHUP],
    ['SIGUSR1', constants.signals.SIGUSR1],
    ['the last real-time signal', 64],
  ] as const) {
    test(`an end by ${name} is counted as other`, async () => {
      const { comm, scrape } = await stage.perform('signal', { count: N, signal: number });
      expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, other: N }));
    });
  }

  test('SIGQUIT is of the core class and counted as other', async () => {
    const number = constants.signals.SIGQUIT;
    const { comm, scrape } = await stage.perform('signal', { count: N, signal: number });
    expect(pairOf(scrape, comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, other: N, coredumps: N }),
    );
  });

  testTotals(stage);
});
