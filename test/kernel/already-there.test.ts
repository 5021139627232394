// What lived before the daemon started is known to it: names, uids, tasks.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import { Daemon } from '../harness/daemon.ts';
import { Judge } from '../harness/judge.ts';
import { Maker, type MakerOptions } from '../harness/maker.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const N = 5;

describeWith(['events'], 'what was there before the start', () => {
  const copies = new ProgramCopies();
  const comm = {
    held: uniqueComm(),
    forking: uniqueComm(),
    leaderless: uniqueComm(),
    zombies: uniqueComm(),
    executing: uniqueComm(),
  };
  const lingering = uniqueComm();
  const makers = new Map<string, Maker>();
  let judge: Judge;
  let daemon: Daemon;

  async function make(situation: string, name: string, options: MakerOptions): Promise<Maker> {
    const made = await Maker.start(situation, { count: N, comm: name, ...options });
    makers.set(name, made);
    return made;
  }

  function maker(name: string): Maker {
    const found = makers.get(name);
    if (!found) throw new Error(`no maker ${name}`);
    return found;
  }

  beforeAll(async () => {
    judge = await Judge.start();
    await make('held', comm.held, { code: 4 });
    await make('fork', comm.forking, {});
    const leaderless = await make('leader-exit', comm.leaderless, { code: 5 });
    await judge.seenAll('exit', leaderless.made.pids);
    const zombies = await make('zombie', comm.zombies, {});
    await judge.seenAll('exit', zombies.made.pids);
    const program = [copies.add('linger', lingering)];
    const executing = await make('exec', comm.executing, { program });
    await judge.seenAll('exec', executing.made.pids);
    daemon = await Daemon.start();
  });
  afterAll(async () => {
    await daemon.stop();
    await judge.stop();
    copies.remove();
  });

  test('each has its series, at 0, before its first event', async () => {
    const scrape = await daemon.scrape();
    for (const name of [...Object.values(comm), lingering])
      expect(pairOf(scrape, name, 0)).toEqual(counts({}));
  });

  test('a process from before forks and ends under its name', async () => {
    const { pids } = await maker(comm.forking).round();
    await maker(comm.forking).finish();
    await judge.seenAll('exit', [maker(comm.forking).pid, ...pids]);
    const scrape = await daemon.scrape();
    expect(pairOf(scrape, comm.forking, 0)).toEqual(counts({ forks: N, exits: N + 1 }));
  });

  for (const [what, name] of [
    ['children', comm.held],
    ['processes whose leader had gone', comm.leaderless],
  ] as const) {
    test(`${what} from before end with their status`, async () => {
      const { pid, pids, tids } = maker(name).made;
      await maker(name).finish();
      await judge.seenAll('exit', [pid, ...pids, ...tids]);
      const scrape = await daemon.scrape();
      expect(pairOf(scrape, name, 0)).toEqual(counts({ exits: N + 1, failures: N }));
    });
  }

  test('a zombie from before has ended before, and does not end again', async () => {
    await maker(comm.zombies).finish();
    await judge.seen('exit', maker(comm.zombies).pid);
    expect(pairOf(await daemon.scrape(), comm.zombies, 0)).toEqual(counts({ exits: 1 }));
  });

  test('a program from before ends under its name', async () => {
    const { pid, pids } = maker(comm.executing).made;
    await maker(comm.executing).finish();
    await judge.seenAll('exit', [pid, ...pids]);
    const scrape = await daemon.scrape();
    expect(pairOf(scrape, lingering, 0)).toEqual(counts({ exits: N }));
    expect(pairOf(scrape, comm.executing, 0)).toEqual(counts({ exits: 1 }));
    expect(openAccounts(scrape)).toEqual([]);
  });
});
