// What most kernel tests share: a judge, then a daemon, and cuts on which both agree. Input: flags
// of the daemon. Output: both, the first cut, and a last test that holds one against the other.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openAccounts } from './conservation.ts';
import { Daemon } from './daemon.ts';
import type { Exposition } from './exposition.ts';
import { EVENT_KINDS, Judge, type JudgeEvent, type Totals } from './judge.ts';
import { Maker, type Made, type MakerOptions } from './maker.ts';
import { uniqueComm } from './programs.ts';

export interface Cut {
  readonly scrape: Exposition;
  readonly totals: Totals;
}

export interface Performance {
  readonly comm: string;
  readonly made: Made;
  readonly before: Exposition;
  readonly scrape: Exposition;
  /** At least all that the kernel sent between the two scrapes, about others too. */
  readonly events: readonly JudgeEvent[];
}

const TRIES = 5000; // each waits for a moment in which nothing on the host forks or ends

export class Stage {
  judge!: Judge;
  daemon!: Daemon;
  first!: Cut;

  /** A scrape during which the judge saw nothing new: both have counted the same events. */
  async cut(): Promise<Cut> {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await this.judge.totals();
      const scrape = await this.daemon.scrape();
      const totals = await this.judge.totals();
      if (EVENT_KINDS.every((kind) => totals[kind] === before[kind])) return { scrape, totals };
    }
    throw new Error(`the host was never quiet during ${TRIES} scrapes`);
  }

  /** A maker whose own EXEC is counted already: its comm may change now. */
  async start(situation: string, options: MakerOptions = {}): Promise<Maker> {
    const { maker } = await this.#begin(situation, options);
    return maker;
  }

  /** Makes a situation that ends by itself, under a comm of its own, and scrapes once after it. */
  async perform(situation: string, options: MakerOptions = {}): Promise<Performance> {
    const comm = options.comm ?? uniqueComm();
    this.judge.take();
    const { maker, before } = await this.#begin(situation, { ...options, comm });
    await maker.finish();
    const { pid, pids, tids } = maker.made;
    await this.judge.seenAll('exit', [pid, ...pids, ...tids]);
    const scrape = await this.daemon.scrape();
    await this.judge.totals(); // whatever is in the scrape has come from the judge, too, by now
    return { comm, made: maker.made, before, scrape, events: this.judge.take() };
  }

  async #begin(
    situation: string,
    options: MakerOptions,
  ): Promise<{ maker: Maker; before: Exposition }> {
    const maker = new Maker(situation, options);
    await this.judge.seen('exec', maker.pid);
    const before = await this.daemon.scrape();
    await maker.round();
    return { maker, before };
  }
}

// Whatever else runs on this host: its pairs must not fold ours.
const ROOM = '--pairs.max=1000000';

/** Call it in a describe. The judge starts first: see Judge.start. */
export function useStage(
  flags: readonly string[] = [],
  options: { quiet?: boolean; judgeMayLose?: boolean } = {},
): Stage {
  const stage = new Stage();
  beforeAll(async () => {
    stage.judge = await Judge.start(options);
    stage.daemon = await Daemon.start({ flags: [ROOM, ...flags] });
    stage.first = await stage.cut();
  });
  beforeEach(() => void stage.judge.take());
  afterAll(async () => {
    await stage.daemon.stop();
    await stage.judge.stop({ mayLose: options.judgeMayLose ?? false });
  });
  return stage;
}

/** The last test of a file: host-wide totals against the judge, kind by kind, and the books. */
export function testTotals(stage: Stage): void {
  test('every event of this file is in the totals, kind by kind, and in the books', async () => {
    const { first } = stage;
    const { scrape, totals } = await stage.cut();
    const ours: Record<string, number> = {};
    const sent: Record<string, number> = {};
    for (const kind of EVENT_KINDS) {
      const name = 'procevents_events_total';
      ours[kind] = scrape.value(name, { event: kind }) - first.scrape.value(name, { event: kind });
      sent[kind] = totals[kind] - first.totals[kind];
    }
    ours['lost'] = scrape.sum('procevents_lost_events_total');
    expect(ours).toEqual({ ...sent, lost: 0 });
    expect(scrape.sum('procevents_rejected_messages_total')).toBe(0);
    expect(openAccounts(scrape)).toEqual([]);
  });
}

/** Tasks that are not the performance's own and ended during it. */
export function othersExits({ made, events }: Performance): number {
  const own = new Set([made.pid, ...made.pids]);
  return events.filter(({ kind, tgid }) => kind === 'exit' && !own.has(tgid)).length;
}

/** Of a counter of the whole host: our own part and others'. */
export function growth({ before, scrape }: Performance, name: string): number {
  return scrape.sum(name) - before.sum(name);
}
