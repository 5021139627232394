// Configuration: the one table of flags. The parser, --help and the README's table read it.
import { LOG_FORMATS, LOG_LEVELS, PAGE_VIEWERS, type Config } from './config.ts';
import { list, off, on, optional, value, type Flag } from './flag.ts';
import { DEFAULT_FOLDS, fold } from './fold.ts';
import { listenAddress } from './listen-address.ts';
import { telemetryPath } from './telemetry-path.ts';
import {
  absolutePath,
  bytes,
  filePath,
  integer,
  milliseconds,
  oneOf,
  powerOfTwo,
  userName,
} from './values.ts';

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
  webConfigFile: optional('FILE', filePath, {
    name: 'web.config.file',
    section: 'Web',
    fallback: '',
    emptyMeans: 'none',
    help: 'TLS, client certificates, passwords and headers, in the YAML of the Prometheus exporter-toolkit. Read again when it changes, and on SIGHUP.',
  }),
  systemdSocket: on({
    name: 'web.systemd-socket',
    section: 'Web',
    fallback: 'off',
    help: 'Serve on the sockets that systemd passes, and on no address.',
  }),
  // node_exporter's default. Scrapes that come together share one cut and one rendering: what this bounds is answers in memory.
  maxRequests: value('COUNT', integer({ min: 0, max: 10_000 }), {
    name: 'web.max-requests',
    section: 'Web',
    fallback: '40',
    help: 'Scrapes at once; more are answered with 503. 0 to 10000, 0: any number.',
  }),
  created: on({
    name: 'web.created',
    section: 'Web',
    fallback: 'off',
    help: 'Tell in OpenMetrics when each counter began, as _created samples.',
  }),
  healthUnprotected: on({
    name: 'web.health-unprotected',
    section: 'Web',
    fallback: 'off',
    help: 'Answer the health paths without a password.',
  }),
  page: value('WHO', oneOf(PAGE_VIEWERS), {
    name: 'web.page',
    section: 'Web',
    fallback: 'local',
    help: 'Who sees the live page and /api/: local (this host, and everybody where a password or client certificate is asked for), on (everybody) or off. Others see a plain page of links.',
  }),
  procfs: value('PATH', absolutePath, {
    name: 'path.procfs',
    section: 'Paths',
    fallback: '/proc',
    help: "Where the host's procfs is mounted.",
  }),
  passwd: optional('FILE', absolutePath, {
    name: 'path.passwd',
    section: 'Paths',
    fallback: '/etc/passwd',
    help: 'Names of users. Empty: none.',
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
  folds: list('REGEXP=NAME', fold, {
    name: 'comm.fold',
    section: 'Pairs',
    fallback: DEFAULT_FOLDS,
    help: 'Count each comm that REGEXP (RE2) matches as a whole as NAME. Repeatable, the first that matches counts; given once, the defaults no longer hold. In the environment separated by commas.',
  }),
  // A host runs out of its 4,194,304 pids before it makes ten million processes in a second.
  stormThreshold: value('COUNT', integer({ min: 1, max: 10_000_000 }), {
    name: 'storm.threshold',
    section: 'Storms',
    fallback: '2000',
    help: 'Processes created in one second on this host that make it a storm second. 1 to 10000000.',
  }),
  user: optional('USER', userName, {
    name: 'user',
    section: 'Privilege',
    fallback: '',
    emptyMeans: 'procevents, else 65534',
    help: 'When started as root, the user (name or uid) to become. root stays root, and is warned of.',
  }),
  logLevel: value('LEVEL', oneOf(LOG_LEVELS), {
    name: 'log.level',
    section: 'Log',
    fallback: 'info',
    help: `Log lines of this level and above: ${LOG_LEVELS.join(', ')}.`,
  }),
  logFormat: value('FORMAT', oneOf(LOG_FORMATS), {
    name: 'log.format',
    section: 'Log',
    fallback: 'json',
    help: 'Log lines as json, or pretty for people.',
  }),
  configCheck: on({
    name: 'config.check',
    section: 'Check',
    fallback: 'off',
    help: 'Check flags and files, print what would be used, and exit with 0, or with 1 when something is wrong.',
  }),
};

/** The default as the tables show it. */
export function fallbackText(flag: Pick<Flag<unknown>, 'fallback' | 'emptyMeans'>): string {
  return flag.fallback.join(' ') || (flag.emptyMeans ?? 'none');
}

/** --web.listen-address and PROCEVENTS_WEB_LISTEN_ADDRESS are the same. */
export function environmentName(flagName: string): string {
  return `PROCEVENTS_${flagName.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
