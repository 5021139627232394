// Single values: each reader takes what it says and nothing beside it.
import { describe, expect, test } from 'vitest';
import { listenAddress } from '../../../src/config/listen-address.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { telemetryPath } from '../../../src/config/telemetry-path.ts';
import { NotAllowed, bytes, integer, powerOfTwo } from '../../../src/config/values.ts';

describe('a size', () => {
  const read = bytes('4KiB', '1GiB');

  test.each([
    ['65536', 65_536],
    ['65536B', 65_536],
    ['64KiB', 65_536],
    ['64kB', 64_000],
    ['64MiB', 67_108_864],
    ['64MB', 64_000_000],
    ['4KiB', 4096],
    ['1GiB', 2 ** 30],
  ])('%s is %i bytes', (text, size) => expect(read(text)).toBe(size));

  test.each([
    '4095',
    '1073741825',
    '2GiB',
    '64mib',
    '64 MiB',
    '-64MiB',
    '1.5MiB',
    'MiB',
    '1e6',
    '64MiBs',
    '9999999999999999999',
    '64constructor',
    '0x1000',
    '',
  ])('%s is refused', (text) => expect(() => read(text)).toThrow(NotAllowed));
});

describe('a whole number', () => {
  const read = integer({ min: 1, max: 1_000_000 });

  test.each([
    ['1', 1],
    ['1000', 1000],
    ['1000000', 1_000_000],
  ])('%s is taken', (text, number) => expect(read(text)).toBe(number));
  test.each([
    '0',
    '1000001',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    ' 1',
    '1_000',
    'NaN',
    'Infinity',
    '١',
  ])('%s is refused', (text) => expect(() => read(text)).toThrow('from 1 to 1000000'));
});

describe('a power of two', () => {
  const read = powerOfTwo({ min: 256, max: 4_194_304 });

  test.each([
    ['256', 256],
    ['131072', 131_072],
    ['4194304', 4_194_304],
  ])('%s is taken', (text, number) => expect(read(text)).toBe(number));
  test.each(['0', '1', '128', '257', '131071', '131073', '8388608', '-256'])(
    '%s is refused',
    (text) => expect(() => read(text)).toThrow('a power of two from 256 to 4194304'),
  );
});

describe('a listen address', () => {
  test.each([
    [':11011', { kind: 'tcp', port: 11_011 }],
    [':0', { kind: 'tcp', port: 0 }],
    ['127.0.0.1:9', { kind: 'tcp', host: '127.0.0.1', port: 9 }],
    ['localhost:65535', { kind: 'tcp', host: 'localhost', port: 65_535 }],
    ['a-b.example.org:80', { kind: 'tcp', host: 'a-b.example.org', port: 80 }],
    ['[::1]:80', { kind: 'tcp', host: '::1', port: 80 }],
    ['[::]:80', { kind: 'tcp', host: '::', port: 80 }],
    ['[fe80::1%eth0]:80', { kind: 'tcp', host: 'fe80::1%eth0', port: 80 }],
    ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['unix:/run/a:b', { kind: 'unix', path: '/run/a:b' }],
    [`unix:/${'x'.repeat(106)}`, { kind: 'unix', path: `/${'x'.repeat(106)}` }],
  ])('%s is taken', (text, address) => expect(listenAddress(text)).toStrictEqual(address));

  test.each([
    ['11011', /with a port/],
    ['localhost', /with a port/],
    ['localhost:', /with a port/],
    ['', /with a port/],
    ['::1', /brackets/],
    ['2001:db8::5', /brackets/],
    ['::1:x', /port/],
    ['fe80::zz:80', /brackets/],
    ['[::1]', /port/],
    ['[::1]:', /with a port/],
    ['[127.0.0.1]:80', /allowed is/],
    ['[::g]:80', /brackets/],
    [':65536', /0 to 65535/],
    [':-1', /0 to 65535/],
    [':http', /0 to 65535/],
    [':000080', /0 to 65535/],
    ['999.1.1.1:80', /IP address or a host name/],
    ['127.1:80', /IP address or a host name/],
    ['*:80', /IP address or a host name/],
    ['-x:80', /IP address or a host name/],
    ['a b:80', /IP address or a host name/],
    ['a..b:80', /IP address or a host name/],
    [`${'a'.repeat(64)}:80`, /IP address or a host name/],
    ['http://localhost:80', /allowed is/],
    ['unix:', /absolute path/],
    ['unix:run/x.sock', /absolute path/],
    ['unix:/run/', /absolute path/],
    [`unix:/${'x'.repeat(107)}`, /107 bytes/],
    [`unix:/${'é'.repeat(54)}`, /107 bytes/],
  ])('%s is refused with a reason', (text, reason) =>
    expect(() => listenAddress(text)).toThrow(reason),
  );
});

describe('a telemetry path', () => {
  test.each(['/metrics', '/a/b-c_d.e~f', '/metrics2', '/healthz/metrics', '/pages', '/...'])(
    '%s is taken',
    (path) => expect(telemetryPath(path)).toBe(path),
  );
  test.each([
    '',
    '/',
    'metrics',
    '/healthz',
    '/-/healthy',
    '/-/ready',
    '/api/v1/summary',
    '/page/main.js',
    '/metrics?x=1',
    '/metrics#x',
    '/a//b',
    '/metrics/',
    '/../metrics',
    '/a/.',
    '/:name',
    '/*',
    '/a%20b',
    '/a b',
    '/ä',
    `/${'x'.repeat(255)}`,
  ])('%s is refused', (path) => expect(() => telemetryPath(path)).toThrow(NotAllowed));
});

describe('the nearest name', () => {
  test.each([
    ['log.levle', 'log.level'],
    ['LOG.LEVEL', 'log.level'],
    ['loglevel', 'log.level'],
    ['log.form', 'log.format'],
    ['web.listen-adress', 'web.listen-address'],
  ])('of %s is %s', (word, name) =>
    expect(nearest(word, ['pairs.max', 'log.format', 'log.level', 'web.listen-address'])).toBe(
      name,
    ),
  );

  test('a swap of neighbours is one edit, so it beats a name that is two edits away', () => {
    expect(nearest('ab', ['cd', 'ba'])).toBe('ba');
    expect(nearest('abcd', ['axyd', 'bacd'])).toBe('bacd');
    expect(nearest('abcd', ['axcdd', 'bacd'])).toBe('bacd');
  });
});
