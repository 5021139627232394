// HTTP: the live page, its files and its data, for those who may see them. In: a request. Out: them, or why not.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accepted } from './accept.ts';
import { LANDING_HEADERS, escaped, landingPage } from './landing-page.ts';
import { assetOf, type Asset, type PageAssets } from './page-assets.ts';
import { judge, type PageRules, type PageVerdict } from './page-viewers.ts';
import { plain } from './plain.ts';
import { SummaryAnswers, type Summary } from './summary-answers.ts';

export interface PageOptions {
  readonly telemetryPath: string;
  readonly version: string;
  readonly page: PageRules;
  readonly pageAssets: PageAssets;
  readonly summary: Summary;
}

/** A link: nothing is fetched from there. */
const DOCUMENTATION = 'https://github.com/procevents-exporter/procevents-exporter#readme';
const SUMMARY_PATH = '/api/v1/summary';

const FILE_HEADERS = {
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  // Asked again each time, which costs an answer without a body; an exporter is replaced while its page is open.
  'cache-control': 'private, no-cache',
  vary: 'Accept-Encoding',
} as const;
/**
 * Names of processes and users stand in the page, and whoever may run a program chooses them: they are written as text, and
 * should that fail once, nothing that they bring runs, loads or is sent anywhere.
 */
const LIVE_HEADERS = {
  ...FILE_HEADERS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

const WRONG_HOST =
  'ask by an IP address, as localhost, by the name of this host, or by one of --web.listen-address';
const REMOTE =
  'only this host sees this, and no client of a proxy, unless a password is asked for; see --web.page';

/** The paths that are there now. */
export function pageRoutes(app: FastifyInstance, o: PageOptions): readonly string[] {
  const landing = landingPage(o.version, o.telemetryPath);
  const words = { version: o.version, metrics: o.telemetryPath, documentation: DOCUMENTATION };
  let html = o.pageAssets.page;
  for (const [name, word] of Object.entries(words)) {
    html = html.replaceAll(`{{${name}}}`, () => escaped(word));
  }
  const live = assetOf('text/html; charset=utf-8', Buffer.from(html));
  const summaries = new SummaryAnswers(o.summary);

  // Whoever may not see the live page gets the plain one, which tells nothing: under whatever name.
  app.get('/', (request, reply) => {
    const seen = verdict(o.page, request);
    if (seen === 'shown') return sendAsset(request, reply.headers(LIVE_HEADERS), live);
    if (seen === 'host') return plain(reply, 421, WRONG_HOST);
    return reply.headers(LANDING_HEADERS).send(landing);
  });
  app.get(SUMMARY_PATH, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const seen = verdict(o.page, request);
    if (seen !== 'shown') return refuse(reply, seen);
    const { gzip } = accepted(request.headers);
    const body = await summaries.body(gzip);
    reply.headers({
      'content-type': 'application/json; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'Accept-Encoding',
    });
    if (gzip) reply.header('content-encoding', 'gzip');
    return reply.send(body);
  });
  const files = [...o.pageAssets.files].map(([name, asset]) => [`/page/${name}`, asset] as const);
  for (const [path, asset] of files) {
    app.get(path, (request, reply) => {
      const seen = verdict(o.page, request);
      if (seen !== 'shown') return refuse(reply, seen);
      return sendAsset(request, reply.headers(FILE_HEADERS), asset);
    });
  }
  return ['/', SUMMARY_PATH, ...files.map(([path]) => path)];
}

function refuse(reply: FastifyReply, seen: Exclude<PageVerdict, 'shown'>): FastifyReply {
  if (seen === 'off') return plain(reply, 404, 'not found');
  return seen === 'host' ? plain(reply, 421, WRONG_HOST) : plain(reply, 403, REMOTE);
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  reply.header('etag', asset.etag);
  const known = request.headers['if-none-match'] ?? '';
  if (known.split(',').some((etag) => etag.trim() === asset.etag)) return reply.code(304).send();
  reply.header('content-type', asset.type);
  if (!accepted(request.headers).gzip) return reply.send(asset.body);
  return reply.header('content-encoding', 'gzip').send(asset.gzip);
}

function verdict(rules: PageRules, request: FastifyRequest): PageVerdict {
  const { headers, socket } = request.raw;
  // HTTP/2 has the name in a field of its own.
  const host = headers.host ?? headers[':authority'];
  return judge(rules, {
    address: socket.remoteAddress,
    host: typeof host === 'string' ? host : undefined,
    forwarded: headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined,
  });
}
