// Programs that make names without end, as a thousand users: what they can do to memory, scrapes and others' series.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAccounts } from '../harness/conservation.ts';
import { Daemon } from '../harness/daemon.ts';
import type { Exposition } from '../harness/exposition.ts';
import { LineProcess } from '../harness/line-process.ts';
import { Maker } from '../harness/maker.ts';
import { program, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const FIRST_UID = 70_000;
const UIDS = 1000;
/** Of each uid; 20,000 in all. */
const NAMES = 20;

async function impostor(): Promise<void> {
  const args = [FIRST_UID, UIDS, NAMES].map(String);
  const process = new LineProcess(program('impostor'), args);
  await process.line();
  await process.finish();
}

describeWith(['events'], 'a program that makes 20,000 names as 1,000 users', () => {
  const comm = uniqueComm();
  const neighbour = { comm, uid: '0' };
  let maker: Maker;
  let daemon: Daemon;
  let limit: number;
  let before: Exposition;
  let after: Exposition;

  beforeAll(async () => {
    // Alive before the daemon, and renamed: a program of the seed scan.
    maker = await Maker.start('fork', { comm, count: 3 });
    const wide = await Daemon.start({ flags: ['--pairs.max=1000000'] });
    const host = (await wide.scrape()).value('procevents_pairs');
    await wide.stop();
    limit = host + 100;
    daemon = await Daemon.start({ flags: [`--pairs.max=${limit}`] });
    before = await daemon.scrape();
    await impostor();
    await maker.round();
    after = await daemon.scrape();
  });
  afterAll(async () => {
    await maker.finish();
    await daemon.stop();
  });

  const grown = (name: string): number => after.sum(name) - before.sum(name);

  test('fills the table to its limit, and no further', () => {
    expect(after.value('procevents_pairs')).toBe(limit);
    expect(after.value('procevents_pairs_limit')).toBe(limit);
    // And <other>.
    expect(after.series('procevents_forks_total')).toHaveLength(limit + 1);
  });

  test('takes no series from others, nor a count', () => {
    const forks = 'procevents_forks_total';
    expect(after.value(forks, neighbour) - before.value(forks, neighbour)).toBe(3);
    const kept = (scrape: Exposition): string[] =>
      scrape.series(forks).map(({ labels }) => `${labels['comm']} ${labels['uid']}`);
    expect(kept(after)).toEqual(expect.arrayContaining(kept(before)));
  });

  test('shows in what is folded, and in how many pairs were wanted', () => {
    // Each name forked once; about a hundred names found room.
    expect(grown('procevents_folded_events_total')).toBeGreaterThan(UIDS * NAMES - 200);
    const wanted = after.value('procevents_pairs_wanted');
    expect(wanted).toBeGreaterThan(UIDS * NAMES * 0.9);
    expect(wanted).toBeLessThan(limit + UIDS * NAMES * 1.1);
  });

  test('leaves the books closed', () => {
    expect(openAccounts(after)).toEqual([]);
  });
});
