// Exposition: the families that have a series per comm and uid. Names and meanings are the contract's.
import type { ColumnName } from '../aggregator/columns.ts';

export interface PairSeries {
  readonly column: ColumnName;
  /** A label beside comm and uid, as it is written: `signal="SIGKILL"`. */
  readonly label?: string;
  /** Left out until it has counted something. */
  readonly onlyCounted?: boolean;
  /** A power of ten: so many of what the column counts are 1 of what is shown; 1 if not given. */
  readonly scale?: number;
}

export interface PairFamily {
  readonly name: string;
  readonly help: string;
  readonly series: readonly PairSeries[];
}

const WHOSE = 'by command name and real user id';

export const PAIR_FAMILIES: readonly PairFamily[] = [
  {
    name: 'procevents_forks_total',
    help: `Processes created, ${WHOSE} of the process that created them; threads are not counted here.`,
    series: [{ column: 'forks' }],
  },
  {
    name: 'procevents_thread_creations_total',
    help: `Threads created in running processes, ${WHOSE} of the process; the first thread of a process is not counted.`,
    series: [{ column: 'threads' }],
  },
  {
    name: 'procevents_execs_total',
    help: `Programs executed (execve calls that succeeded), ${WHOSE} after the call.`,
    series: [{ column: 'execs' }],
  },
  {
    name: 'procevents_exits_total',
    help: `Processes ended, in whatever way, ${WHOSE} at their end; a process ends with its last thread.`,
    series: [{ column: 'exits' }],
  },
  {
    name: 'procevents_exit_failures_total',
    help: `Processes that ended by themselves with an exit status other than 0, ${WHOSE}; also counted in procevents_exits_total.`,
    series: [{ column: 'exitFailures' }],
  },
  {
    name: 'procevents_exit_signals_total',
    help: `Processes ended by a signal, by that signal, ${WHOSE}; also counted in procevents_exits_total.`,
    series: [
      { column: 'sigkill', label: 'signal="SIGKILL"' },
      { column: 'sigsegv', label: 'signal="SIGSEGV"' },
      { column: 'sigabrt', label: 'signal="SIGABRT"' },
      { column: 'sigbus', label: 'signal="SIGBUS"', onlyCounted: true },
      { column: 'sigill', label: 'signal="SIGILL"', onlyCounted: true },
      { column: 'sigfpe', label: 'signal="SIGFPE"', onlyCounted: true },
      { column: 'sigterm', label: 'signal="SIGTERM"', onlyCounted: true },
      { column: 'sigother', label: 'signal="other"', onlyCounted: true },
    ],
  },
  {
    name: 'procevents_coredumps_total',
    help: `Processes that crashed with a signal that dumps core, whether or not a core was written, ${WHOSE}; each is counted once.`,
    series: [{ column: 'coredumps' }],
  },
  {
    name: 'procevents_cores_written_total',
    help: `Crashed processes whose core the kernel really wrote, ${WHOSE}; also counted in procevents_coredumps_total.`,
    series: [{ column: 'coresWritten' }],
  },
  {
    name: 'procevents_exited_cpu_seconds_total',
    help: `CPU time that processes and threads had used when they ended, ${WHOSE} of the process; told by taskstats, in steps of the kernel's timer.`,
    series: [
      { column: 'cpuUser', label: 'mode="user"', scale: 1e6 },
      { column: 'cpuSystem', label: 'mode="system"', scale: 1e6 },
    ],
  },
];
