// Watch: the last line. What was counted in; what a person wants to know at the end out.
import type { ProcConnectorStats } from '../library/statistics.ts';
import { countText, plural } from './amounts.ts';

export interface Watched {
  /** Events taken. */
  readonly seen: number;
  /** Of those, shown. */
  readonly shown: number | undefined;
  readonly seconds: number;
  readonly lost: ProcConnectorStats['lost'];
}

export function summaryText({ seen, shown, seconds, lost }: Watched): string {
  const rate = countText(Math.round(seen / Math.max(seconds, 1e-3)));
  const events = `${plural(seen, 'event')} in ${seconds.toFixed(1)} s (${rate}/s)`;
  const part = shown === undefined ? '' : `, ${countText(shown)} shown`;
  return `${events}${part}, ${lossesText(lost)}`;
}

export function lossesText({ kernel = 0, socket, ring }: ProcConnectorStats['lost']): string {
  if (kernel + socket + ring === 0) return 'none lost';
  const stages = [
    [kernel, 'in the kernel'],
    [socket, "in the socket's queue"],
    [ring, 'because the output was too slow'],
  ] as const;
  const parts = stages
    .filter(([count]) => count > 0)
    .map(([count, where]) => `${countText(count)} ${where}`);
  return `${countText(kernel + socket + ring)} LOST: ${parts.join(', ')}`;
}
