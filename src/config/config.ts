// Configuration: what the daemon runs with, after flags and environment are read. Pure data.

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Without a host: all interfaces. Port 0: the kernel chooses. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host?: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Config {
  readonly listenAddresses: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** process_* and nodejs_* beside ours. */
  readonly exporterMetrics: boolean;
  readonly procfs: string;
  /** Bytes asked of the kernel with SO_RCVBUFFORCE. */
  readonly receiveBuffer: number;
  /** A power of two. */
  readonly ringSlots: number;
  /** Exact names of execs from perf's COMM records. */
  readonly perf: boolean;
  /** Exit records from taskstats. */
  readonly taskstats: boolean;
  /** Longest time, in ms, that the collector lets events gather under load. */
  readonly gatherMs: number;
  readonly pairsMax: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}
