// Daemon: the web file. In: its path, or none. Out: what listening and health need of it; its code is loaded only with a path.
import type { HealthReport } from '../http/health-report.ts';
import type { Secured } from '../http/listen.ts';
import { rarely, type Logger } from './log.ts';

export interface WebFile {
  /** undefined without a file. */
  readonly secured: Secured | undefined;
  authenticates(): boolean;
  check(): HealthReport['checks'][string];
  /** SIGHUP. Never rejects. */
  reload(): Promise<void>;
}

const NONE: WebFile = {
  secured: undefined,
  authenticates: () => false,
  check: () => ({ status: 'ok', detail: 'no --web.config.file' }),
  reload: () => Promise.resolve(),
};

/**
 * Before privileges are dropped: after that our own code may be unreadable, and TLS, HTTP/2, YAML and bcrypt cost
 * memory that a daemon without a web file need not carry. The file itself is read by what this resolves to, after it.
 */
export async function importWebFile(o: {
  readonly path: string | undefined;
  readonly healthUnprotected: boolean;
  readonly log: Logger;
}): Promise<() => Promise<WebFile>> {
  const { path, healthUnprotected, log } = o;
  if (path === undefined) return () => Promise.resolve(NONE);
  const [{ WebConfig }, { TlsFront }] = await Promise.all([
    import('../web-config/web-config.ts'),
    import('../http/tls-front.ts'),
  ]);
  const errors = rarely(log);
  return async () => {
    const web = await WebConfig.open(path, {
      info: (fields, message) => log.info(fields, message),
      warn: (fields, message) => log.warn(fields, message),
      error: (fields, message) => errors.error(fields, message),
    });
    return {
      secured: { web, healthUnprotected, TlsFront },
      authenticates: () => web.authenticates(),
      check: () => web.check(),
      reload: () => web.reload(),
    };
  };
}
