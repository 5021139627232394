// HTTP: what is open, for the end. In: connections and requests as they come. Out: an orderly end of all of them.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Every connection, and of those the answers under way. Owned by listen.ts, one for all of its servers. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Map<ServerResponse, Socket>();
  #closing = false;

  opened(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  requested(socket: Socket, answer: ServerResponse): void {
    this.#answers.set(answer, socket);
    if (this.#closing) answer.setHeader('connection', 'close');
    // Comes once for every answer, finished or not: also when the client leaves in the middle.
    answer.once('close', () => {
      this.#answers.delete(answer);
      // The head of this answer may have promised keep-alive before closing began.
      if (this.#closing) socket.destroySoon();
    });
  }

  /** From here on every answer is the last of its connection. */
  finish(): void {
    this.#closing = true;
    for (const answer of this.#answers.keys()) {
      if (!answer.headersSent) answer.setHeader('connection', 'close');
    }
  }

  /** Ends the connections that wait for no answer: idle, silent, or in the middle of a request. */
  endIdle(): void {
    const busy = new Set(this.#answers.values());
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.destroy();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
