// Events of every kind, as the library gives them. In: what matters to a test. Out: whole events.
import type {
  CommEvent,
  CoredumpEvent,
  ExecEvent,
  ExitEvent,
  ForkEvent,
  GidEvent,
  LostEvent,
  PtraceEvent,
  SidEvent,
  UidEvent,
  UnknownEvent,
} from '../../../src/library/events.ts';

const OF = {
  cpu: 1,
  seq: 7,
  timestampNs: 2_000_000_000n,
  pid: 4242,
  tgid: 4242,
  isThread: false,
  comm: 'bash',
  commBytes: Buffer.from('bash'),
  uid: 1000,
};
const PARENT = { parentPid: 1200, parentTgid: 1200 };

export const fork = (some: Partial<ForkEvent> = {}): ForkEvent => ({
  kind: 'fork',
  ...OF,
  ...PARENT,
  childPid: some.pid ?? OF.pid,
  childTgid: some.tgid ?? OF.tgid,
  ...some,
});
export const exec = (some: Partial<ExecEvent> = {}): ExecEvent => ({
  kind: 'exec',
  ...OF,
  ...some,
});
export const uid = (some: Partial<UidEvent> = {}): UidEvent => ({
  kind: 'uid',
  ...OF,
  ruid: 1000,
  euid: 1000,
  ...some,
});
export const gid = (some: Partial<GidEvent> = {}): GidEvent => ({
  kind: 'gid',
  ...OF,
  rgid: 100,
  egid: 0,
  ...some,
});
export const sid = (): SidEvent => ({ kind: 'sid', ...OF });
export const ptrace = (some: Partial<PtraceEvent> = {}): PtraceEvent => ({
  kind: 'ptrace',
  ...OF,
  tracerPid: 99,
  tracerTgid: 99,
  ...some,
});
export const comm = (some: Partial<CommEvent> = {}): CommEvent => ({
  kind: 'comm',
  ...OF,
  ...some,
});
export const coredump = (some: Partial<CoredumpEvent> = {}): CoredumpEvent => ({
  kind: 'coredump',
  ...OF,
  ...PARENT,
  ...some,
});
export const exit = (some: Partial<ExitEvent> = {}): ExitEvent => ({
  kind: 'exit',
  ...OF,
  ...PARENT,
  exitCode: 0,
  exitSignal: 17,
  exitStatus: 0,
  terminatingSignal: undefined,
  coreWritten: false,
  endsProcess: some.isThread !== true,
  ...some,
});
export const killed = (some: Partial<ExitEvent> = {}): ExitEvent =>
  exit({ exitCode: 11, exitStatus: undefined, terminatingSignal: 'SIGSEGV', ...some });
export const lost = (some: Partial<LostEvent> = {}): LostEvent => ({
  kind: 'lost',
  count: 1234,
  stage: 'ring',
  cpu: undefined,
  seq: undefined,
  timestampNs: 2_000_000_000n,
  ...some,
});
export const unknown = (): UnknownEvent => ({
  kind: 'unknown',
  cpu: 1,
  seq: 7,
  timestampNs: 2_000_000_000n,
  what: 0x400,
  data: Buffer.from([1, 2, 255]),
  dataLength: 3,
});
