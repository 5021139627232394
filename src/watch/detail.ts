// Watch: what matters of an event, in a few words. Event and kin in; the last column of its line out.
import type { ExitEvent, LossStage, LostEvent, ProcEvent } from '../library/events.ts';
import { lifetimeText, plural } from './amounts.ts';
import { isOfThread } from './filter.ts';
import type { Kin } from './relatives.ts';

type Seen = Exclude<ProcEvent, LostEvent>;

const WHY: Readonly<Record<LossStage, string>> = {
  kernel: 'the kernel could not queue them',
  socket: "the socket's queue was full",
  ring: 'the output was too slow',
};

export function detailOf(event: Seen, kin: Kin, userName: (uid: number) => string): string {
  if (event.kind === 'unknown') return `kind 0x${event.what.toString(16)}`;
  const text = wordsOf(event, kin, userName);
  if (!isOfThread(event)) return text;
  return text === '' ? `thread ${event.pid}` : `thread ${event.pid}: ${text}`;
}

function wordsOf(
  event: Exclude<Seen, { readonly kind: 'unknown' }>,
  kin: Kin,
  userName: (uid: number) => string,
): string {
  switch (event.kind) {
    case 'uid':
      return idsText(event.ruid, event.euid, userName);
    case 'gid':
      return idsText(event.rgid, event.egid, String);
    case 'sid':
      return 'new session';
    case 'ptrace':
      return event.tracerTgid === 0 ? 'no longer traced' : `traced by ${event.tracerTgid}`;
    case 'comm':
      return 'new name';
    case 'coredump':
      return 'dumps core';
    case 'exit':
      return exitText(event, kin);
    default:
      return '';
  }
}

/** How it ended: 3 after 2.1ms; SIGSEGV, core written, after 12.3s */
function exitText(event: ExitEvent, kin: Kin): string {
  const { bornNs } = kin;
  const status = event.terminatingSignal ?? String(event.exitStatus);
  const core = wroteCore(event, kin) ? ', core written' : '';
  if (bornNs === undefined || isOfThread(event)) return status + core;
  const lived = event.timestampNs > bornNs ? event.timestampNs - bornNs : 0n;
  return `${status}${core}${core === '' ? '' : ','} after ${lifetimeText(lived)}`;
}

/** Of a process's end whether any of its tasks did. */
export function wroteCore(event: ExitEvent, { coreWritten }: Kin): boolean {
  return event.coreWritten || (coreWritten && !isOfThread(event));
}

function idsText(real: number, effective: number, name: (id: number) => string): string {
  if (real === effective) return `now ${name(real)}`;
  return `now ${name(real)}, effective ${name(effective)}`;
}

export function isFailure(event: ProcEvent): boolean {
  return event.kind === 'exit' && event.exitStatus !== 0;
}

export function lossText({ count, stage, cpu }: LostEvent): string {
  const where = cpu === undefined ? '' : ` of CPU ${cpu}`;
  return `${plural(count, 'event')}${where}: ${WHY[stage]}`;
}
