// Watch: an event as a JSON object. Event, kin and names in; one line out. Names of fields stay; others may be added. What
// is not known is null. 64-bit time stamps are strings of digits: JavaScript and jq would round them as numbers.
import type { LostEvent, ProcEvent, UnknownEvent } from '../library/events.ts';
import type { WallClock } from './clock.ts';
import { wroteCore } from './detail.ts';
import { isOfThread } from './filter.ts';
import { parentOf } from './line.ts';
import type { Ancestor, Kin } from './relatives.ts';

type Seen = Exclude<ProcEvent, LostEvent | UnknownEvent>;

export interface JsonStyle {
  readonly clock: WallClock;
  /** undefined: the passwd file has none */
  readonly userName: (uid: number) => string | undefined;
}

export function eventJson(
  event: Exclude<ProcEvent, LostEvent>,
  kin: Kin,
  style: JsonStyle,
  ancestors?: readonly Ancestor[],
): string {
  const { kind, cpu, seq, timestampNs } = event;
  const of = { ...timeOf(timestampNs, style), kind, cpu, seq };
  if (event.kind === 'unknown') {
    const data = Buffer.from(event.data).toString('hex');
    return JSON.stringify({ ...of, what: event.what, data });
  }
  const parent = parentOf(event, kin);
  return JSON.stringify({
    ...of,
    pid: event.pid,
    tgid: event.tgid,
    thread: event.isThread,
    ppid: parent > 0 ? parent : null,
    comm: event.comm ?? null,
    uid: event.uid ?? null,
    user: event.uid === undefined ? null : (style.userName(event.uid) ?? null),
    ...ownFields(event, kin),
    ...(ancestors === undefined
      ? {}
      : { ancestors: ancestors.map(({ pid, comm }) => ({ pid, comm: comm ?? null })) }),
  });
}

export function lossJson(
  { count, stage, cpu, seq, timestampNs }: LostEvent,
  style: JsonStyle,
): string {
  return JSON.stringify({
    ...timeOf(timestampNs ?? process.hrtime.bigint(), style),
    kind: 'lost',
    cpu: cpu ?? null,
    seq: seq ?? null,
    count,
    stage,
  });
}

function timeOf(timestampNs: bigint, { clock }: JsonStyle): { time: string; timestamp_ns: string } {
  return { time: clock.utc(timestampNs), timestamp_ns: String(timestampNs) };
}

function ownFields(event: Seen, kin: Kin): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'fork':
    case 'coredump':
      return { parent_pid: event.parentPid, parent_tgid: event.parentTgid };
    case 'uid':
      return { ruid: event.ruid, euid: event.euid };
    case 'gid':
      return { rgid: event.rgid, egid: event.egid };
    case 'ptrace':
      return { tracer_pid: event.tracerPid, tracer_tgid: event.tracerTgid };
    case 'exit': {
      const { bornNs } = kin;
      const known = bornNs !== undefined && !isOfThread(event);
      return {
        parent_pid: event.parentPid,
        parent_tgid: event.parentTgid,
        exit_code: event.exitCode,
        exit_status: event.exitStatus ?? null,
        signal: event.terminatingSignal ?? null,
        core_written: wroteCore(event, kin),
        ends_process: event.endsProcess ?? null,
        lifetime_seconds: known ? Number(event.timestampNs - bornNs) / 1e9 : null,
      };
    }
    default:
      return {};
  }
}
