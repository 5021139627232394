// HTTP: paths to answers. In: a request. Out: metrics, health or a page. A function, so that tests can call it.
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { VARY, accepted } from './accept.ts';
import type { Format } from '../exposition/format.ts';
import type { HealthReport } from './health-report.ts';
import { pageRoutes, type PageOptions } from './page-routes.ts';
import { plain } from './plain.ts';
import { ScrapeSlots } from './scrape-slots.ts';

export interface Scrapes {
  /** The whole answer in the format; compressed if `gzip`. */
  scrape(
    timeoutSeconds: number | undefined,
    format: Format,
    gzip: boolean,
  ): Promise<{ readonly contentType: string; readonly body: string | Buffer }>;
}

export interface Health {
  report(): HealthReport;
}

export interface ErrorLog {
  error(fields: object, message: string): void;
}

export interface AppOptions extends PageOptions {
  readonly scrapes: Scrapes;
  readonly health: Health;
  readonly log: ErrorLog;
  /** Scrapes at once; 0: any number. */
  readonly maxRequests: number;
}

// Seconds. Prometheus' own default is 10; more than this would keep a connection longer than limits.ts lets it be silent.
const LONGEST_SCRAPE_TIMEOUT = 120;

export function buildApp(o: AppOptions): FastifyInstance {
  // The logger stays off: it would write a line, or at least make an object, for each request.
  const app = fastify({
    logger: false,
    // What is no URL (%zz) is no path of ours; fastify's own answer is JSON that names its inner codes.
    frameworkErrors: (_error, _request, reply) => void plain(reply, 404, 'not found'),
  });
  const paths = new Set([o.telemetryPath, '/healthz', '/-/healthy', '/-/ready']);
  const slots = new ScrapeSlots(o.maxRequests);

  // Before fastify would read a body: no path takes one, so no body is ever looked at.
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.method === 'GET' || request.method === 'HEAD') {
      // The asterisk form is for OPTIONS; the router takes it for the root.
      if (request.url === '*') plain(reply, 404, 'not found');
      else next();
      return;
    }
    // The body that may follow is not read: the connection cannot be used again.
    if (request.raw.httpVersionMajor < 2) reply.header('connection', 'close');
    if (paths.has(pathOf(request.url))) {
      plain(reply.header('allow', 'GET, HEAD'), 405, 'method not allowed');
    } else {
      plain(reply, 404, 'not found');
    }
  });
  app.setNotFoundHandler((_request, reply) => plain(reply, 404, 'not found'));
  app.setErrorHandler((error, request, reply) => {
    o.log.error({ err: error, path: pathOf(request.url) }, 'request failed');
    return plain(reply, 500, 'internal error; the log has the reason');
  });

  // Every GET route of fastify has its HEAD.
  const onRequest = takeSlot(slots);
  app.get(o.telemetryPath, { onRequest }, async (request, reply) => {
    const timeout = scrapeTimeout(request.headers['x-prometheus-scrape-timeout-seconds']);
    const { format, gzip } = accepted(request.headers);
    const { contentType, body } = await o.scrapes.scrape(timeout, format, gzip);
    reply.headers({ 'content-type': contentType, vary: VARY });
    if (gzip) reply.header('content-encoding', 'gzip');
    return reply.send(body);
  });
  app.get('/healthz', (_request, reply) => {
    const report = o.health.report();
    return reply
      .code(report.status === 'failing' ? 503 : 200)
      .header('cache-control', 'no-store')
      .send(report);
  });
  app.get('/-/healthy', (_request, reply) => probe(reply, o.health.report(), 'healthy'));
  app.get('/-/ready', (_request, reply) => probe(reply, o.health.report(), 'ready'));
  for (const path of pageRoutes(app, o)) paths.add(path);
  return app;
}

/** Before anything is done for a scrape. */
function takeSlot(slots: ScrapeSlots) {
  return (_request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    if (slots.take(reply.raw, LONGEST_SCRAPE_TIMEOUT * 1000)) next();
    else plain(reply.header('retry-after', '1'), 503, 'too many scrapes at once; try again later');
  };
}

function probe(reply: FastifyReply, report: HealthReport, word: string): FastifyReply {
  reply.header('cache-control', 'no-store');
  return report.status === 'failing'
    ? plain(reply, 503, `procevents-exporter is not ${word}`)
    : plain(reply, 200, `procevents-exporter is ${word}`);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** Prometheus sends a decimal number. Anything else: as if there were no header. */
function scrapeTimeout(header: string | readonly string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,9}(?:\.\d{1,20})?$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds > 0 ? Math.min(seconds, LONGEST_SCRAPE_TIMEOUT) : undefined;
}
