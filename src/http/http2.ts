// HTTP: speaks HTTP/2 on a TLS socket. In: a connection. Out: requests with their answers, within limits. Loaded only with a web file.
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Connection } from './connections.ts';
import type { Limits } from './limits.ts';
import type { Handler } from './protocols.ts';

// Streams at once on a connection. A scraper has one, a browser a handful; --web.max-requests bounds the scrapes of all.
const MAX_STREAMS = 32;
// Node's own, in MB: header tables and answers queued. Answers are shared between the scrapes of a cut.
const MAX_SESSION_MEMORY = 10;
// Streams that a client may reset at once, and then in a second (CVE-2023-44487). A scraper that gives up resets one.
const RESETS = { streamResetBurst: 100, streamResetRate: 10 };
// Frames that make no sense, then the connection ends: Node's default is 1000.
const MAX_INVALID_FRAMES = 50;
// Header fields of a request: browsers send about 20.
const MAX_HEADER_PAIRS = 128;

function sizeOf(texts: readonly string[]): number {
  let size = 0;
  for (const { length } of texts) size += length;
  return size;
}

export class Http2 {
  readonly #server: Http2Server;
  readonly #limits: Limits;
  /** Whose connection the session is that the server is just making. */
  #current: Connection | undefined;
  readonly #connections = new WeakMap<ServerHttp2Session, Connection>();

  constructor(limits: Limits, handler: Handler) {
    this.#limits = limits;
    this.#server = createServer(
      {
        maxSessionMemory: MAX_SESSION_MEMORY,
        maxHeaderListPairs: MAX_HEADER_PAIRS,
        maxSessionInvalidFrames: MAX_INVALID_FRAMES,
        maxSessionRejectedStreams: MAX_STREAMS,
        ...RESETS,
        settings: {
          maxConcurrentStreams: MAX_STREAMS,
          maxHeaderListSize: limits.maxHeaderSize,
          enablePush: false,
        },
      },
      (request, answer) => {
        const { session } = request.stream;
        const connection =
          session === undefined ? undefined : this.#connections.get(session as ServerHttp2Session);
        if (connection === undefined) return;
        connection.answering(answer);
        // nghttp2 takes 64 KiB, whatever the settings told the client.
        if (sizeOf(request.rawHeaders) > limits.maxHeaderSize) {
          answer.statusCode = 431;
          answer.end();
        } else {
          handler(request, answer, connection);
        }
      },
    );
    this.#server.on('session', (session) => this.#began(session));
  }

  serve(connection: Connection): void {
    this.#current = connection;
    this.#server.emit('connection', connection.transport);
    this.#current = undefined;
  }

  /** PINGs and drops of a head keep no connection: without a stream it ends as one of HTTP/1 does. */
  #began(session: ServerHttp2Session): void {
    const connection = this.#current;
    if (connection === undefined) return;
    connection.session = session;
    this.#connections.set(session, connection);
    let streams = 0;
    const end = (): void => {
      connection.accepted.destroy();
    };
    // No byte moves in either direction: a client that does not take its answer.
    session.setTimeout(this.#limits.stallTimeout, end);
    let timer = setTimeout(end, this.#limits.headersTimeout).unref();
    session.on('stream', (stream) => {
      streams++;
      clearTimeout(timer);
      stream.once('close', () => {
        streams--;
        if (streams > 0 || session.destroyed) return;
        timer = setTimeout(end, this.#limits.keepAliveTimeout).unref();
      });
    });
    session.once('close', () => clearTimeout(timer));
  }
}
