// What open() refuses, and how a connector ends that cannot go on. No privilege: nothing here reaches the kernel's feed.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import {
  openSocket,
  ProcConnector,
  subscribe,
  unsubscribe,
  type EventKind,
  type EventsOptions,
  type ProcConnectorOptions,
  type ProcEvent,
} from '../../../src/index.ts';
import { eventTypes, kernelFilters } from '../../../src/library/sources.ts';
import { DatagramPair } from '../../harness/datagram-pair.ts';
import { message } from './datagrams.ts';

const option = (text: string): unknown =>
  expect.objectContaining({ code: 'PROCEVENTS_OPTION', message: expect.stringContaining(text) });

const throwing = (text: string): unknown =>
  expect.objectContaining({
    name: 'ExporterError',
    code: 'PROCEVENTS_OPTION',
    message: expect.stringContaining(text),
  });

test.each<[string, unknown]>([
  ['argument of open() is no object but null', null],
  ['argument of open() is no object but 5', 5],
  ['argument of open() is no object but "x"', 'x'],
  ['argument of open() is no object but an array', []],
  ['option "filer" is unknown; the nearest is filter', { filer: ['exit'] }],
  ['option receiveBuffer', { receiveBuffer: '1000000' }],
  ['option ringSlots', { ringSlots: null }],
  ['option gather is not a number from 0 to 1000 but "5"', { gather: '5' }],
  ['option gather', { gather: null }],
  ['option gather', { gather: [] }],
  ['option gather', { gather: true }],
  ['option gather', { gather: Symbol('x') }],
  ['option attribute is neither true nor false but "no"', { attribute: 'no' }],
  ['option attribute', { attribute: 1 }],
  ['option filter is no array but null', { filter: null }],
  ['option filter', { filter: 5 }],
  ['option filter', { filter: {} }],
  ['option filter', { filter: 'exit' }],
  ['option filter is no array but object', { filter: new Set(['exit']) }],
  ['option filter has bigint', { filter: [1n] }],
  ['option filter has "exot", no kind; the nearest is exit', { filter: ['exot'] }],
  // An array with a hole.
  ['option filter has undefined', { filter: Array.from({ length: 1 }) }],
  ['option fd', { fd: '3' }],
  ['option fd', { fd: null }],
  ['option procfs', { procfs: 5 }],
  ['option procfs', { procfs: '' }],
  ['option procfs', { procfs: '/proc\0/1' }],
])('nonsense is refused by open(): %s', async (text, options) => {
  await expect(ProcConnector.open(options as ProcConnectorOptions)).rejects.toEqual(throwing(text));
});

test('nonsense is refused by every other call', async () => {
  const pair = new DatagramPair();
  const connector = await ProcConnector.open({ fd: pair.source });
  onTestFinished(async () => {
    await connector.close();
    pair[Symbol.dispose]();
  });
  const events = (options: unknown) => (): unknown => connector.events(options as EventsOptions);
  expect(events(null)).toThrow(throwing('argument of events()'));
  expect(events({ kinds: null })).toThrow(throwing('option kinds'));
  expect(events({ kinds: 'exit' })).toThrow(throwing('option kinds'));
  expect(events({ kinds: [] })).toThrow(throwing('option kinds'));
  expect(events({ kinds: [1n] })).toThrow(throwing('option kinds'));
  expect(events({ kind: ['exit'] })).toThrow(throwing('the nearest is kinds'));
  expect(events({ signal: 5 })).toThrow(throwing('option signal'));
  expect(events({ signal: new AbortController() })).toThrow(throwing('option signal'));
  for (const max of [Number.NaN, 'x', '5', null, {}, -1, 1.5]) {
    expect(() => connector.read(max as number)).toThrow(throwing('argument of read()'));
  }
  expect(() => openSocket(null as never)).toThrow(throwing('argument of openSocket()'));
  expect(() => openSocket({ gather: 1 } as never)).toThrow(throwing('nearest is receiveBuffer'));
  expect(() => subscribe('x' as never)).toThrow(throwing('argument fd'));
  expect(() => unsubscribe(undefined as never)).toThrow(throwing('argument fd'));
  expect(() => subscribe(1_000_000)).toThrow(throwing('argument fd is 1000000, which is no open'));
  expect(() => subscribe(connector.fd)).toThrow(throwing('which is no netlink socket'));
  expect(connector.read()).toEqual([]);
});

test.each<[string, (fd: number) => unknown]>([
  ['PROCEVENTS_OPTION', (fd) => ({ fd, gather: -1 })],
  ['PROCEVENTS_OPTION', (fd) => ({ fd, nope: 1 })],
  ['PROCEVENTS_PROCFS', (fd) => ({ fd, attribute: true, procfs: '/nowhere' })],
])('open() that rejects with %s has closed the socket that it was given', async (code, of) => {
  const pair = new DatagramPair();
  const open = ProcConnector.open(of(pair.source) as ProcConnectorOptions);
  await expect(open).rejects.toEqual(expect.objectContaining({ code }));
  expect(() => fstatSync(pair.source)).toThrow('EBADF');
  pair[Symbol.dispose]();
});

test('a procfs that is none is no matter where nobody asks for names', async () => {
  const pair = new DatagramPair();
  const connector = await ProcConnector.open({ fd: pair.source, procfs: '/nowhere' });
  pair.send(message({ kind: 'exec', data: [9, 9] }));
  for await (const event of connector) {
    expect(event.kind).toBe('exec');
    break;
  }
  await connector.close();
  pair[Symbol.dispose]();
});

test('what is no socket for a feed is refused and left open', async () => {
  const file = openSync('/dev/null', 'r');
  await expect(ProcConnector.open({ fd: file })).rejects.toEqual(throwing('option fd'));
  closeSync(file);
});

test.each<[string, ProcConnectorOptions]>([
  ['receiveBuffer', { receiveBuffer: 1 }],
  ['receiveBuffer', { receiveBuffer: Number.NaN }],
  ['ringSlots', { ringSlots: 1000 }],
  ['ringSlots', { ringSlots: 128 }],
  ['gather', { gather: -1 }],
  ['fd', { fd: -1 }],
  ['fd', { fd: 1_000_000 }],
  ['filter', { filter: [] }],
  ['filter', { filter: ['forks' as EventKind] }],
])('a bad %s is refused by name', async (name, options) => {
  await expect(ProcConnector.open(options)).rejects.toEqual(option(name));
});

test('a bad kind is refused, and the connector can be used', async () => {
  const pair = new DatagramPair();
  const connector = await ProcConnector.open({ fd: pair.source });
  expect(() => connector.events({ kinds: ['exits' as 'exit'] })).toThrow(
    expect.objectContaining({ code: 'PROCEVENTS_OPTION' }),
  );
  expect(connector.read()).toEqual([]);
  await connector.close();
  pair[Symbol.dispose]();
});

test('a procfs that is none ends open() with its code, and in the words of options', async () => {
  const pair = new DatagramPair();
  const open = ProcConnector.open({ fd: pair.source, procfs: '/nowhere', attribute: true });
  await expect(open).rejects.toEqual(
    expect.objectContaining({
      code: 'PROCEVENTS_PROCFS',
      remedy: expect.not.stringContaining('--'),
    }),
  );
  pair[Symbol.dispose]();
});

test('a stream is refused: a read of it gives no datagram', async () => {
  const pair = new DatagramPair('stream');
  await expect(ProcConnector.open({ fd: pair.source })).rejects.toEqual(option('option fd'));
  closeSync(pair.source);
  pair[Symbol.dispose]();
});

test('a connection that ends is given to its end, and then ends the iteration with an error', async () => {
  const pair = new DatagramPair('seqpacket');
  const connector = await ProcConnector.open({ fd: pair.source });
  onTestFinished(() => connector.close());
  for (let seq = 0; seq < 300; seq++) pair.send(message({ kind: 'sid', seq }));
  pair[Symbol.dispose]();
  const died = expect.objectContaining({
    name: 'ExporterError',
    code: 'PROCEVENTS_COLLECTOR_DIED',
    message: 'the source of process events has failed: its other end is closed (EPIPE)',
  });
  const taken: ProcEvent[] = [];
  await expect(
    (async () => {
      for await (const event of connector) taken.push(event);
    })(),
  ).rejects.toEqual(died);
  expect(taken).toHaveLength(300);
  expect(() => connector.read()).toThrow(died);
  expect(connector.stats().rejected.length).toBe(0);
});

test('the kernel filters from 6.6 on', () => {
  expect(['6.1.0-9-amd64', '6.5.13', '5.10.0'].map((release) => kernelFilters(release))).toEqual([
    false,
    false,
    false,
  ]);
  expect(['6.6.0', '6.18.44', '7.0.0-rc1'].map((release) => kernelFilters(release))).toEqual([
    true,
    true,
    true,
  ]);
  expect(eventTypes(['fork', 'exit'])).toBe(0x8000_0001);
});
