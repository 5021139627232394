// Real TLS: who is let in, by which protocol, and what is said to the others.
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasOpenssl, makeCertificates } from './certificates.ts';
import { ask, rawClient, until } from './raw-client.ts';
import { serveSecured } from './secured.ts';
import { held, portOf } from './serving.ts';

const skip = !hasOpenssl && process.env['PROCEVENTS_REQUIRE_ALL'] !== '1';
if (skip) process.stdout.write('skipped: tests of TLS need the openssl program\n');

const made = skip ? undefined : makeCertificates();
afterAll(() => made?.remove());

function certificates() {
  if (made === undefined) throw new Error('no certificates');
  return made;
}

function tlsFile(more: readonly string[] = [], name = 'server'): string {
  const { path } = certificates();
  const lines = [`cert_file: ${path(`${name}.crt`)}`, `key_file: ${path(`${name}.key`)}`, ...more];
  return `tls_server_config:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function options(url: string, more: ConnectionOptions = {}): ConnectionOptions {
  const { text } = certificates();
  return {
    host: '127.0.0.1',
    port: portOf(url),
    ca: text('ca.crt'),
    servername: 'localhost',
    ...more,
  };
}

const identity = (name: string): ConnectionOptions => {
  const { text } = certificates();
  return { cert: text(`${name}.crt`), key: text(`${name}.key`) };
};

/** The answer over TLS and HTTP/1.1, or the code of what ended it. */
async function askTls(url: string, path: string, more: ConnectionOptions = {}): Promise<string> {
  const socket = connect(options(url, more));
  return talk(socket, path);
}

async function talk(socket: TLSSocket, path: string): Promise<string> {
  let text = '';
  let failure = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  return text === '' ? failure : text;
}

function session(url: string, more: ConnectionOptions = {}): ClientHttp2Session {
  const client = connectHttp2(`https://localhost:${portOf(url)}`, {
    ...options(url, more),
    createConnection: () => connect(options(url, { ALPNProtocols: ['h2'], ...more })),
  });
  client.on('error', () => {});
  onTestFinished(() => client.destroy());
  return client;
}

async function askHttp2(
  client: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const stream = client.request({ ':path': path, ...headers });
  stream.setEncoding('latin1');
  let text = '';
  let head: Readonly<Record<string, unknown>> = {};
  stream.on('response', (got) => (head = got));
  stream.on('data', (chunk: string) => (text += chunk));
  stream.on('error', () => {});
  await once(stream, 'close');
  return { status: head[':status'], head, text };
}

describe.skipIf(skip)('over TLS', () => {
  test('HTTP/1.1 and HTTP/2 are spoken, as the client chooses', async () => {
    const { url } = await serveSecured(tlsFile());
    expect(url).toMatch(/^https:/);
    expect(await askTls(url, '/metrics')).toMatch(/^HTTP\/1\.1 200 OK[^]*up 1\n$/);
    const client = session(url);
    for (const path of ['/metrics', '/-/healthy', '/']) {
      const got = await askHttp2(client, path);
      expect([path, got.status]).toStrictEqual([path, 200]);
      expect(got.head).not.toHaveProperty('connection');
    }
    expect((await askHttp2(client, '/metrics')).text).toBe('up 1\n');
    expect((await askHttp2(client, '/nothing')).status).toBe(404);
    const posted = await askHttp2(client, '/metrics', { ':method': 'POST' });
    expect([posted.status, posted.head['allow']]).toStrictEqual([405, 'GET, HEAD']);
  });
});
