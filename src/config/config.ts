// Configuration: what the daemon runs with, after flags and environment are read. Pure data.

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;
export const PAGE_VIEWERS = ['local', 'on', 'off'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];
export type PageViewers = (typeof PAGE_VIEWERS)[number];

/** Without a host: all interfaces. Port 0: the kernel chooses. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host?: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** What `regexp` matches as a whole is counted as `name`. */
export interface Fold {
  /** In the syntax of RE2, proven to compile. */
  readonly regexp: string;
  /** A comm: 1 to 15 bytes. */
  readonly name: string;
}

export interface Config {
  readonly listenAddresses: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** process_* and nodejs_* beside ours. */
  readonly exporterMetrics: boolean;
  /** The exporter-toolkit's file; an absolute path. */
  readonly webConfigFile: string | undefined;
  /** Sockets passed by systemd instead of addresses. */
  readonly systemdSocket: boolean;
  /** Scrapes at once; 0: any number. */
  readonly maxRequests: number;
  /** `_created` samples in OpenMetrics. */
  readonly created: boolean;
  /** Health paths answer without a password. */
  readonly healthUnprotected: boolean;
  readonly page: PageViewers;
  readonly procfs: string;
  readonly passwd: string | undefined;
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
  readonly folds: readonly Fold[];
  /** Processes created in one second that make it a storm second. */
  readonly stormThreshold: number;
  /** Name or uid of the user to become, when started as root. */
  readonly user: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly configCheck: boolean;
}
