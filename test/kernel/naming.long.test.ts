// Every exec under its name, by every set of witnesses: exactly with perf; without, never under a
// wrong one. The programs do nothing, so that whoever looks at /proc comes too late.
import { afterAll, expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import type { Exposition } from '../harness/exposition.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage } from '../harness/stage.ts';

const SINGLE = 4000;
const CHAINS = 1000;
const UNKNOWN = '<unknown>';
const PERF_OFF = '--no-collector.perf';
const TASKSTATS_OFF = '--no-collector.taskstats';

/** How often each comm was executed by each uid, by `comm uid`. */
type Execs = ReadonlyMap<string, number>;

for (const off of [[], [TASKSTATS_OFF], [PERF_OFF], [PERF_OFF, TASKSTATS_OFF]]) {
  const perf = !off.includes(PERF_OFF);
  const taskstats = !off.includes(TASKSTATS_OFF);
  describeWith(['events'], `names of execs with ${off.join(' ') || 'all witnesses'}`, () => {
    const stage = useStage(off, { quiet: true });
    const copies = new ProgramCopies();
    afterAll(() => copies.remove());

    /** Runs programs under names of their own; what was counted of all execs meanwhile. */
    async function run(count: number, program: readonly string[]) {
      const before = await stage.cut();
      const { comm } = await stage.perform('exec-run', { count, program });
      await expect.poll(pendingExecs, PATIENT).toBe(0);
      const after = await stage.cut();
      const made = count * program.length + 1; // and the maker itself
      const others = after.totals.exec - before.totals.exec - made;
      return { maker: comm, others, execs: growth(before.scrape, after.scrape), ...after };
    }

    async function pendingExecs(): Promise<number> {
      return (await stage.daemon.scrape()).value('procevents_pending_execs');
    }

    test(`a program that does nothing, ${SINGLE} times in a row`, async () => {
      const name = uniqueComm();
      const { maker, others, execs, scrape } = await run(SINGLE, [copies.add('nothing', name)]);
      expect(of(execs, maker, 0)).toBe(0);
      expectNames(execs, others, [[name, 0, SINGLE, perf || taskstats]]);
      expect(openAccounts(scrape)).toEqual([]);
    });

    // Each link takes another uid before it goes on: a name that belongs to the next exec of the
    // chain would show under a uid that this exec never had.
    test(`chains of three, ${CHAINS} times in a row`, async () => {
      const [first, second, third] = [uniqueComm(), uniqueComm(), uniqueComm()];
      const { maker, others, execs, scrape } = await run(CHAINS, [
        copies.add('nothing-61001', first),
        copies.add('nothing-61002', second),
        copies.add('nothing', third),
      ]);
      for (const uid of [0, 61_001, 61_002]) expect(of(execs, maker, uid)).toBe(0);
      expectNames(execs, others, [
        [first, 0, CHAINS, perf],
        [second, 61_001, CHAINS, perf],
        [third, 61_002, CHAINS, perf || taskstats],
      ]);
      expect(openAccounts(scrape)).toEqual([]);
    });

    test('metrics, health and the log tell which witness is off', async () => {
      const scrape = await stage.daemon.scrape();
      expect(scrape.value('procevents_exec_names_up')).toBe(perf ? 1 : 0);
      expect(scrape.value('procevents_taskstats_up')).toBe(taskstats ? 1 : 0);
      const response = await stage.daemon.get('/healthz');
      expect(response.status).toBe(200);
      const names = perf ? 'names of execs come from perf' : `off by ${PERF_OFF}`;
      const records = taskstats ? 'exit records come as tasks end' : `off by ${TASKSTATS_OFF}`;
      expect(await response.json()).toMatchObject({
        checks: {
          exec_names: { status: 'ok', detail: names },
          taskstats: { status: 'ok', detail: records },
        },
      });
      const start = stage.daemon.log.filter(({ msg }) => msg === 'listening');
      expect(start).toMatchObject([
        {
          execNames: perf || `off by ${PERF_OFF}`,
          taskstats: taskstats || `off by ${TASKSTATS_OFF}`,
        },
      ]);
    });

    test('no witness has lost a word', async () => {
      const scrape = await stage.daemon.scrape();
      expect(scrape.value('procevents_lost_exec_names_total')).toBe(0);
      expect(scrape.value('procevents_lost_exit_records_total')).toBe(0);
    });

    testTotals(stage);
  });
}

/** comm, uid, how often it was executed so, and whether each must be named: else it may be unknown. */
type Expected = readonly [comm: string, uid: number, count: number, exact: boolean];

function expectNames(execs: Execs, others: number, expected: readonly Expected[]): void {
  let made = 0;
  let named = 0;
  for (const [comm, uid, count, exact] of expected) {
    const counted = of(execs, comm, uid);
    expect(counted).toBeLessThanOrEqual(count);
    expect(exact ? counted : count).toBe(count);
    made += count;
    named += counted;
  }
  const names = new Set(expected.map(([comm, uid]) => `${comm} ${uid}`));
  const sum = (wanted: (comm: string, key: string) => boolean): number =>
    [...execs]
      .filter(([key]) => wanted(key.slice(0, key.lastIndexOf(' ')), key))
      .reduce((total, [, count]) => total + count, 0);
  const unknown = sum((comm) => comm === UNKNOWN);
  const elsewhere = sum((comm, key) => comm !== UNKNOWN && !names.has(key));
  // Our comms with another uid are nobody's.
  const comms = new Set(expected.map(([comm]) => comm));
  expect(sum((comm, key) => comms.has(comm) && !names.has(key))).toBe(0);
  expect(elsewhere).toBeLessThanOrEqual(others + 1); // and the maker
  expect(named + unknown + elsewhere).toBe(made + others + 1);
  const inDoubt = expected.some(([, , , exact]) => !exact) ? made : 0;
  expect(unknown).toBeLessThanOrEqual(inDoubt + others + 1);
}

function of(execs: Execs, comm: string, uid: number): number {
  return execs.get(`${comm} ${uid}`) ?? 0;
}

function growth(before: Exposition, after: Exposition): Execs {
  const grown = new Map<string, number>();
  for (const { name, labels, value } of after.series('procevents_execs_total')) {
    const more = value - before.valueOr0(name, labels);
    if (more > 0) grown.set(`${labels['comm']} ${labels['uid']}`, more);
  }
  return grown;
}
