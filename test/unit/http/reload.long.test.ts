// A web file that changes while it is served: what is good is taken, what is broken leaves the former in force.
import { copyFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { hash } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasOpenssl, makeCertificates } from './certificates.ts';
import { ask, rawClient, until } from './raw-client.ts';
import { folder, serveSecured, write } from './secured.ts';
import { portOf } from './serving.ts';

const skip = !hasOpenssl && process.env['PROCEVENTS_REQUIRE_ALL'] !== '1';
if (skip) process.stdout.write('skipped: tests of changing certificates need openssl\n');
const made = skip ? undefined : makeCertificates();
afterAll(() => made?.remove());

let first: string;
let second: string;
beforeAll(async () => {
  const user = async (password: string): Promise<string> =>
    `basic_auth_users:\n  user: ${await hash(password, 4)}\n`;
  first = await user('first');
  second = await user('second');
});

const basic = (password: string): string =>
  `Authorization: Basic ${Buffer.from(`user:${password}`).toString('base64')}\r\nConnection: close\r\n`;

async function works(url: string, password: string): Promise<boolean> {
  return (await ask(url, '/metrics', basic(password))).includes(' 200 ');
}

describe('a web file that changes', () => {
  test('is taken with a later request, without a signal', async () => {
    const { url, web, lines, rewrite } = await serveSecured(first);
    expect(await works(url, 'first')).toBe(true);
    rewrite(second);
    await until(() => works(url, 'second'));
    expect(await works(url, 'first')).toBe(false);
    expect(lines.map(({ message }) => message)).toContain('web configuration read anew');
    expect(web.check().status).toBe('ok');
  });

  test('is taken at once when told so, and only then said to be', async () => {
    const { url, web, lines, rewrite } = await serveSecured(first);
    await web.reload();
    expect(lines).toStrictEqual([]);
    rewrite(second);
    await Promise.all([web.reload(), web.reload(), web.reload()]);
    expect(await works(url, 'second')).toBe(true);
    expect(lines.length).toBe(1);
  });

  test.each([
    ['users: {}\n', 'users is not known'],
    ['basic_auth_users: {user: secret}\n', 'takes a bcrypt hash'],
    ['basic_auth_users: [\n', 'not valid YAML'],
    ['', 'is empty'],
    [undefined, 'there is no such file'],
  ])('into %j leaves the former in force, and is shown until it is mended', async (text, why) => {
    const { url, web, file, lines, rewrite } = await serveSecured(first);
    if (text === undefined) rmSync(file);
    else rewrite(text);
    await until(async () => {
      await works(url, 'first');
      return web.check().status === 'degraded';
    });
    expect(web.check().detail).toContain(why);
    expect(web.check().detail).not.toContain('secret');
    expect(await works(url, 'first')).toBe(true);
    const [line] = lines;
    expect(line?.level).toBe('error');
    expect(JSON.stringify(line?.fields)).toContain(why);
    rewrite(second);
    await web.reload();
    expect(web.check().status).toBe('ok');
    expect(await works(url, 'second')).toBe(true);
  });

  test('does not turn TLS on in the middle', async () => {
    const { url, web, rewrite } = await serveSecured(first);
    if (made === undefined) return;
    rewrite(
      `tls_server_config: {cert_file: ${made.path('server.crt')}, key_file: ${made.path('server.key')}}\n`,
    );
    await web.reload();
    expect(web.check()).toStrictEqual({
      status: 'degraded',
      detail: expect.stringContaining('turns TLS on, which takes a restart') as string,
    });
    expect(await works(url, 'first')).toBe(true);
  });

  test('that is being written is looked at again when it is done', async () => {
    const { url, file, web } = await serveSecured(first);
    // Just now: half of it may be missing.
    writeFileSync(file, '{}\n');
    const now = Date.now() / 1000 + 3600;
    utimesSync(file, now, now);
    writeFileSync(file, second);
    await until(() => works(url, 'second'));
    expect(web.check().status).toBe('ok');
  });
});

describe.skipIf(skip)('a certificate that changes', () => {
  const at = () => {
    if (made === undefined) throw new Error('no certificates');
    return made;
  };

  /** A folder of its own with server.crt and server.key, to be changed. */
  function copied() {
    const own = folder();
    const put = (name: string, as = 'server'): void => {
      for (const kind of ['crt', 'key']) {
        copyFileSync(at().path(`${name}.${kind}`), join(own, `new.${kind}`));
        const then = Date.now() / 1000 - 60;
        utimesSync(join(own, `new.${kind}`), then, then);
        renameSync(join(own, `new.${kind}`), join(own, `${as}.${kind}`));
      }
    };
    put('server');
    const text = `tls_server_config:\n  cert_file: ${own}/server.crt\n  key_file: ${own}/server.key\n`;
    return { own, put, text };
  }

  async function dial(url: string, more: object = {}): Promise<TLSSocket> {
    const socket = connect({
      host: '127.0.0.1',
      port: portOf(url),
      servername: 'localhost',
      ca: at().text('ca.crt'),
      ...more,
    });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  }

  async function serial(url: string): Promise<string> {
    const socket = await dial(url);
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }

  test('is served to later connections; one that is open gets its answer and ends', async () => {
    const { put, text } = copied();
    const { url, web } = await serveSecured(text);
    const before = await serial(url);
    const open = await dial(url);
    put('renewed');
    await until(async () => (await serial(url)) !== before);
    expect(web.check().status).toBe('ok');
    let got = '';
    open.on('data', (chunk: Buffer) => (got += chunk.toString()));
    open.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(open, 'close');
    expect(got).toMatch(/200 OK[^]*connection: close/i);
  });

  test.each([
    ['expired', 'expired at'],
    ['mismatched', 'does not belong to the certificate'],
    ['missing', 'there is no such file'],
    ['rubbish', 'holds no PEM certificate'],
  ])('into one that is %s leaves the former in force', async (how, why) => {
    const { own, put, text } = copied();
    const { url, web } = await serveSecured(text);
    const before = await serial(url);
    if (how === 'expired') put('expired');
    if (how === 'mismatched') copyFileSync(at().path('client.key'), join(own, 'server.key'));
    if (how === 'missing') rmSync(join(own, 'server.crt'));
    if (how === 'rubbish') write(join(own, 'server.crt'), 'rubbish');
    await web.reload();
    expect(web.check().status).toBe('degraded');
    expect(web.check().detail).toContain(why);
    expect(await serial(url)).toBe(before);
    put('renewed');
    await until(async () => (await serial(url)) !== before);
    expect(web.check().status).toBe('ok');
  });

  test('that has expired at the start is served, and shown', async () => {
    const { put, text } = copied();
    put('expired');
    const { web, lines } = await serveSecured(text);
    expect(lines).toStrictEqual([expect.objectContaining({ level: 'warn' })]);
    expect(web.check()).toMatchObject({ status: 'degraded' });
  });

  test('of the CA: who came in by the former one gets nothing more', async () => {
    const { own, text } = copied();
    copyFileSync(at().path('ca.crt'), join(own, 'ca.crt'));
    const more = `  client_ca_file: ${own}/ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n`;
    const { url, web } = await serveSecured(text + more);
    const client = { cert: at().text('client.crt'), key: at().text('client.key') };
    const open = await dial(url, client);
    open.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(open, 'data');
    copyFileSync(at().path('other-ca.crt'), join(own, 'ca.crt'));
    await web.reload();
    let got = '';
    open.on('data', (chunk: Buffer) => (got += chunk.toString()));
    open.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(open, 'close');
    expect(got).toBe('');
    // What is no TLS is still answered.
    const plain = await rawClient(url);
    plain.socket.write('GET / HTTP/1.0\r\n\r\n');
    await plain.closed;
    expect(plain.received()).toMatch(/speaks TLS/);
  });
});
