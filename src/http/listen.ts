// HTTP: sockets to requests. In: the app and addresses. Out: a server for each address, and one way to end them all.
import { createServer, type Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { ExporterError } from '../errors.ts';
import type { ErrorLog } from './app.ts';
import { Connections } from './connections.ts';
import { LIMITS, type Limits } from './limits.ts';
import { removeStale } from './unix-socket.ts';

/** What the configuration calls a ListenAddress. */
export type Address =
  | { readonly kind: 'tcp'; readonly host?: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

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
}): Promise<Listeners> {
  await o.app.ready();
  const connections = new Connections();
  const servers: Server[] = [];
  const close = (graceMs: number): Promise<void> => closeAll(servers, connections, graceMs);
  try {
    for (const address of o.addresses) {
      const server = makeServer(o.app, connections, o.limits ?? LIMITS);
      await bind(server, address);
      // Such as no file descriptor left for accept: this connection is lost, the next may do.
      server.on('error', (error) => o.log.error({ err: error }, 'cannot accept a connection'));
      servers.push(server);
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { urls: servers.map((server) => urlOf(server)), close };
}

function makeServer(app: FastifyInstance, connections: Connections, limits: Limits): Server {
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeaderSize } = limits;
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      keepAliveTimeout,
      maxHeaderSize,
      connectionsCheckingInterval: limits.connectionsCheckingInterval,
    },
    (request, response) => {
      connections.requested(request.socket, response);
      app.routing(request, response);
    },
  );
  // server.close() would call it, and it cuts off answers that are written but not yet taken; endIdle does not.
  server.closeIdleConnections = () => {};
  server.maxConnections = limits.maxConnections;
  // Without a 'timeout' listener the server destroys such a socket: a client that does not take its answer.
  server.setTimeout(limits.stallTimeout);
  server.on('connection', (socket) => connections.opened(socket));
  // Node hangs up on CONNECT without a word when nobody listens.
  server.on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n'),
  );
  return server;
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
  const where = addressText(address);
  if (error.code === 'EADDRINUSE') {
    return new ExporterError(
      'PROCEVENTS_LISTEN_IN_USE',
      `cannot listen on ${where}: the address is in use`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
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

function addressText(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${hostText(address.host ?? '')}:${address.port}`;
}

function urlOf(server: Server): string {
  const bound = server.address();
  if (bound === null) return '';
  if (typeof bound === 'string') return `unix:${bound}`;
  return `http://${hostText(bound.address)}:${bound.port}`;
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
