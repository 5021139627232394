// HTTP: who may ask at all. In: every request, before any path is looked at. Out: the request handed on, or 401, 429 or 503.
import type { WebSettings } from '../web-config/settings.ts';
import type { ErrorLog } from './app.ts';
import type { Answer, Connection } from './connections.ts';
import type { Handler, Request } from './protocols.ts';
import { TokenBucket } from './token-bucket.ts';

/** What the web file says, as it is now. */
export interface Web {
  readonly settings: WebSettings;
  /** A promise while the files are being looked at. */
  look(): Promise<void> | undefined;
  authenticate(header: string | undefined): 'yes' | 'no' | 'busy' | Promise<'yes' | 'no' | 'busy'>;
}

const HEALTH_PATHS = new Set(['/healthz', '/-/healthy', '/-/ready']);

/** `next` is asked for what may pass. */
export function makeGate(o: {
  readonly web: Web;
  readonly healthUnprotected: boolean;
  readonly log: ErrorLog;
  readonly next: Handler;
}): Handler {
  const { web, log, next } = o;
  const bucket = new TokenBucket();

  const enter = async (request: Request, answer: Answer, connection: Connection): Promise<void> => {
    await web.look();
    const { settings } = web;
    const { tls } = connection;
    if (tls !== undefined && tls !== settings.tls) {
      // Whom the new settings may not let in gets no answer: a client asks again, and is looked at.
      if (tls.trust !== settings.tls?.trust) {
        connection.accepted.destroy();
        return;
      }
      connection.retire();
    }
    for (const [name, value] of settings.headers) answer.setHeader(name, value);
    if (!bucket.take(settings.rateLimit)) {
      refuse(request, answer, 429, 'too many requests');
      return;
    }
    const path = request.url?.split('?', 1)[0] ?? '';
    const open = settings.users.size === 0 || (o.healthUnprotected && HEALTH_PATHS.has(path));
    const verdict = open ? 'yes' : await web.authenticate(request.headers.authorization);
    if (verdict === 'yes') {
      next(request, answer, connection);
    } else if (verdict === 'no') {
      answer.setHeader('www-authenticate', 'Basic');
      refuse(request, answer, 401, 'unauthorized');
    } else {
      answer.setHeader('retry-after', '1');
      refuse(request, answer, 503, 'too many passwords wait to be checked');
    }
  };

  return (request, answer, connection) => {
    enter(request, answer, connection).catch((error: unknown) => {
      log.error({ err: error }, 'request failed');
      connection.accepted.destroy();
    });
  };
}

function refuse(request: Request, answer: Answer, code: number, text: string): void {
  answer.statusCode = code;
  answer.setHeader('content-type', 'text/plain; charset=utf-8');
  answer.setHeader('x-content-type-options', 'nosniff');
  // A body that may follow is not read: the connection cannot be used again. HTTP/2 has no such header, and needs none.
  if (request.httpVersionMajor < 2 && request.method !== 'GET' && request.method !== 'HEAD') {
    answer.setHeader('connection', 'close');
  }
  answer.end(`${text}\n`);
}
