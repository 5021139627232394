// HTTP: sockets to requests. In: the app and addresses. Out: a server for each address, and one way to end them all.
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ExporterError } from '../errors.ts';
import type { ErrorLog } from './app.ts';
import { Connections } from './connections.ts';
import { connectionsFor } from './descriptors.ts';
import { makeGate, type Web } from './gate.ts';
import { LIMITS, type Limits } from './limits.ts';
import { Http1, type Handler } from './protocols.ts';
import { fdProblem, fdText, type FdAddress } from './systemd-sockets.ts';
import type { TlsFront } from './tls-front.ts';
import { pathError, removeStale } from './unix-socket.ts';

/** What the configuration calls a ListenAddress, and what systemd passes. */
export type Address =
  | { readonly kind: 'tcp'; readonly host?: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | FdAddress;

/** With a web file. The front comes as a class, so that only then TLS and HTTP/2 are loaded. */
export interface Secured {
  readonly web: Web;
  readonly healthUnprotected: boolean;
  readonly TlsFront: typeof TlsFront;
}

export interface Listeners {
  /** With the real ports, in the order of the addresses. */
  readonly urls: readonly string[];
  /** Accepts nothing more, finishes the answers that are under way for at most graceMs, ends all else at once. */
  close(graceMs: number): Promise<void>;
}

export async function listen(o: {
  readonly app: FastifyInstance;
  readonly addresses: readonly Address[];
  readonly log: ErrorLog;
  readonly limits?: Limits;
  readonly secured?: Secured | undefined;
}): Promise<Listeners> {
  await o.app.ready();
  const limits = o.limits ?? LIMITS;
  const connections = new Connections();
  const servers: Server[] = [];
  // What fastify uses of them, those of HTTP/2 have too.
  const next: Handler = (request, answer) =>
    o.app.routing(request as IncomingMessage, answer as ServerResponse);
  const { secured, log } = o;
  const handler = secured === undefined ? next : makeGate({ ...secured, log, next });
  const http1 = new Http1(limits, handler);
  const accept =
    secured === undefined
      ? (socket: Socket): void => http1.serve(connections.opened(socket))
      : secure(secured, connections, http1, new secured.TlsFront({ limits, http1, handler, log }));
  const close = async (graceMs: number): Promise<void> => {
    await closeAll(servers, connections, graceMs);
    http1.close();
  };
  try {
    for (const address of o.addresses) {
      // A client that has said all it wants to say still gets its answer.
      const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
      await bind(server, address);
      // Such as no file descriptor left for accept: this connection is lost, the next may do.
      server.on('error', (error) => log.error({ err: error }, 'cannot accept a connection'));
      server.on('drop', () =>
        log.error(
          { most: server.maxConnections },
          'too many connections: a further one was closed',
        ),
      );
      servers.push(server);
    }
    const most = connectionsFor(servers.length, limits.maxConnections);
    for (const server of servers) server.maxConnections = most;
  } catch (error) {
    await close(0);
    throw error;
  }
  const scheme = secured?.web.settings.tls === undefined ? 'http' : 'https';
  const urls = servers.map((server, i) => urlOf(server, o.addresses[i], scheme));
  return { urls, close };
}

/** Each connection is served by the settings of its own time. */
function secure(
  { web }: Secured,
  connections: Connections,
  http1: Http1,
  front: TlsFront,
): (socket: Socket) => void {
  return (socket) => {
    const connection = connections.opened(socket);
    const serve = (): void => {
      const { tls, http2 } = web.settings;
      if (socket.destroyed) return;
      if (tls === undefined) http1.serve(connection);
      else front.serve(connection, tls, http2);
    };
    const looking = web.look();
    if (looking === undefined) serve();
    else void looking.then(serve);
  };
}

async function bind(server: Server, address: Address): Promise<void> {
  if (address.kind === 'unix') await removeStale(address.path);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenError(address, error));
    server.once('error', failed);
    server.once('listening', () => {
      server.off('error', failed);
      resolve();
    });
    if (address.kind === 'unix') {
      // bind happens within this call, so the socket is born with mode 0660 and nobody connects before a chmod.
      const umask = process.umask(0o117);
      try {
        server.listen({ path: address.path });
      } finally {
        process.umask(umask);
      }
    } else if (address.kind === 'fd') {
      try {
        server.listen({ fd: address.fd });
      } catch (error) {
        failed(error as NodeJS.ErrnoException);
      }
    } else {
      // Without a host Node takes ::, which serves IPv4 too, and 0.0.0.0 where there is no IPv6.
      server.listen({
        port: address.port,
        ...(address.host === undefined ? {} : { host: address.host }),
      });
    }
  });
}

function listenError(address: Address, error: NodeJS.ErrnoException): ExporterError {
  if (address.kind === 'fd') return fdProblem(address, error);
  const where = addressText(address);
  if (error.code === 'EADDRINUSE') {
    return new ExporterError(
      'PROCEVENTS_LISTEN_IN_USE',
      `cannot listen on ${where}: the address is in use`,
      { cause: error },
    );
  }
  if (address.kind === 'unix') return pathError(address.path, error);
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new ExporterError(
      'PROCEVENTS_LISTEN_DENIED',
      `cannot listen on ${where}: permission denied (${error.code})`,
      { cause: error },
    );
  }
  return new ExporterError(
    'PROCEVENTS_LISTEN_FAILED',
    `cannot listen on ${where}: ${error.code ?? error.message}`,
    { cause: error },
  );
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function addressText(address: Exclude<Address, FdAddress>): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${hostText(address.host ?? '')}:${address.port}`;
}

function urlOf(server: Server, address: Address | undefined, scheme: string): string {
  const bound = server.address();
  if (typeof bound === 'object' && bound !== null) {
    return `${scheme}://${hostText(bound.address)}:${bound.port}`;
  }
  if (typeof bound === 'string') return `unix:${bound}`;
  // Node does not know the path of a unix socket that was passed.
  return address?.kind === 'fd' ? fdText(address) : '';
}

async function closeAll(
  servers: readonly Server[],
  connections: Connections,
  graceMs: number,
): Promise<void> {
  connections.finish();
  // Who asked before we began gets an answer. Between two turns there is a poll: one accepts, the next reads.
  await turn();
  await turn();
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
  );
  await turn();
  connections.endIdle();
  const timer = setTimeout(() => connections.destroy(), graceMs);
  await Promise.all(closed);
  clearTimeout(timer);
}
