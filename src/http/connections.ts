// HTTP: what is open, for the end. In: connections and requests as they come. Out: an orderly end of all of them.
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TlsSettings } from '../web-config/settings.ts';

export type Answer = ServerResponse | Http2ServerResponse;

/** One client. Dropped by Connections when its socket closes. */
export class Connection {
  /** As it was accepted: to destroy it ends all above it. */
  readonly accepted: Socket;
  /** What HTTP is spoken on: the accepted socket, or the TLS above it. */
  transport: Socket;
  /** What it was let in by. */
  tls: TlsSettings | undefined;
  /** With HTTP/2. */
  session: ServerHttp2Session | undefined;
  readonly #answers = new Set<Answer>();
  #last = false;

  constructor(accepted: Socket) {
    this.accepted = accepted;
    this.transport = accepted;
  }

  get idle(): boolean {
    return this.#answers.size === 0;
  }

  answering(answer: Answer): void {
    this.#answers.add(answer);
    if (this.#last) this.#sayLast(answer);
    // Comes once for every answer, finished or not.
    answer.once('close', () => {
      this.#answers.delete(answer);
      if (this.#last) this.#answered();
    });
  }

  /** From here on every answer is the last. */
  retire(): void {
    if (this.#last) return;
    this.#last = true;
    for (const answer of this.#answers) this.#sayLast(answer);
  }

  /** Node closes the answer under way, and says nothing to those of pipelined requests that never had their turn. */
  closed(): void {
    for (const answer of this.#answers) answer.emit('close');
  }

  #sayLast(answer: Answer): void {
    // The head of an answer may have promised keep-alive before.
    if (this.session === undefined) {
      if (!answer.headersSent) answer.setHeader('connection', 'close');
    } else if (!this.session.closed) {
      // GOAWAY: streams under way go on, no new ones.
      this.session.close();
    }
  }

  #answered(): void {
    if (this.session === undefined || this.idle) this.transport.destroySoon();
  }
}

/** Every connection. Owned by listen.ts, one for all of its servers. */
export class Connections {
  readonly #open = new Set<Connection>();
  #closing = false;

  opened(socket: Socket): Connection {
    const connection = new Connection(socket);
    this.#open.add(connection);
    socket.once('close', () => {
      this.#open.delete(connection);
      if (!connection.idle) setImmediate(() => connection.closed());
    });
    if (this.#closing) connection.retire();
    return connection;
  }

  finish(): void {
    this.#closing = true;
    for (const connection of this.#open) connection.retire();
  }

  /** Ends the connections that wait for no answer: idle, silent, or in the middle of a request or handshake. */
  endIdle(): void {
    for (const connection of this.#open) if (connection.idle) connection.accepted.destroy();
  }

  destroy(): void {
    for (const { accepted } of this.#open) accepted.destroy();
  }
}
