// Library: the shapes of what a connector yields. The names are the kernel's (struct proc_event in linux/cn_proc.h), in
// camel case, without "process_"; what is derived from them says so.
import type { EventKind } from '../collector/record.ts';

export type { EventKind } from '../collector/record.ts';

/** Where events were lost: never queued by the kernel, dropped by the full socket, or by the full ring of a slow consumer. */
export type LossStage = 'kernel' | 'socket' | 'ring';

/** What every event of the kernel carries. */
export interface KernelEvent<Kind extends EventKind> {
  readonly kind: Kind;
  /** The CPU that sent it. */
  readonly cpu: number;
  /**
   * The CPU's own count of messages, u32, wraps. Events of one CPU come in this order. A hole is a loss, which is told, or
   * an ack: those to any listener of the host are messages too, and no events.
   */
  readonly seq: number;
  /** CLOCK_MONOTONIC of the kernel, nanoseconds. */
  readonly timestampNs: bigint;
  /** The task (tid) that the event is about; of a fork the new one. As the init pid namespace numbers it. */
  readonly pid: number;
  /** Its process (thread group). */
  readonly tgid: number;
  /** Derived: whether the task is not the leader of its process (`pid !== tgid`). */
  readonly isThread: boolean;
  /**
   * Name as text, escaped like the exporter's label: what is not printable UTF-8 becomes `\xNN`. Of a `comm` event the task's
   * new name. With `attribute` the name that the event's process had after it, and at its end; undefined while unknown.
   */
  readonly comm: string | undefined;
  /** The same as the kernel's bytes, up to the first NUL; a copy of its own. */
  readonly commBytes: Uint8Array | undefined;
  /** With `attribute`: the real uid of the event's process after it, and at its end; undefined while unknown. */
  readonly uid: number | undefined;
}

/** A task was created: a process, or a thread where `isThread`. */
export interface ForkEvent extends KernelEvent<'fork'> {
  /** Of a thread, and with CLONE_PARENT: the creator's parent. */
  readonly parentPid: number;
  readonly parentTgid: number;
  /** Equal to `pid`. */
  readonly childPid: number;
  /** Equal to `tgid`. */
  readonly childTgid: number;
}

/** A program was executed. `comm`: with `attribute`, by perf's record of this very exec; undefined where there is none. */
export type ExecEvent = KernelEvent<'exec'>;

/** Real or effective uid changed; in the init user namespace. */
export interface UidEvent extends KernelEvent<'uid'> {
  readonly ruid: number;
  readonly euid: number;
}

export interface GidEvent extends KernelEvent<'gid'> {
  readonly rgid: number;
  readonly egid: number;
}

/** A session was begun (setsid). */
export type SidEvent = KernelEvent<'sid'>;

/** A tracer attached or detached. PTRACE_TRACEME sends none. */
export interface PtraceEvent extends KernelEvent<'ptrace'> {
  /** 0: detached. */
  readonly tracerPid: number;
  readonly tracerTgid: number;
}

/** A task renamed itself, or was renamed. An exec sends none. */
export interface CommEvent extends KernelEvent<'comm'> {
  readonly comm: string;
  readonly commBytes: Uint8Array;
}

/** A fatal signal of the core class came; a core may be written or not: see `coreWritten` of the exit. */
export interface CoredumpEvent extends KernelEvent<'coredump'> {
  readonly parentPid: number;
  readonly parentTgid: number;
}

/** A task ended. The last task's exit ends the process, whichever that is: see `endsProcess`. */
export interface ExitEvent extends KernelEvent<'exit'> {
  /** The kernel's exit_code, which is a wait status (wait(2)) of 16 bits. */
  readonly exitCode: number;
  /** The kernel's exit_signal: what the parent gets, usually 17 (SIGCHLD); of a thread -1. It tells not what ended the task. */
  readonly exitSignal: number;
  /** 0 where the kernel names none: the task was reaped by itself. */
  readonly parentPid: number;
  readonly parentTgid: number;
  /** Derived: the status given to exit(), 0 to 255; undefined when a signal ended it. */
  readonly exitStatus: number | undefined;
  /** Derived: the name of the signal that ended it, like `SIGKILL` or `SIGRTMIN+1`; undefined when it ended by itself. */
  readonly terminatingSignal: string | undefined;
  /** Derived: whether this task wrote a core (0x80 of exit_code). */
  readonly coreWritten: boolean;
  /**
   * With `attribute`: whether the process has ended with this task, as the exporter counts it: true once for each process,
   * and how this event says that the task ended is how the process did. Undefined without `attribute`.
   */
  readonly endsProcess: boolean | undefined;
}

/** A kind that this version does not know. */
export interface UnknownEvent {
  readonly kind: 'unknown';
  readonly cpu: number;
  readonly seq: number;
  readonly timestampNs: bigint;
  /** The kernel's number of the kind. */
  readonly what: number;
  /** The bytes of event_data, the first 40 of them. */
  readonly data: Uint8Array;
  /** How many bytes of event_data the kernel sent. */
  readonly dataLength: number;
}

/** Events are missing before the one that follows. */
export interface LostEvent {
  readonly kind: 'lost';
  /** How many, at least: 4294967295 stands for all above. */
  readonly count: number;
  readonly stage: LossStage;
  /** The CPU whose messages they were; undefined where that is not told, as by the ring. */
  readonly cpu: number | undefined;
  /** The first missing `seq` of that CPU. */
  readonly seq: number | undefined;
  /** That of the next message of that CPU. */
  readonly timestampNs: bigint | undefined;
}

export type ProcEvent =
  | ForkEvent
  | ExecEvent
  | UidEvent
  | GidEvent
  | SidEvent
  | PtraceEvent
  | CommEvent
  | CoredumpEvent
  | ExitEvent
  | UnknownEvent
  | LostEvent;

export type ProcEventKind = ProcEvent['kind'];

/** The event or events of these kinds. */
export type ProcEventOf<Kind extends ProcEventKind> = Extract<ProcEvent, { readonly kind: Kind }>;
