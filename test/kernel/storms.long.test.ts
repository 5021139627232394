// Storms: the histogram of seconds, the counters, and the line in the log that says who did it. The judge's own time
// stamps say what has to come out, whatever else this host forks meanwhile.
import { expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import type { Exposition } from '../harness/exposition.ts';
import type { JudgeEvent } from '../harness/judge.ts';
import { ownCgroup, ownComm, stormLines, type StormLine } from '../harness/log-lines.ts';
import { PATIENT } from '../harness/patience.ts';
import { uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage, type Stage } from '../harness/stage.ts';
import { Storm } from '../harness/storm.ts';

const THRESHOLD = 300;
const COUNT = 6000;
const PER_SECOND = 'procevents_forks_per_second';
const SECONDS = 'procevents_fork_storm_seconds_total';

/** What the kernel calls a second, for a time in the log. */
function kernelSecond(iso: string): number {
  const bootMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  return Math.round((Date.parse(iso) - bootMs) / 1000);
}

/** Processes created, by second and by creator. */
class Truth {
  readonly bySecond = new Map<number, number>();
  readonly byCreator = new Map<number, number>();

  constructor(events: readonly JudgeEvent[], first: number, end: number) {
    for (const { kind, pid, tgid, timestamp, fields } of events) {
      const second = Number(timestamp / 1_000_000_000n);
      if (kind !== 'fork' || pid !== tgid || second < first || second >= end) continue;
      const creator = fields[1]!;
      this.bySecond.set(second, (this.bySecond.get(second) ?? 0) + 1);
      this.byCreator.set(creator, (this.byCreator.get(creator) ?? 0) + 1);
    }
  }
}

async function lineAbout(stage: Stage, comm: string): Promise<StormLine> {
  const find = (): StormLine | undefined =>
    stormLines(stage.daemon).find(({ creators }) => creators.some((who) => who.comm === comm));
  await expect.poll(find, PATIENT).toBeDefined();
  return find()!;
}

/** Processes created, of what was attributed: all of it, when nothing was shed. */
function processesCreated(scrape: Exposition): number {
  expect(scrape.sum('procevents_shed_events_total')).toBe(0);
  return scrape.sum('procevents_forks_total');
}

describeWith(['events'], 'storms', () => {
  const stage = useStage([`--storm.threshold=${THRESHOLD}`]);

  test('a storm is one line: when, how many, and who, with ancestors and cgroup', async () => {
    const comm = uniqueComm();
    const storm = new Storm('vfork', '--count', String(COUNT), '--procs', '2', '--comm', comm);
    const { pid } = await storm.done();
    const line = await lineAbout(stage, comm);
    await stage.judge.totals();
    const truth = new Truth(stage.judge.take(), kernelSecond(line.start), kernelSecond(line.end));
    const counts = [...truth.bySecond.values()];
    // Others fork at the borders, too.
    expect(line.created).toBeGreaterThanOrEqual(COUNT);
    expect(line.peakPerSecond).toBeGreaterThanOrEqual(Math.ceil(COUNT / (counts.length + 1)));
    expect(line.seconds).toBeGreaterThanOrEqual(1);
    expect(line.seconds).toBeLessThanOrEqual(counts.length + 1);
    const ours = line.creators.filter((who) => who.comm === comm);
    expect(ours).toHaveLength(2);
    for (const who of ours) {
      expect(who.uid).toBe(0);
      expect(who.created).toBe(truth.byCreator.get(who.pid));
      expect(who.ancestors.slice(0, 2)).toEqual([
        { pid, comm: 'storm' },
        { pid: process.pid, comm: ownComm() },
      ]);
      expect(who.ancestors.length).toBeLessThanOrEqual(4);
      expect(who.cgroup).toBe(ownCgroup());
    }
    const busiest = [...truth.byCreator.values()].toSorted((a, b) => b - a);
    expect(line.creators[0]!.created).toBe(busiest[0]);
    expect(line.creators.length).toBeLessThanOrEqual(5);
    const same = stormLines(stage.daemon).filter(({ start }) => start === line.start);
    expect(same).toHaveLength(1);
  });

  test('the counters and the time of the last storm say the same', async () => {
    const scrape = await stage.daemon.scrape();
    const lines = stormLines(stage.daemon);
    expect(scrape.value('procevents_fork_storms_total')).toBeGreaterThanOrEqual(lines.length);
    expect(scrape.value(SECONDS)).toBeGreaterThanOrEqual(
      lines.reduce((sum, { seconds }) => sum + seconds, 0),
    );
    const last = scrape.value('procevents_last_fork_storm_timestamp_seconds');
    expect(last * 1000).toBeGreaterThanOrEqual(Date.parse(lines.at(-1)!.end) - 1000);
    expect(last * 1000).toBeLessThan(Date.now());
  });

  test('every second counts once, also when nothing happens, and every process in one of them', async () => {
    const observe = async (): Promise<{ scrape: Exposition; seconds: [number, number] }> => {
      const second = (): number => Number(process.hrtime.bigint() / 1_000_000_000n);
      const before = second();
      const scrape = await stage.daemon.scrape();
      return { scrape, seconds: [before, second()] };
    };
    const first = await observe();
    const created = processesCreated(first.scrape);
    let last = first;
    do {
      await new Promise((resolve) => setTimeout(resolve, 500));
      last = await observe();
      const sum = last.scrape.value(`${PER_SECOND}_sum`);
      expect(sum).toBeLessThanOrEqual(processesCreated(last.scrape));
    } while (
      last.scrape.value(`${PER_SECOND}_sum`) < created ||
      last.seconds[0] < first.seconds[1] + 4
    );
    const counted = ({ scrape }: typeof first): number => scrape.value(`${PER_SECOND}_count`);
    const grown = counted(last) - counted(first);
    expect(grown).toBeGreaterThanOrEqual(last.seconds[0] - first.seconds[1] - 1);
    expect(grown).toBeLessThanOrEqual(last.seconds[1] - first.seconds[0] + 1);
  });

  test('a storm that goes on when the daemon stops has its line too', async () => {
    const daemon = await Daemon.start({ flags: [`--storm.threshold=${THRESHOLD}`] });
    const comm = uniqueComm();
    const storm = new Storm('vfork', '--seconds', '60', '--comm', comm);
    const ours = async (): Promise<number> => (await daemon.scrape()).value(SECONDS);
    await expect.poll(ours, PATIENT).toBeGreaterThanOrEqual(2);
    await daemon.stop();
    await storm.kill();
    const line = stormLines(daemon).at(-1);
    expect(line?.goesOn).toBe(true);
    expect(line?.creators.map((who) => who.comm)).toContain(comm);
  });
});
