// Programs executed: each under the name and the real uid that it has afterwards.
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Maker, MakerOptions } from '../harness/maker.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const N = 5;
const UID = 61_001;
const OWNER = 61_002;

describeWith(['events', 'setpriv'], 'execs', () => {
  const stage = useStage();
  const copies = new ProgramCopies();
  chmodSync(copies.directory, 0o755); // other users execute from it
  afterAll(() => copies.remove());

  // The program lives until the maker is told to finish, so its name is certain.
  async function running(situation: string, options: MakerOptions): Promise<Maker> {
    const maker = await stage.start(situation, { count: N, ...options });
    await stage.judge.seenAll('exec', maker.made.pids);
    return maker;
  }

  async function end(maker: Maker): Promise<void> {
    await maker.finish();
    await stage.judge.seenAll('exit', [maker.pid, ...maker.made.pids]);
  }

  test('a program is counted under its own name, and ends under it', async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const maker = await running('exec', { comm, program: [copies.add('linger', name), '3'] });
    const during = await stage.daemon.scrape();
    expect(pairOf(during, comm, 0)).toEqual(counts({ forks: N }));
    expect(pairOf(during, name, 0)).toEqual(counts({ execs: N }));
    await end(maker);
    const after = await stage.daemon.scrape();
    expect(pairOf(after, comm, 0)).toEqual(counts({ forks: N, exits: 1 }));
    expect(pairOf(after, name, 0)).toEqual(counts({ execs: N, exits: N, failures: N }));
  });

  test('a name is cut to 15 bytes, as the kernel cuts it', async () => {
    const name = `${uniqueComm()}-and-so-on-and-on`;
    const maker = await running('exec', { program: [copies.add('linger', name)] });
    expect(pairOf(await stage.daemon.scrape(), name.slice(0, 15), 0)).toEqual(counts({ execs: N }));
    await end(maker);
  });

  test('a #! script is one exec, under its own name', async () => {
    const [comm, name, interpreter] = [uniqueComm(), uniqueComm(), uniqueComm()];
    const script = path.join(copies.directory, name);
    writeFileSync(script, `#!${copies.add('linger', interpreter)}\n`, { mode: 0o755 });
    const maker = await running('exec', { comm, program: [script] });
    expect(pairOf(await stage.daemon.scrape(), name, 0)).toEqual(counts({ execs: N }));
    await end(maker);
    const after = await stage.daemon.scrape();
    expect(pairOf(after, name, 0)).toEqual(counts({ execs: N, exits: N }));
    expect(pairOf(after, interpreter, 0)).toBeUndefined();
  });

  for (const others of [0, 3]) {
    test(`a thread that executes while the leader and ${others} others live`, async () => {
      const [comm, name] = [uniqueComm(), uniqueComm()];
      const options = { comm, others, program: [copies.add('linger', name)] };
      const maker = await running('thread-exec', options);
      const during = await stage.daemon.scrape();
      expect(pairOf(during, comm, 0)).toEqual(counts({ forks: N, threads: N * (1 + others) }));
      expect(pairOf(during, name, 0)).toEqual(counts({ execs: N }));
      await maker.finish();
      await stage.judge.seen('exit', maker.pid);
      const { scrape } = await stage.cut(); // the leader's EXIT comes twice: nobody to wait for
      expect(pairOf(scrape, comm, 0)).toEqual(
        counts({ forks: N, threads: N * (1 + others), exits: 1 }),
      );
      expect(pairOf(scrape, name, 0)).toEqual(counts({ execs: N, exits: N }));
    });
  }

  test('an exec that fails is none', async () => {
    const options = { count: N, code: 126, program: [copies.directory] };
    const { comm, scrape, events } = await stage.perform('exec-fail', options);
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: N + 1, failures: N }));
    expect(events.filter(({ kind }) => kind === 'exec').length).toBeGreaterThan(0); // the maker's
  });

  test('a set-uid program is counted for the real uid', async () => {
    const name = uniqueComm();
    const file = copies.add('linger', name);
    chownSync(file, OWNER, OWNER);
    chmodSync(file, 0o4755);
    const setpriv = ['/usr/bin/setpriv', '--reuid', String(UID), '--clear-groups', file];
    const comm = uniqueComm();
    const maker = await stage.start('exec', { comm, count: N, program: setpriv });
    await stage.judge.seenAll('uid', maker.made.pids);
    // Two EXECs each: the second is the one that is queued when the program has changed its owner.
    await expect.poll(() => execsOf(maker), PATIENT).toBe(2 * N);
    expect(pairOf(await stage.daemon.scrape(), name, UID)).toEqual(counts({ execs: N }));
    await end(maker);
    const after = await stage.daemon.scrape();
    expect(pairOf(after, name, UID)).toEqual(counts({ execs: N, exits: N }));
    expect(pairOf(after, name, OWNER)).toBeUndefined();
  });

  function execsOf({ made }: Maker): number {
    const own = new Set(made.pids);
    return stage.judge.events.filter(({ kind, tgid }) => kind === 'exec' && own.has(tgid)).length;
  }

  test('every exec of a chain is counted once, the last under its name', async () => {
    const [first, second, last] = [uniqueComm(), uniqueComm(), uniqueComm()];
    const chain = [copies.add('nothing', first), copies.add('nothing', second)];
    const before = await stage.daemon.scrape();
    const maker = await stage.start('exec', {
      count: N,
      program: [...chain, copies.add('linger', last)],
    });
    await expect.poll(() => execsOf(maker), PATIENT).toBe(3 * N);
    const scrape = await stage.daemon.scrape();
    const execs = (comm: string): number =>
      scrape.valueOr0('procevents_execs_total', { comm, uid: '0' });
    expect(execs(last)).toBeGreaterThanOrEqual(N);
    const named = execs(first) + execs(second) + execs(last);
    expect(named).toBeLessThanOrEqual(3 * N);
    const unresolved = { event: 'exec' };
    const unknown =
      scrape.value('procevents_unresolved_total', unresolved) -
      before.value('procevents_unresolved_total', unresolved);
    expect(named + unknown).toBeGreaterThanOrEqual(3 * N);
    await end(maker);
  });

  test('a program that does nothing has its own name or none', async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const options = { comm, count: 100, program: [copies.add('nothing', name)] };
    const { before, scrape } = await stage.perform('exec', options);
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: 100, exits: 1 }));
    const named = scrape.valueOr0('procevents_execs_total', { comm: name, uid: '0' });
    const unknown =
      scrape.value('procevents_unresolved_total', { event: 'exec' }) -
      before.value('procevents_unresolved_total', { event: 'exec' });
    expect(named).toBeLessThanOrEqual(100);
    expect(named + unknown).toBeGreaterThanOrEqual(100);
  });

  testTotals(stage);
});
