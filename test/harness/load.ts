// A storm of any kind for some seconds. Input: the kind. Output: a promise of its end.
import { Maker, type MakerOptions } from './maker.ts';
import { Storm } from './storm.ts';

const STORMS = ['fork', 'vfork', 'thread', 'exec', 'prctl'] as const;
/** What bench/storm does not know: rounds of so many. */
const ROUNDS = {
  setsid: ['session', { count: 200 }],
  abort: ['signal', { count: 200, signal: 6 }],
} as const satisfies Record<string, readonly [string, MakerOptions]>;

export type Load = (typeof STORMS)[number] | keyof typeof ROUNDS;
export const LOADS: readonly Load[] = [...STORMS, 'setsid', 'abort'];

/** Resolves when it has ended, all of it reaped. */
export async function load(kind: Load, seconds: number): Promise<void> {
  if (kind !== 'setsid' && kind !== 'abort') {
    const chain = kind === 'exec' ? ['--chain', '3'] : [];
    await new Storm(kind, '--seconds', String(seconds), ...chain).done();
    return;
  }
  const [situation, options] = ROUNDS[kind];
  const end = performance.now() + seconds * 1000;
  const maker = new Maker(situation, options);
  do await maker.round();
  while (performance.now() < end);
  await maker.finish();
}

export async function loadAll(seconds: number): Promise<void> {
  await Promise.all(LOADS.map((kind) => load(kind, seconds)));
}
