// Real sockets and real bcrypt: who gets in by a password, on which paths, and what strangers cost.
import { hash } from '@node-rs/bcrypt';
import { beforeAll, describe, expect, test } from 'vitest';
import { Passwords } from '../../../src/web-config/passwords.ts';
import { ask, rawClient, until } from './raw-client.ts';
import { serveSecured } from './secured.ts';
import { held } from './serving.ts';

const PATHS = ['/metrics', '/', '/nothing', '/healthz', '/-/healthy', '/-/ready', '/%zz', '*'];
let users: string;
let hashes: readonly string[];

beforeAll(async () => {
  // Cost 4 is the least: what is tested is not bcrypt.
  hashes = await Promise.all(
    ['$2a$', '$2b$', '$2y$'].map(async (version) =>
      (await hash('open sesame', 4)).replace('$2b$', () => version),
    ),
  );
  const lines = hashes.map((one, i) => `  user${i}: ${one}\n`);
  users = `basic_auth_users:\n${lines.join('')}  'jürgen': ${await hash('päss:wörd', 4)}\n`;
});

const basic = (name: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString('base64')}\r\nConnection: close\r\n`;

describe('with users', () => {
  test('every path asks for a password, whatever the method', async () => {
    const { url } = await serveSecured(users);
    for (const path of PATHS) {
      const got = await ask(url, path);
      expect([path, got]).toStrictEqual([path, expect.stringMatching(/^HTTP\/1\.1 401 /)]);
      expect(got).toMatch(/www-authenticate: Basic\r\n/i);
      expect(got).toMatch(/unauthorized\n$/);
    }
    const client = await rawClient(url);
    client.socket.write('POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    await client.closed;
    expect(client.received()).toMatch(/^HTTP\/1\.1 401 [^]*connection: close/i);
  });

  test('$2a$, $2b$ and $2y$ let in who knows the password', async () => {
    const { url } = await serveSecured(users);
    for (const name of ['user0', 'user1', 'user2']) {
      expect(await ask(url, '/metrics', basic(name, 'open sesame'))).toMatch(/200 OK/);
      expect(await ask(url, '/metrics', basic(name, 'open sesame'))).toMatch(/200 OK/);
      for (const wrong of ['open sesame ', 'Open sesame', '', 'x'.repeat(80)]) {
        expect(await ask(url, '/metrics', basic(name, wrong))).toMatch(/ 401 /);
        expect(await ask(url, '/metrics', basic(name, wrong))).toMatch(/ 401 /);
      }
    }
    expect(await ask(url, '/metrics', basic('jürgen', 'päss:wörd'))).toMatch(/200 OK/);
    for (const name of ['nobody', '', '__proto__', 'constructor', 'user0:user1']) {
      expect(await ask(url, '/metrics', basic(name, 'open sesame'))).toMatch(/ 401 /);
    }
  });

  test.each([
    'Basic',
    'Basic ',
    'Basic !!!!',
    'Basic dXNlcjA=',
    'Bearer dXNlcjA6b3BlbiBzZXNhbWU=',
    'Basic dXNlcjA6b3BlbiBzZXNhbWU= x',
    `Basic ${'QUFB'.repeat(2000)}`,
    'dXNlcjA6b3BlbiBzZXNhbWU=',
  ])('%s is no password', async (header) => {
    const { url } = await serveSecured(users);
    const headers = `Authorization: ${header}\r\nConnection: close\r\n`;
    expect(await ask(url, '/metrics', headers)).toMatch(/ 401 /);
  });

  test('the health paths, and only they, may be left open', async () => {
    const { url } = await serveSecured(users, { healthUnprotected: true });
    for (const path of ['/healthz', '/-/healthy', '/-/ready', '/-/healthy?x']) {
      expect(await ask(url, path)).toMatch(/200 OK/);
    }
    for (const path of [
      '/metrics',
      '/',
      '/page/main.js',
      '/api/v1/summary',
      '/healthz/',
      '/healthz/../metrics',
      '/nothing',
      '//healthz',
    ]) {
      expect(await ask(url, path)).toMatch(/ 401 /);
    }
  });

  test('the headers of the file are on every answer', async () => {
    const headers = ['Strict-Transport-Security: max-age=1', 'X-Frame-Options: deny'];
    const file = `${users}http_server_config:\n  headers:\n    ${headers.join('\n    ')}\n`;
    const { url } = await serveSecured(file, { healthUnprotected: true });
    for (const path of ['/metrics', '/healthz', '/nothing']) {
      const got = (await ask(url, path)).toLowerCase();
      for (const header of headers) expect(got).toContain(header.toLowerCase());
    }
  });

  test('who is not let in takes no place of a scrape', async () => {
    const { scrapes, waiting, release } = held();
    const { url } = await serveSecured(users, { scrapes, maxRequests: 1 });
    for (let i = 0; i < 5; i++) expect(await ask(url, '/metrics')).toMatch(/ 401 /);
    const scraped = ask(url, '/metrics', basic('user0', 'open sesame'));
    await until(() => waiting.length === 1);
    release();
    expect(await scraped).toMatch(/200 OK/);
  });
});

describe('checking passwords', () => {
  const header = (name: string, password: string): string =>
    `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const one = (): ReadonlyMap<string, string> => new Map([['user', hashes[0] ?? '']]);

  test('a result is remembered, right or wrong, and forgotten when the hash changes', async () => {
    const passwords = new Passwords();
    const all = one();
    for (const [name, password, verdict] of [
      ['user', 'open sesame', 'yes'],
      ['user', 'wrong', 'no'],
      ['nobody', 'open sesame', 'no'],
    ] as const) {
      const first = passwords.check(header(name, password), all);
      // A promise is work on another thread; what is remembered is there at once.
      expect(first).toBeInstanceOf(Promise);
      expect(await first).toBe(verdict);
      expect(passwords.check(header(name, password), all)).toBe(verdict);
    }
    const changed = new Map([['user', await hash('other', 4)]]);
    expect(await passwords.check(header('user', 'open sesame'), changed)).toBe('no');
    expect(passwords.check(header('user', 'open sesame'), new Map())).not.toBe('yes');
  });

  test('guesses neither queue without end nor push out whom we know', async () => {
    const passwords = new Passwords();
    const all = one();
    expect(await passwords.check(header('user', 'open sesame'), all)).toBe('yes');
    let busy = 0;
    const asked: Promise<string>[] = [];
    for (let i = 0; i < 500; i++) {
      const verdict = passwords.check(header('user', `guess ${i}`), all);
      if (verdict === 'busy') busy++;
      else if (typeof verdict !== 'string') asked.push(verdict);
      expect(passwords.check(header('user', 'open sesame'), all)).toBe('yes');
    }
    expect(asked.length).toBe(64);
    expect(busy).toBe(500 - 64);
    expect(new Set(await Promise.all(asked))).toStrictEqual(new Set(['no']));
    for (let i = 0; i < 300; i++) {
      expect(await passwords.check(header('user', `later ${i}`), all)).toBe('no');
    }
    expect(passwords.check(header('user', 'open sesame'), all)).toBe('yes');
  });

  test('the same password asked for many times at once is checked once', async () => {
    const passwords = new Passwords();
    const all = one();
    const asked = Array.from({ length: 200 }, () => passwords.check(header('user', 'x'), all));
    expect(new Set(asked).size).toBe(1);
    expect(await asked[0]).toBe('no');
  });
});

describe('rate_limit', () => {
  test('holds back what is beyond the burst, whoever asks', async () => {
    const { url } = await serveSecured('rate_limit: {interval: 1h, burst: 3}\n');
    const answers: string[] = [];
    for (let i = 0; i < 5; i++) answers.push((await ask(url, '/metrics')).slice(9, 12));
    expect(answers).toStrictEqual(['200', '200', '200', '429', '429']);
  });
});
