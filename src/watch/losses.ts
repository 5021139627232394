// Watch: the losses that no event has told yet. What was counted and what was told in, by stage; events of the rest out.
import type { LossStage, LostEvent } from '../library/events.ts';
import type { ProcConnectorStats } from '../library/statistics.ts';

export type Losses = Record<LossStage, number>;

const STAGES: readonly LossStage[] = ['kernel', 'socket', 'ring'];
/** A count tells neither. */
const WHERE = { cpu: undefined, seq: undefined, timestampNs: undefined };

/** Never more in all than are missing, should an event have told another stage than was found in the end. */
export function untold(
  { kernel = 0, socket, ring }: ProcConnectorStats['lost'],
  told: Readonly<Losses>,
): LostEvent[] {
  const lost: Losses = { kernel, socket, ring };
  let left = STAGES.reduce((sum, stage) => sum + lost[stage] - told[stage], 0);
  const events: LostEvent[] = [];
  for (const stage of STAGES) {
    const count = Math.min(left, lost[stage] - told[stage]);
    if (count <= 0) continue;
    left -= count;
    events.push({ kind: 'lost', count, stage, ...WHERE });
  }
  return events;
}
