// What open() refuses, and how a connector ends that cannot go on. No privilege: nothing here reaches the kernel's feed.
import { closeSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import {
  ProcConnector,
  type EventKind,
  type ProcConnectorOptions,
  type ProcEvent,
} from '../../../src/index.ts';
import { eventTypes, kernelFilters } from '../../../src/library/sources.ts';
import { DatagramPair } from '../../harness/datagram-pair.ts';
import { message } from './datagrams.ts';

const option = (text: string): unknown =>
  expect.objectContaining({ code: 'PROCEVENTS_OPTION', message: expect.stringContaining(text) });

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
