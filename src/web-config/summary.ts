// Web file: what it would do, for --config.check. In: a path. Out: a description without secrets, or an ExporterError.
import { certificateProblem, load } from './load.ts';
import { authenticates, type WebSettings } from './settings.ts';

export interface WebConfigSummary {
  readonly tls: string;
  readonly clients: string;
  readonly http2: boolean;
  /** Names only. */
  readonly users: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly rateLimit: string;
  readonly authentication: boolean;
  /** What would be served, and logged as a warning. */
  readonly warnings: readonly string[];
}

/** Reads and proves all that serving would; rejects as serving would. */
export async function checkWebConfig(path: string): Promise<WebConfigSummary> {
  const { settings } = await load(path, new Map());
  const problem = certificateProblem(settings, Date.now());
  return {
    tls: tlsText(settings),
    clients: settings.tls?.clientAuth ?? 'NoClientCert',
    http2: settings.tls !== undefined && settings.http2,
    users: [...settings.users.keys()],
    headers: Object.fromEntries(settings.headers),
    rateLimit: rateText(settings),
    authentication: authenticates(settings),
    warnings: problem === undefined ? [] : [problem],
  };
}

/** In one line. */
export function webConfigText(o: WebConfigSummary): string {
  const parts = [
    `TLS ${o.tls}`,
    `client certificates ${o.clients}`,
    `HTTP/2 ${o.http2 ? 'on' : 'off'}`,
    `users ${o.users.length === 0 ? 'none' : o.users.join(' ')}`,
    `headers ${Object.keys(o.headers).join(' ') || 'none'}`,
    `rate limit ${o.rateLimit}`,
    ...o.warnings.map((warning) => `warning: ${warning}`),
  ];
  return parts.join('; ');
}

function tlsText({ tls }: WebSettings): string {
  if (tls === undefined) return 'off';
  const { minVersion, maxVersion } = tls.context;
  return `${minVersion} to ${maxVersion}, certificate for ${tls.names} until ${new Date(tls.validTo).toISOString()}`;
}

function rateText({ rateLimit }: WebSettings): string {
  return rateLimit === undefined
    ? 'none'
    : `one request in ${rateLimit.interval} ms, ${rateLimit.burst} at once`;
}
