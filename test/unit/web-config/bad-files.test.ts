// What is wrong with a web file is one clear line with a stable code that names file, key and what is allowed, and holds no secret.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ExporterError, oneLine } from '../../../src/errors.ts';
import { checkWebConfig } from '../../../src/web-config/summary.ts';
import { hasOpenssl, makeCertificates } from '../http/certificates.ts';
import { folder, write } from '../http/secured.ts';

const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const SECRET = 'hunter2hunter2';

const skip = !hasOpenssl && process.env['PROCEVENTS_REQUIRE_ALL'] !== '1';
if (skip) process.stdout.write('skipped: tests of certificates in web files need openssl\n');
// Root may read everything.
const root = process.getuid?.() === 0;
if (root)
  process.stdout.write('skipped: a web file that may not be read needs a user other than root\n');
const made = skip ? undefined : makeCertificates();
afterAll(() => made?.remove());

async function failure(path: string): Promise<{ readonly code: string; readonly line: string }> {
  const error: unknown = await checkWebConfig(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ExporterError)) throw new Error(`no ExporterError: ${String(error)}`);
  const line = oneLine(error);
  expect(line).not.toContain('\n');
  expect(line).not.toContain(SECRET);
  expect(line).not.toContain(HASH.slice(10));
  expect(line).not.toContain('PRIVATE');
  return { code: error.code, line };
}

async function failureOf(text: string) {
  const file = join(folder(), 'web.yml');
  write(file, text);
  const found = await failure(file);
  expect(found.line).toContain(file);
  return found;
}

describe('a file', () => {
  test('that is not there, a directory, a FIFO or a device, is named', async () => {
    const at = folder();
    const fifo = join(at, 'fifo');
    spawnSync('mkfifo', [fifo]);
    for (const [path, why] of [
      [join(at, 'nothing.yml'), 'there is no such file'],
      [at, 'is a directory'],
      [fifo, 'is no regular file'],
      ['/dev/zero', 'is no regular file'],
      [join(fifo, 'x'), 'there is no such file'],
    ] as const) {
      const { code, line } = await failure(path);
      expect(code).toBe('PROCEVENTS_WEB_CONFIG_FILE');
      expect(line).toContain(`"${path}"`);
      expect(line).toContain(why);
    }
  });

  test('of 10 MB is refused without being read', async () => {
    const { code, line } = await failureOf(`# ${'x'.repeat(10_000_000)}\n`);
    expect([code, /larger than 1048576 bytes/.test(line)]).toStrictEqual([
      'PROCEVENTS_WEB_CONFIG_FILE',
      true,
    ]);
  });

  test.skipIf(root)('that this user may not read says so', async () => {
    const file = join(folder(), 'web.yml');
    writeFileSync(file, '{}\n');
    chmodSync(file, 0);
    expect((await failure(file)).line).toContain('permission denied');
  });

  test.each([
    ['a: b: c', 1],
    ['tls_server_config:\n\tcert_file: x', 2],
    ['basic_auth_users:\n  alice: [', 2],
    [`basic_auth_users:\n  alice: "${SECRET}`, 2],
    [`- *nothing\n`, 1],
    [`basic_auth_users:\n  alice: ${HASH}\n ${SECRET}: x\n`, 3],
    [`---\n{}\n---\n{}\n`, 3],
    [`basic_auth_users: !secret ${SECRET}\n`, 1],
    ['\0\u0001\u0002', 1],
  ])('that is no YAML says where: %j', async (text, line) => {
    const found = await failureOf(text);
    expect(found.code).toMatch(/^PROCEVENTS_WEB_CONFIG_(YAML|VALUE)$/);
    expect(found.line).toContain(`line ${line}`);
  });

  test('with a key twice names the key', async () => {
    const { code, line } = await failureOf(
      `basic_auth_users:\n  alice: ${HASH}\n  alice: ${HASH}\n`,
    );
    expect(code).toBe('PROCEVENTS_WEB_CONFIG_YAML');
    expect(line).toMatch(/line 3.*the key "alice" stands twice/);
  });
});

describe('a key', () => {
  test.each([
    ['tls_config: {}', 'tls_config is not known; did you mean tls_server_config?'],
    ['basic_auth_user: {}', 'did you mean basic_auth_users?'],
    ['tls_server_config:\n  certfile: x', 'did you mean cert_file?'],
    ['http_server_config:\n  htpp2: true', 'Allowed in http_server_config: http2, headers'],
    ['http_server_config:\n  headers:\n    X-Foo: x', 'did you mean'],
    ['http_server_config:\n  headers:\n    x-frame-options: deny', 'X-Frame-Options'],
    ['rate_limit:\n  bursts: 1', 'did you mean burst?'],
    ['<<: {}', '"<<" is not known'],
    ['__proto__: {}', '__proto__ is not known'],
  ])('that is not known names the nearest: %j', async (text, expected) => {
    const { code, line } = await failureOf(text);
    expect(code).toBe('PROCEVENTS_WEB_CONFIG_KEY');
    expect(line).toContain(expected);
  });
});

describe('a value', () => {
  const tls = 'tls_server_config:\n  cert_file: a\n  key_file: b\n  ';
  test.each([
    ['just text', 'the file takes a mapping'],
    ['[]', 'the file takes a mapping'],
    ['tls_server_config: yes', 'tls_server_config takes a mapping'],
    ['basic_auth_users: [alice]', 'basic_auth_users takes a mapping'],
    [`basic_auth_users:\n  alice: ${SECRET}`, 'basic_auth_users.alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice: [${SECRET}]`, 'alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice:`, 'alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice: ${HASH}x`, 'alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice: ${HASH.slice(0, -1)}`, 'alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice: ${HASH.replace('2y', '2x')}`, 'alice takes a bcrypt hash'],
    [`basic_auth_users:\n  alice: ${HASH.replace('$10$', '$31$')}`, 'of cost 4 to 18'],
    [`basic_auth_users:\n  alice: ${HASH.replace('$10$', '$03$')}`, 'of cost 4 to 18'],
    [`basic_auth_users:\n  "al:ice": ${HASH}`, 'has a colon'],
    ['http_server_config:\n  http2: maybe', 'http_server_config.http2 takes true or false'],
    ['http_server_config:\n  http2: "true"', 'http2 takes true or false'],
    ['http_server_config:\n  http2: 1', 'http2 takes true or false'],
    ['http_server_config:\n  headers:\n    X-Frame-Options: allow', 'one of deny, sameorigin'],
    ['http_server_config:\n  headers:\n    X-Content-Type-Options: x', 'one of nosniff'],
    ['http_server_config:\n  headers:\n    X-XSS-Protection: [1]', 'X-XSS-Protection takes a text'],
    ['http_server_config:\n  headers:\n    X-XSS-Protection: "a\\r\\nb"', 'takes one line'],
    ['rate_limit:\n  interval: 5', 'rate_limit.interval does not take "5"'],
    ['rate_limit:\n  interval: 1s', 'rate_limit.burst takes a whole number from 1'],
    ['rate_limit:\n  interval: 1s\n  burst: 0', 'rate_limit.burst takes a whole number from 1'],
    ['rate_limit:\n  interval: -1s\n  burst: 1', 'does not take "-1s"'],
    [`${tls}min_version: TLS14`, 'allowed is one of TLS10, TLS11, TLS12, TLS13'],
    [`${tls}min_version: TLS13\n  max_version: TLS12`, 'is TLS13, above max_version'],
    [`${tls}client_auth_type: Always`, 'allowed is one of NoClientCert'],
    [`${tls}client_ca_file: c`, 'client_auth_type is NoClientCert beside a client CA'],
    [`${tls}client_allowed_sans: [x]`, 'needs a client_auth_type'],
    [`${tls}client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []`, 'at least one'],
    [`${tls}client_allowed_sans: x`, 'client_allowed_sans takes a list'],
    [`${tls}cipher_suites: [TLS_ROT13]`, 'cipher_suites.1 does not take "TLS_ROT13"'],
    [`${tls}cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]`, 'for HTTP/2'],
    [`${tls}max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]`, 'none that TLS12 can'],
    [`${tls}curve_preferences: [P-256]`, 'CurveP256'],
    [`${tls}cert: x`, 'give cert_file or cert, not both'],
    [`${tls}key: ${SECRET}`, 'give key_file or key, not both'],
    ['tls_server_config:\n  cert_file: a', 'has no key'],
    ['tls_server_config:\n  key_file: a', 'has no certificate'],
    ['tls_server_config:\n  min_version: TLS13', 'has no certificate'],
    ['tls_server_config:\n  cert_file:\n  key_file: ~', 'has no certificate'],
  ])('that is not allowed: %j', async (text, expected) => {
    const { code, line } = await failureOf(text);
    expect(code).toBe('PROCEVENTS_WEB_CONFIG_VALUE');
    expect(line).toContain(expected);
  });

  test.each([
    '',
    '# nothing\n',
    '{}',
    'tls_server_config: {}',
    'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n',
    `basic_auth_users: {alice: ${HASH}, 123: &a ${HASH}, on: *a}`,
    'http_server_config: {http2: no, headers: {X-Frame-Options: ""}}',
    'rate_limit: {interval: 0, burst: 5}',
  ])('that the toolkit takes is taken: %j', async (text) => {
    const file = join(folder(), 'web.yml');
    write(file, text);
    await expect(checkWebConfig(file)).resolves.toBeDefined();
  });
});

describe.skipIf(skip)('certificates', () => {
  const at = () => {
    if (made === undefined) throw new Error('no certificates');
    return made;
  };
  const file = (cert: string, key: string, more = ''): string =>
    `tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n${more}`;

  test('are found beside the web file, and described without the key', async () => {
    const path = at().path('web.yml');
    write(path, `${file('server.crt', 'server.key')}basic_auth_users: {alice: ${HASH}}\n`);
    const summary = await checkWebConfig(path);
    expect(summary).toMatchObject({ users: ['alice'], http2: true, authentication: true });
    expect(summary.tls).toMatch(/^TLSv1\.2 to TLSv1\.3, certificate for DNS:localhost/);
    expect(JSON.stringify(summary)).not.toMatch(/PRIVATE|\$2y\$/);
  });

  test('that have expired are served with a warning, as the toolkit does', async () => {
    const path = at().path('web.yml');
    write(path, file('expired.crt', 'expired.key'));
    expect((await checkWebConfig(path)).warnings).toStrictEqual([
      expect.stringMatching(/^the certificate \("DNS:localhost.*"\) expired at 20/),
    ]);
  });

  test.each([
    ['server.crt', 'client.key', '', 'key_file "client.key" does not belong to the certificate'],
    ['server.key', 'server.key', '', 'cert_file "server.key" holds no PEM certificate'],
    ['server.crt', 'server.crt', '', 'key_file "server.crt" holds no PEM private key'],
    ['server.crt', 'locked.key', '', 'without a passphrase'],
    ['broken.crt', 'server.key', '', 'holds a certificate that cannot be read'],
    ['nothing.crt', 'server.key', '', 'nothing.crt" cannot be read: there is no such file'],
    ['folder', 'server.key', '', 'folder" is a directory'],
    ['server.crt', 'large.key', '', 'large.key" is larger than'],
    [
      'server.crt',
      'server.key',
      '  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.key\n',
      'client_ca_file "server.key" holds no PEM certificate',
    ],
  ])('cert_file %s, key_file %s%s', async (cert, key, more, expected) => {
    const { path, text } = at();
    mkdirSync(path('folder'), { recursive: true });
    writeFileSync(path('large.key'), 'x'.repeat(2_000_000));
    writeFileSync(
      path('broken.crt'),
      text('server.crt').replaceAll(/^M.{20}/gm, 'MIIAAAAAAAAAAAAAAAAAA'),
    );
    const words = ['pkcs8', '-topk8', '-v2', 'aes128', '-passout', 'pass:x'];
    const io = ['-in', path('server.key'), '-out', path('locked.key')];
    spawnSync('openssl', [...words, ...io]);
    write(path('web.yml'), file(cert, key, more));
    const found = await failure(path('web.yml'));
    expect(found.code).toMatch(/^PROCEVENTS_WEB_CONFIG_(CERTIFICATE|FILE)$/);
    expect(found.line).toContain(path('web.yml'));
    expect(found.line).toContain(expected);
  });
});
