// HTTP: speaks HTTP/1 on a socket. In: a connection. Out: requests with their answers, within limits. One server for all addresses.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Answer, Connection } from './connections.ts';
import type { Limits } from './limits.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Handler = (request: Request, answer: Answer, connection: Connection) => void;

export class Http1 {
  readonly #server: Server;
  readonly #connections = new WeakMap<Duplex, Connection>();

  constructor(limits: Limits, handler: Handler) {
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeaderSize } = limits;
    const { connectionsCheckingInterval } = limits;
    this.#server = createServer(
      {
        headersTimeout,
        requestTimeout,
        keepAliveTimeout,
        maxHeaderSize,
        connectionsCheckingInterval,
      },
      (request, answer) => {
        const connection = this.#connections.get(request.socket);
        if (connection === undefined) return;
        connection.answering(answer);
        handler(request, answer, connection);
      },
    );
    // server.close() would call it, and it cuts off answers that are written but not yet taken; Connections does not.
    this.#server.closeIdleConnections = () => {};
    // Without a 'timeout' listener the server destroys such a socket: a client that does not take its answer.
    this.#server.setTimeout(limits.stallTimeout);
    // Node hangs up on CONNECT without a word when nobody listens.
    this.#server.on('connect', (_request, socket) =>
      socket.end(
        'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n',
      ),
    );
    // It never listens itself, and this is what makes Node look after the time limits.
    this.#server.emit('listening');
  }

  serve(connection: Connection): void {
    this.#connections.set(connection.transport, connection);
    this.#server.emit('connection', connection.transport);
  }

  close(): void {
    this.#server.close();
  }
}
