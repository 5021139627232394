// Exposition: the families of the whole host. All their series are there from the start, at 0.
import { ATTRIBUTED_EVENTS, EVENT_KINDS } from './cut.ts';
import { histogram, listed, named, plain, type HostFamily } from './host-family.ts';
import { labelPair } from './label.ts';

export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly nodeversion: string;
  readonly arch: string;
}

/** The contract's: 10 µs to 10 s, and 1 ms to 1 day, in steps of the square root of ten. */
export const LAG_BOUNDS = [
  0.00001, 0.0000316, 0.0001, 0.000316, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10,
] as const;
export const LIFETIME_BOUNDS = [
  0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000, 3160, 10_000, 31_600,
  86_400,
] as const;
export const FORKS_PER_SECOND_BOUNDS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
] as const;

export const HOST_FAMILIES: readonly HostFamily[] = [
  {
    name: 'procevents_events_total',
    type: 'counter',
    help: 'Process events received from the kernel, by kind; fork and exit count every thread, as the kernel does.',
    samples: listed('event', EVENT_KINDS, (cut) => cut.events),
  },
  {
    name: 'procevents_lost_events_total',
    type: 'counter',
    help: 'Process events proven lost before they were read: kernel, never queued for want of memory; socket, the receive buffer was full.',
    samples: named('stage', { kernel: (cut) => cut.lostKernel, socket: (cut) => cut.lostSocket }),
  },
  {
    name: 'procevents_lost_exit_records_total',
    type: 'counter',
    help: 'Exit records of taskstats that were lost or could not be read; those ends are counted, but their CPU time is not.',
    samples: plain((cut) => cut.lostExitRecords),
  },
  {
    name: 'procevents_lost_exec_names_total',
    type: 'counter',
    help: 'Name records of perf that were lost, names of threads among them; execs may then be named by taskstats or /proc, or be unknown.',
    samples: plain((cut) => cut.lostExecNames),
  },
  {
    name: 'procevents_shed_events_total',
    type: 'counter',
    help: 'Events counted in procevents_events_total but in no series by comm, because the ring between the threads was full.',
    samples: listed('event', EVENT_KINDS, (cut) => cut.shed),
  },
  {
    name: 'procevents_retired_events_total',
    type: 'counter',
    help: 'Events that pairs of comm and uid had counted whose series have ended, because others needed their room.',
    samples: listed('event', ATTRIBUTED_EVENTS, (cut) => cut.retired),
  },
  {
    name: 'procevents_thread_exits_total',
    type: 'counter',
    help: 'Threads that ended while their process lived on.',
    samples: plain((cut) => cut.threadExits),
  },
  {
    name: 'procevents_duplicate_coredumps_total',
    type: 'counter',
    help: 'Further core dump events of a process whose crash is counted already, as when several of its threads crash at once.',
    samples: plain((cut) => cut.duplicateCoredumps),
  },
  {
    name: 'procevents_overruns_total',
    type: 'counter',
    help: 'Times that the receive buffer overflowed; an uninterrupted overflow is one. A larger --collector.receive-buffer helps.',
    samples: plain((cut) => cut.overruns),
  },
  {
    name: 'procevents_rejected_messages_total',
    type: 'counter',
    help: 'Messages not taken for events, by reason: sender, not sent by the kernel; length, sizes that do not fit; connector, not a process event; kind, an unknown event.',
    samples: named('reason', {
      sender: (cut) => cut.rejectedSender,
      length: (cut) => cut.rejectedLength,
      connector: (cut) => cut.rejectedConnector,
      kind: (cut) => cut.rejectedKind,
    }),
  },
  {
    name: 'procevents_kernel_forks_total',
    type: 'counter',
    help: 'Processes and threads created since boot, as the kernel itself counts them: what the fork events received are held against.',
    samples: plain((cut) => cut.kernelForks),
    sinceBoot: true,
  },
  {
    name: 'procevents_unresolved_total',
    type: 'counter',
    help: 'Events counted under <unknown>, because the command name or the user id could not be told for certain.',
    samples: listed('event', ATTRIBUTED_EVENTS, (cut) => cut.unresolved),
  },
  {
    name: 'procevents_pending_execs',
    type: 'gauge',
    help: 'Programs executed whose command name is not settled yet; they are counted in no series until it is, for 100 ms at most.',
    samples: plain((cut) => cut.pendingExecs),
  },
  {
    name: 'procevents_folded_events_total',
    type: 'counter',
    help: 'Events counted under <other>, because there were more pairs of comm and uid than --pairs.max.',
    samples: plain((cut) => cut.foldedEvents),
  },
  {
    name: 'procevents_pairs',
    type: 'gauge',
    help: 'Pairs of comm and uid that have series now, <other> not included.',
    samples: plain((cut) => cut.pairs.slots - 1),
  },
  {
    name: 'procevents_pairs_limit',
    type: 'gauge',
    help: 'The most pairs of comm and uid that can have series, as set by --pairs.max.',
    samples: plain((cut) => cut.pairsLimit),
  },
  {
    name: 'procevents_pairs_wanted',
    type: 'gauge',
    help: 'Pairs of comm and uid that there would be without a limit, estimated.',
    samples: plain((cut) => cut.pairsWanted),
  },
  {
    name: 'procevents_processes',
    type: 'gauge',
    help: 'Processes alive, as tracked from events; zombies are not alive.',
    samples: plain((cut) => cut.processes),
  },
  {
    name: 'procevents_tasks',
    type: 'gauge',
    help: 'Processes and threads alive, as tracked from events.',
    samples: plain((cut) => cut.tasks),
  },
  {
    name: 'procevents_pids_limit',
    type: 'gauge',
    help: 'The most processes and threads that this host can have: the smaller of kernel.pid_max and kernel.threads-max.',
    samples: plain((cut) => cut.pidsLimit),
  },
  {
    name: 'procevents_process_lifetime_seconds',
    type: 'histogram',
    help: 'How long processes lived, from fork to end, of those that were seen born.',
    samples: histogram(LIFETIME_BOUNDS, (cut) => cut.lifetime),
  },
  {
    name: 'procevents_forks_per_second',
    type: 'histogram',
    help: 'Processes created in each second of kernel time; seconds without any are observed too.',
    samples: histogram(FORKS_PER_SECOND_BOUNDS, (cut) => cut.forksPerSecond),
  },
  {
    name: 'procevents_fork_storms_total',
    type: 'counter',
    help: 'Fork storms: a second over --storm.threshold after ten quiet ones starts one.',
    samples: plain((cut) => cut.forkStorms),
  },
  {
    name: 'procevents_fork_storm_seconds_total',
    type: 'counter',
    help: 'Seconds in which more processes were created than --storm.threshold.',
    samples: plain((cut) => cut.forkStormSeconds),
  },
  {
    name: 'procevents_last_fork_storm_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last fork storm; 0 until the first.',
    samples: plain((cut) => cut.lastForkStormTimestamp),
  },
  {
    name: 'procevents_last_coredump_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last core dump event of any process; 0 until the first.',
    samples: plain((cut) => cut.lastCoredumpTimestamp),
  },
  {
    name: 'procevents_event_lag_seconds',
    type: 'histogram',
    help: "Time from the kernel's time stamp of an event to its being counted here.",
    samples: histogram(LAG_BOUNDS, (cut) => cut.lag),
  },
  {
    name: 'procevents_ring_slots',
    type: 'gauge',
    help: 'Events that fit into the ring between the collecting and the counting thread.',
    samples: plain((cut) => cut.ringSlots),
  },
  {
    name: 'procevents_ring_used_slots',
    type: 'gauge',
    help: 'Events in the ring, collected but not counted by comm yet.',
    samples: plain((cut) => cut.ringUsedSlots),
  },
  {
    name: 'procevents_receive_buffer_bytes',
    type: 'gauge',
    help: 'Size of the socket receive buffer that the kernel granted.',
    samples: named('socket', {
      connector: (cut) => cut.receiveBufferBytes,
      taskstats: (cut) => cut.exitBufferBytes,
    }),
  },
  {
    name: 'procevents_receive_buffer_used_bytes',
    type: 'gauge',
    help: 'Bytes of the socket receive buffer taken by events that wait to be read.',
    samples: named('socket', {
      connector: (cut) => cut.receiveBufferUsedBytes,
      taskstats: (cut) => cut.exitBufferUsedBytes,
    }),
  },
  {
    name: 'procevents_resyncs_total',
    type: 'counter',
    help: 'Times that the table of processes was held against /proc again, after events had been lost.',
    samples: plain((cut) => cut.resyncs),
  },
  {
    name: 'procevents_heals_total',
    type: 'counter',
    help: 'Times that a feed of events that had fallen silent was brought back.',
    samples: plain((cut) => cut.heals),
  },
  {
    name: 'procevents_collector_up',
    type: 'gauge',
    help: '1 while the feed of process events is known to work, else 0.',
    samples: plain((cut) => cut.collectorUp),
  },
  {
    name: 'procevents_taskstats_up',
    type: 'gauge',
    help: '1 while exit records of taskstats are known to come, else 0.',
    samples: plain((cut) => cut.taskstatsUp),
  },
  {
    name: 'procevents_exec_names_up',
    type: 'gauge',
    help: '1 while names of execs are known to come from perf, else 0.',
    samples: plain((cut) => cut.execNamesUp),
  },
  {
    name: 'procevents_stale_scrapes_total',
    type: 'counter',
    help: 'Scrapes answered with older values, because the collector did not answer in time.',
    samples: plain((cut) => cut.staleScrapes),
  },
  {
    name: 'procevents_suppressed_log_lines_total',
    type: 'counter',
    help: 'Lines about storms and core dumps that were not logged, because there is at most one a second.',
    samples: plain((cut) => cut.suppressedLogLines),
  },
  {
    name: 'procevents_user_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the name of each user id that has series, for joining it to them.',
    samples: [],
    rowLabels: ['uid', 'user'],
    rows: (cut) =>
      cut.users.map(
        ({ uid, user }) => `${labelPair('uid', String(uid))},${labelPair('user', user)}`,
      ),
  },
];

export function buildInfoFamily(build: BuildInfo): HostFamily {
  const { version, revision, nodeversion, arch } = build;
  return {
    name: 'procevents_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell what is running.',
    samples: [
      {
        labels: Object.entries({ version, revision, nodeversion, arch })
          .map(([name, value]) => labelPair(name, value))
          .join(','),
        read: () => 1,
      },
    ],
  };
}
