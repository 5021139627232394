// What every installed daemon has to do: count. Input: its command. Output: what it counted of RUNS runs of a program.
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { counts, pairOf, type PairCounts } from '../harness/pairs.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';

const RUNS = 20;
export const ALL_RUNS = counts({ execs: RUNS, exits: RUNS });

export async function countedRuns(
  command: readonly string[],
  options: {
    readonly flags?: readonly string[];
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<PairCounts | undefined> {
  const copies = new ProgramCopies();
  const daemon = await Daemon.start({ command, flags: options.flags ?? [] });
  const comm = uniqueComm();
  const program = copies.add('nothing', comm);
  for (let i = 0; i < RUNS; i++) execFileSync(program);
  copies.remove();
  const uid = process.getuid?.() ?? 0;
  const pair = async () => pairOf(await daemon.scrape(options.headers), comm, uid);
  // The last one's end may be on its way still.
  await expect.poll(async () => (await pair())?.['exits'], PATIENT).toBe(RUNS);
  const counted = await pair();
  await daemon.stop();
  return counted;
}
