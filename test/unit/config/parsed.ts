// What the parser makes of a command line. In: words and variables. Out: the configuration, or the error that it says.
import { parseCommandLine } from '../../../src/config/command-line.ts';
import type { Config } from '../../../src/config/config.ts';
import { ExporterError } from '../../../src/errors.ts';

export const DEFAULTS: Config = {
  listenAddresses: [{ kind: 'tcp', port: 11_011 }],
  telemetryPath: '/metrics',
  exporterMetrics: true,
  webConfigFile: undefined,
  systemdSocket: false,
  maxRequests: 40,
  created: false,
  healthUnprotected: false,
  page: 'local',
  procfs: '/proc',
  passwd: '/etc/passwd',
  receiveBuffer: 67_108_864,
  ringSlots: 131_072,
  perf: true,
  taskstats: true,
  gatherMs: 5,
  pairsMax: 1000,
  folds: [
    { regexp: 'kworker/.*', name: 'kworker' },
    { regexp: 'ksoftirqd/.*', name: 'ksoftirqd' },
    { regexp: 'migration/.*', name: 'migration' },
    { regexp: 'cpuhp/.*', name: 'cpuhp' },
    { regexp: 'irq/.*', name: 'irq' },
  ],
  stormThreshold: 2000,
  user: undefined,
  logLevel: 'info',
  logFormat: 'json',
  configCheck: false,
};

export function config(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Config {
  return parseCommandLine(argv, environment).config;
}

/** What the parser says against it; undefined when it takes it. */
export function outcome(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): ExporterError | undefined {
  try {
    parseCommandLine(argv, environment);
    return undefined;
  } catch (error) {
    if (error instanceof ExporterError) return error;
    throw error;
  }
}

export function failure(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ExporterError {
  const error = outcome(argv, environment);
  if (error === undefined) throw new Error(`taken: ${argv.join(' ')}`);
  return error;
}
