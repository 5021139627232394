// HTTP: a TLS server above accepted sockets. In: a connection. Out: HTTP/1 or HTTP/2 on it, or its end. Loaded only with a web file.
import type { X509Certificate } from 'node:crypto';
import { SocketAddress, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '../web-config/settings.ts';
import type { ErrorLog } from './app.ts';
import type { Connection } from './connections.ts';
import { Http2 } from './http2.ts';
import type { Limits } from './limits.ts';
import type { Handler, Http1 } from './protocols.ts';
import { sansOf } from './sans.ts';

/** The first byte of a TLS handshake; no method of HTTP begins so. */
const HANDSHAKE = 0x16;
const PLAIN_ANSWER =
  'HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nThis address speaks TLS: ask it with https.\n';

export class TlsFront {
  readonly #limits: Limits;
  readonly #http1: Http1;
  readonly #http2: Http2;
  readonly #log: ErrorLog;
  readonly #handshakes = new WeakMap<Socket, Connection>();
  /** One for as long as the settings are the same; those before end with their handshakes. */
  #server: { readonly of: TlsSettings; readonly http2: boolean; readonly tls: Server } | undefined;

  constructor(o: { limits: Limits; http1: Http1; handler: Handler; log: ErrorLog }) {
    this.#limits = o.limits;
    this.#http1 = o.http1;
    this.#log = o.log;
    this.#http2 = new Http2(o.limits, o.handler);
  }

  serve(connection: Connection, settings: TlsSettings, http2: boolean): void {
    const { accepted } = connection;
    // Nobody else hears its errors before the handshake begins.
    const silent = (): void => {};
    accepted.on('error', silent);
    accepted.setTimeout(this.#limits.headersTimeout, () => accepted.destroy());
    accepted.once('readable', () => {
      const head = accepted.read(1) as Buffer | null;
      if (head === null) {
        accepted.destroy();
      } else if (head[0] === HANDSHAKE) {
        accepted.unshift(head);
        accepted.setTimeout(0);
        accepted.removeAllListeners('timeout');
        this.#handshakes.set(accepted, connection);
        connection.tls = settings;
        this.#serverFor(settings, http2).emit('connection', accepted);
      } else {
        // What is still to come is read, so that the kernel sends the answer and no reset.
        accepted.resume();
        accepted.end(/[A-Z]/.test(head.toString('latin1')) ? PLAIN_ANSWER : '');
      }
    });
  }

  #serverFor(settings: TlsSettings, http2: boolean): Server {
    if (this.#server?.of !== settings || this.#server.http2 !== http2) {
      this.#server = { of: settings, http2, tls: this.#make(settings, http2) };
    }
    return this.#server.tls;
  }

  #make(settings: TlsSettings, http2: boolean): Server {
    const { clientAuth } = settings;
    const server = createServer({
      ...settings.context,
      ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      handshakeTimeout: this.#limits.headersTimeout,
      requestCert: clientAuth !== 'NoClientCert',
      // Then OpenSSL itself tells a client that it needs a certificate; the rest is decided below.
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    });
    server.on('secureConnection', (socket) => this.#secured(socket, settings));
    server.on('tlsClientError', (_error, socket) => {
      const { authorizationError } = socket;
      // An Error in the types, a code in fact; null where no certificate was at fault.
      if (authorizationError) this.#refused(socket, String(authorizationError));
      socket.destroy();
    });
    return server;
  }

  #secured(socket: TLSSocket, settings: TlsSettings): void {
    // Node has no public way from a TLS socket to the one below.
    const { _parent: below } = socket as unknown as { readonly _parent?: Socket };
    const connection = below === undefined ? undefined : this.#handshakes.get(below);
    const why =
      connection === undefined
        ? 'no connection'
        : refusal(socket, socket.getPeerX509Certificate(), settings);
    if (connection === undefined || why !== undefined) {
      this.#refused(socket, why ?? '');
      socket.destroy();
      return;
    }
    connection.transport = socket;
    if (socket.alpnProtocol === 'h2') this.#http2.serve(connection);
    else this.#http1.serve(connection);
  }

  /** A scraper sees only that the connection ends: why stands in the log. */
  #refused(socket: TLSSocket, reason: string): void {
    this.#log.error({ client: socket.remoteAddress, reason }, 'a client certificate was refused');
  }
}

/** Why this client is not let in, by the rules that Go's crypto/tls has for each type. */
function refusal(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  { clientAuth, allowedSans }: TlsSettings,
): string | undefined {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return undefined;
  // A session that is resumed counts as authorized even when no certificate was ever shown.
  if (certificate === undefined) {
    return clientAuth === 'VerifyClientCertIfGiven' ? undefined : 'no certificate';
  }
  if (clientAuth !== 'RequireAnyClientCert' && !socket.authorized) {
    return String(socket.authorizationError);
  }
  if (allowedSans === undefined) return undefined;
  const allowed = new Set(allowedSans.map((san) => canonical(san)));
  const sans = sansOf(certificate.subjectAltName ?? '');
  return sans.some((san) => allowed.has(canonical(san)))
    ? undefined
    : 'none of its names is in client_allowed_sans';
}

/** An IPv6 address has many spellings; all else must be equal. */
function canonical(san: string): string {
  if (!/^[\da-f.:]*:[\da-f.:]*$/i.test(san)) return san;
  try {
    return new SocketAddress({ address: san, family: 'ipv6' }).address;
  } catch {
    return san;
  }
}
