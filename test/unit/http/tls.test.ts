// Real TLS: who is let in, by which protocol, and what is said to the others.
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, getCiphers, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { LIMITS } from '../../../src/http/limits.ts';
import { SUITES, TLS13_SUITES } from '../../../src/web-config/tls-names.ts';
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

/** Closed, by whichever side and in whichever way. */
function gone(emitter: ClientHttp2Session | TLSSocket): Promise<void> {
  emitter.on('error', () => {});
  return new Promise((resolve) => {
    emitter.once('close', () => resolve());
  });
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

  test('without http2 nobody is offered it', async () => {
    const { url } = await serveSecured(`${tlsFile()}http_server_config:\n  http2: false\n`);
    const socket = connect(options(url, { ALPNProtocols: ['h2', 'http/1.1'] }));
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  test('certificate and key may stand in the file itself', async () => {
    const { text } = certificates();
    const block = (name: string): string => text(name).trim().replaceAll(/^/gm, '    ');
    const { url } = await serveSecured(
      `tls_server_config:\n  cert: |\n${block('server.crt')}\n  key: |\n${block('server.key')}\n`,
    );
    expect(await askTls(url, '/metrics')).toMatch(/200 OK/);
  });

  test('plain HTTP is told to use https, and anything else is closed', async () => {
    const { url } = await serveSecured(tlsFile());
    expect(await ask(url.replace('https', 'http'), '/metrics')).toMatch(
      /^HTTP\/1\.0 400 [^]*speaks TLS/,
    );
    for (const bytes of ['\0\0\0', '\u0016\u0003\u0001\0\u0005hello', '\u0016'.repeat(50_000)]) {
      const client = await rawClient(url);
      client.socket.write(bytes, 'latin1');
      await client.closed;
      expect(client.received()).not.toMatch(/HTTP/);
    }
    expect(await askTls(url, '/metrics')).toMatch(/200 OK/);
  });

  test('who says nothing, stops in the handshake, or opens no stream is closed', async () => {
    const { url } = await serveSecured(tlsFile(), { limits: { ...LIMITS, headersTimeout: 100 } });
    const silent = await rawClient(url);
    const half = await rawClient(url);
    half.socket.write('\u0016\u0003\u0001\u0002\0\u0001', 'latin1');
    const client = session(url);
    await Promise.all([silent.closed, half.closed, gone(client)]);
    expect(silent.received()).toBe('');
  });

  test('an HTTP/2 connection without streams ends, whatever PINGs it sends', async () => {
    const { url } = await serveSecured(tlsFile(), { limits: { ...LIMITS, keepAliveTimeout: 100 } });
    const client = session(url);
    expect((await askHttp2(client, '/metrics')).status).toBe(200);
    const pings = setInterval(() => client.ping(() => {}), 20);
    await gone(client);
    clearInterval(pings);
    expect(client.destroyed).toBe(true);
  });

  test('a head beyond the limit is refused over HTTP/2, and the next is served', async () => {
    const { url } = await serveSecured(tlsFile());
    const client = session(url);
    const bomb = await askHttp2(client, '/metrics', { 'x-bomb': 'x'.repeat(40_000) });
    expect(bomb.status).toBe(431);
    expect((await askHttp2(session(url), '/metrics')).status).toBe(200);
  });

  test('streams that are reset in a row end their connection, not the server', async () => {
    const { scrapes, waiting, release } = held();
    const { url } = await serveSecured(tlsFile(), { scrapes, maxRequests: 10 });
    const client = session(url);
    await once(client, 'connect');
    const resets = setInterval(() => {
      for (let i = 0; i < 20 && !client.destroyed; i++) {
        const stream = client.request({ ':path': '/metrics' });
        stream.on('error', () => {});
        stream.close(8);
      }
    }, 1);
    await gone(client);
    clearInterval(resets);
    release();
    const after = askHttp2(session(url), '/metrics');
    await until(() => waiting.length > 0);
    release();
    expect((await after).status).toBe(200);
  });
});

describe.skipIf(skip)('client certificates', () => {
  const OK = /^HTTP\/1\.1 200/;
  const ENDED = /^(ERR_SSL|EPROTO|ECONNRESET|EPIPE|$)/;

  test.each([
    ['NoClientCert', [OK, OK, OK]],
    ['RequestClientCert', [OK, OK, OK]],
    ['RequireAnyClientCert', [ENDED, OK, OK]],
    ['RequireClientCert', [ENDED, OK, OK]],
    ['VerifyClientCertIfGiven', [OK, ENDED, OK]],
    ['RequireAndVerifyClientCert', [ENDED, ENDED, OK]],
  ] as const)('%s lets in none, a stranger, our own: %o', async (type, expected) => {
    const ca = type === 'NoClientCert' ? [] : [`client_ca_file: ${certificates().path('ca.crt')}`];
    const { url, lines } = await serveSecured(tlsFile([...ca, `client_auth_type: ${type}`]));
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const all = [{}, identity('stranger'), identity('client')];
      for (const [i, client] of all.entries()) {
        expect(await askTls(url, '/metrics', { ...client, maxVersion })).toMatch(expected[i] ?? OK);
      }
    }
    const refused = lines.filter(({ message }) => message === 'a client certificate was refused');
    // Where OpenSSL itself tells the client that it needs a certificate, the log need not.
    const ends = expected.slice(type === 'RequireAndVerifyClientCert' ? 1 : 0).includes(ENDED);
    expect(refused.length > 0).toBe(ends);
  });

  test('a session that is resumed is looked at like any other', async () => {
    const ca = `client_ca_file: ${certificates().path('ca.crt')}`;
    for (const type of ['RequireAnyClientCert', 'RequireAndVerifyClientCert']) {
      const { url } = await serveSecured(tlsFile([ca, `client_auth_type: ${type}`]));
      const stranger = type === 'RequireAnyClientCert' ? {} : identity('stranger');
      const first = connect(options(url, stranger));
      let ticket: Buffer | undefined;
      first.on('session', (given) => (ticket = given));
      first.on('error', () => {});
      await gone(first);
      if (ticket === undefined) continue;
      expect(await askTls(url, '/metrics', { ...stranger, session: ticket })).toMatch(ENDED);
    }
  });

  test.each([
    ['scraper.example', OK],
    ['2001:DB8:0::1', OK],
    ['a@example.org', OK],
    ['spiffe://x/scraper', OK],
    ['scraper', ENDED],
    ['*.example', ENDED],
    ['client', ENDED],
  ])('client_allowed_sans of %s', async (san, expected) => {
    const more = [
      `client_ca_file: ${certificates().path('ca.crt')}`,
      'client_auth_type: RequireAndVerifyClientCert',
      `client_allowed_sans: ['other.example', '${san}']`,
    ];
    const { url } = await serveSecured(tlsFile(more));
    expect(await askTls(url, '/metrics', identity('client'))).toMatch(expected);
  });
});

describe.skipIf(skip)('versions, suites and curves', () => {
  test.each([
    [[], 'TLSv1.1', false],
    [[], 'TLSv1.2', true],
    [[], 'TLSv1.3', true],
    [['min_version: TLS13'], 'TLSv1.2', false],
    [['max_version: TLS12'], 'TLSv1.3', false],
    [['min_version: TLS10'], 'TLSv1', true],
    [['min_version: TLS11'], 'TLSv1.1', true],
  ] as const)('%j: a client of %s alone: %s', async (more, version, served) => {
    const { url } = await serveSecured(tlsFile(more));
    const client = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' };
    const got = await askTls(url, '/metrics', client);
    expect(got).toMatch(served ? /200 OK/ : /^(ERR_SSL|EPROTO)/);
  });

  test('suites by the names of Go, in the order of the server', async () => {
    const { url } = await serveSecured(
      tlsFile([
        'max_version: TLS12',
        'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]',
      ]),
    );
    const socket = connect(
      options(url, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' }),
    );
    await once(socket, 'secureConnect');
    expect(socket.getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
    socket.destroy();
    expect(await askTls(url, '/', { ciphers: 'ECDHE-ECDSA-AES256-SHA' })).toMatch(
      /^(ERR_SSL|EPROTO)/,
    );
  });

  test('curves by the names of Go', async () => {
    const { url } = await serveSecured(tlsFile(['curve_preferences: [CurveP384]']));
    expect(await askTls(url, '/metrics', { ecdhCurve: 'P-384' })).toMatch(/200 OK/);
    expect(await askTls(url, '/metrics', { ecdhCurve: 'X25519' })).toMatch(/^(ERR_SSL|EPROTO)/);
  });

  test('every name of the table is one that OpenSSL knows', () => {
    const known = new Set(getCiphers().map((name) => name.toUpperCase()));
    for (const name of [...SUITES.values(), ...TLS13_SUITES]) expect(known).toContain(name);
  });
});

describe.skipIf(skip)('an orderly end', () => {
  test('finishes HTTP/2 streams under way, refuses new ones, and ends idle ones and handshakes', async () => {
    const { scrapes, waiting, release } = held('x'.repeat(4 * 2 ** 20));
    const { url, listeners } = await serveSecured(tlsFile(), { scrapes });
    const busy = session(url);
    const answer = askHttp2(busy, '/metrics');
    const idle = session(url);
    expect((await askHttp2(idle, '/-/healthy')).status).toBe(200);
    const silent = await rawClient(url);
    const half = await rawClient(url);
    half.socket.write('\u0016\u0003\u0001\u0002\0\u0001', 'latin1');
    const kept = connect(options(url));
    await once(kept, 'secureConnect');
    await until(() => waiting.length === 1);
    const closed = listeners.close(1_000_000);
    await Promise.all([gone(idle), gone(kept), silent.closed, half.closed]);
    release();
    const got = await answer;
    expect([got.status, got.text.length]).toStrictEqual([200, 4 * 2 ** 20]);
    await closed;
  });

  test('destroys after the grace what does not end', async () => {
    const { scrapes, waiting } = held();
    const { url, listeners } = await serveSecured(tlsFile(), { scrapes });
    const client = session(url);
    const answer = askHttp2(client, '/metrics');
    await until(() => waiting.length === 1);
    await listeners.close(10);
    expect((await answer).status).toBeUndefined();
  });
});
