// Configuration: the one table of flags. The parser, --help and the README's table read it.
import { LOG_FORMATS, LOG_LEVELS, type Config } from './config.ts';
import { listenAddress } from './listen-address.ts';
import { telemetryPath } from './telemetry-path.ts';
import {
  absolutePath,
  boolean,
  bytes,
  integer,
  milliseconds,
  oneOf,
  powerOfTwo,
} from './values.ts';

export const SECTIONS = ['Web', 'Paths', 'Collector', 'Pairs', 'Log'] as const;

export interface Flag<T> {
  /** Without the dashes. */
  readonly name: string;
  readonly section: (typeof SECTIONS)[number];
  /** `switch` takes no value on the command line: --name and --no-name. */
  readonly type: 'switch' | 'value' | 'list';
  /** The word for its value in --help. */
  readonly value: string;
  /** As one would type it; it goes through the same reader as what users type. */
  readonly fallback: string;
  readonly help: string;
  /** One text, or for a list one or more. Throws NotAllowed. */
  readonly read: (texts: readonly string[]) => T;
}

type Text = Pick<Flag<never>, 'name' | 'section' | 'fallback' | 'help'>;

function value<T>(word: string, read: (text: string) => T, text: Text): Flag<T> {
  return { ...text, type: 'value', value: word, read: ([first = '']) => read(first) };
}

function list<T>(word: string, read: (text: string) => T, text: Text): Flag<readonly T[]> {
  return { ...text, type: 'list', value: word, read: (texts) => texts.map((one) => read(one)) };
}

/** For a switch that turns off what the configuration has as on. */
function off(text: Text): Flag<boolean> {
  return { ...text, type: 'switch', value: '', read: ([first = '']) => !boolean(first) };
}

function on(text: Text): Flag<boolean> {
  return { ...text, type: 'switch', value: '', read: ([first = '']) => boolean(first) };
}

export const FLAGS: { readonly [Key in keyof Config]: Flag<Config[Key]> } = {
  listenAddresses: list('ADDRESS', listenAddress, {
    name: 'web.listen-address',
    section: 'Web',
    fallback: ':11011',
    help: 'Where to serve: host:port, :port (all interfaces), [::1]:port or unix:/path (mode 0660). Repeatable. In the environment separated by commas.',
  }),
  telemetryPath: value('PATH', telemetryPath, {
    name: 'web.telemetry-path',
    section: 'Web',
    fallback: '/metrics',
    help: 'Where the metrics are.',
  }),
  exporterMetrics: off({
    name: 'web.disable-exporter-metrics',
    section: 'Web',
    fallback: 'off',
    help: 'Leave out process_* and nodejs_*, the metrics about the exporter itself.',
  }),
  procfs: value('PATH', absolutePath, {
    name: 'path.procfs',
    section: 'Paths',
    fallback: '/proc',
    help: "Where the host's procfs is mounted.",
  }),
  // One event costs 832 bytes: below 4 KiB hardly any fits. The kernel keeps the size doubled in 31 bits: 1 GiB is the end.
  receiveBuffer: value('SIZE', bytes('4KiB', '1GiB'), {
    name: 'collector.receive-buffer',
    section: 'Collector',
    fallback: '64MiB',
    help: 'Receive buffer asked of the kernel, for each socket. 64MiB holds about 161,000 events. 4KiB to 1GiB.',
  }),
  // A batch of the receiver is 250 messages, which one pass must be able to put down; 4194304 slots of 64 bytes are 256 MiB.
  ringSlots: value('COUNT', powerOfTwo({ min: 256, max: 4_194_304 }), {
    name: 'collector.ring-slots',
    section: 'Collector',
    fallback: '131072',
    help: 'Records that the collector may be ahead of the counting, 64 bytes each. A power of two from 256 to 4194304.',
  }),
  perf: on({
    name: 'collector.perf',
    section: 'Collector',
    fallback: 'on',
    help: "Exact names of execs, from perf's COMM records.",
  }),
  taskstats: on({
    name: 'collector.taskstats',
    section: 'Collector',
    fallback: 'on',
    help: 'Exit records from taskstats: names of the dead, and the CPU time that they used.',
  }),
  // Beyond a second the half of a large receive buffer would be the shorter time anyway, and thread and health rely on a pass a second.
  gatherMs: value('TIME', milliseconds({ min: 0, max: 1000 }), {
    name: 'collector.gather',
    section: 'Collector',
    fallback: '5ms',
    help: 'Longest time that the collector lets events gather under load; 0 wakes it for each. 0 to 1s.',
  }),
  // A million pairs are 14 million series, more than a Prometheus takes from one target.
  pairsMax: value('COUNT', integer({ min: 1, max: 1_000_000 }), {
    name: 'pairs.max',
    section: 'Pairs',
    fallback: '1000',
    help: 'How many pairs of comm and uid are counted apart; what comes after is counted as <other>. 1 to 1000000.',
  }),
  logLevel: value('LEVEL', oneOf(LOG_LEVELS), {
    name: 'log.level',
    section: 'Log',
    fallback: 'info',
    help: `One of ${LOG_LEVELS.join(', ')}.`,
  }),
  logFormat: value('FORMAT', oneOf(LOG_FORMATS), {
    name: 'log.format',
    section: 'Log',
    fallback: 'json',
    help: `One of ${LOG_FORMATS.join(', ')}.`,
  }),
};

/** --web.listen-address and PROCEVENTS_WEB_LISTEN_ADDRESS are the same. */
export function environmentName(flagName: string): string {
  return `PROCEVENTS_${flagName.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
