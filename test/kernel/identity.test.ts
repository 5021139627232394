// Who is counted: a process has its leader's comm and its leader's real uid, at that moment.
import { expect, test } from 'vitest';
import { counts, pairOf } from '../harness/pairs.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { testTotals, useStage, type Performance } from '../harness/stage.ts';

const N = 5;
const UID = 61_001;

describeWith(['events'], 'identity', () => {
  const stage = useStage();

  // In all of these a child changes itself, makes one child of its own, and both end.

  test('a renamed process forks and ends under its new name, and so does its child', async () => {
    const name = uniqueComm();
    const { comm, scrape } = await stage.perform('rename', { count: N, name });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: 1 }));
    expect(pairOf(scrape, name, 0)).toEqual(counts({ forks: N, exits: 2 * N }));
  });

  test('what was counted under an old name stays there', async () => {
    const [comm, name] = [uniqueComm(), uniqueComm()];
    const { scrape } = await stage.perform('self-rename', { comm, count: N, name });
    expect(pairOf(scrape, comm, 0)).toBeUndefined();
    expect(pairOf(scrape, name, 0)).toEqual(counts({ forks: N, exits: N + 1 }));
  });

  for (const situation of ['setuid', 'setresuid']) {
    test(`after ${situation} a process and its child belong to the new real uid`, async () => {
      const { comm, scrape } = await stage.perform(situation, { count: N, uid: UID });
      expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: N, exits: 1 }));
      expect(pairOf(scrape, comm, UID)).toEqual(counts({ forks: N, exits: 2 * N }));
    });
  }

  test('a uid is inherited with the process, whatever its name becomes', async () => {
    const heir = uniqueComm();
    const options = { count: N, uid: UID, secondName: heir };
    const { comm, scrape } = await stage.perform('setuid', options);
    expect(pairOf(scrape, comm, UID)).toEqual(counts({ forks: N, exits: N }));
    expect(pairOf(scrape, heir, UID)).toEqual(counts({ exits: N }));
  });

  test('an effective uid changes nothing', async () => {
    const { comm, scrape } = await stage.perform('seteuid', { count: N, uid: UID });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ forks: 2 * N, exits: 2 * N + 1 }));
    expect(pairOf(scrape, comm, UID)).toBeUndefined();
  });

  test('the largest uid is written in full', async () => {
    const uid = 4_294_967_294;
    const { comm, scrape } = await stage.perform('setuid', { count: N, uid });
    expect(pairOf(scrape, comm, uid)).toEqual(counts({ forks: N, exits: 2 * N }));
  });

  test("a thread's raw setresuid changes its children, not its process", async () => {
    const { comm, scrape } = await stage.perform('thread-setresuid', { count: N, uid: UID });
    expect(pairOf(scrape, comm, 0)).toEqual(counts({ threads: N, forks: N, exits: 1 }));
    expect(pairOf(scrape, comm, UID)).toEqual(counts({ exits: N }));
  });

  test('setgid, setsid and ptrace are events, and change no pair', async () => {
    const gid = await stage.perform('setgid', { count: N, gid: UID });
    expect(pairOf(gid.scrape, gid.comm, 0)).toEqual(counts({ forks: 2 * N, exits: 2 * N + 1 }));
    expectSent(gid, 'gid', N);
    const session = await stage.perform('session', { count: N });
    expect(pairOf(session.scrape, session.comm, 0)).toEqual(counts({ forks: N, exits: N + 1 }));
    expectSent(session, 'sid', N);
    const traced = await stage.perform('ptrace', { count: N });
    expect(pairOf(traced.scrape, traced.comm, 0)).toEqual(
      counts({ forks: N, exits: N + 1, SIGKILL: N }),
    );
    expectSent(traced, 'ptrace', 2 * N);
  });

  testTotals(stage);
});

// Of the kinds that have no pair, the whole host's counter tells: ours and what others did.
function expectSent({ made, events, before, scrape }: Performance, kind: string, n: number): void {
  const own = new Set(made.pids);
  const all = events.filter((event) => event.kind === kind);
  expect(all.filter(({ tgid }) => own.has(tgid))).toHaveLength(n);
  const counter = 'procevents_events_total';
  const grown = scrape.value(counter, { event: kind }) - before.value(counter, { event: kind });
  expect(grown).toBeGreaterThanOrEqual(n);
  expect(grown).toBeLessThanOrEqual(all.length);
}
