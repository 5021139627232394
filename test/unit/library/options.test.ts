// What open() refuses, and how a connector ends that cannot go on. No privilege: nothing here reaches the kernel's feed.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ProcConnector, type EventKind, type ProcConnectorOptions } from '../../../src/index.ts';
import { eventTypes, kernelFilters } from '../../../src/library/sources.ts';
import { DatagramPair } from '../../harness/datagram-pair.ts';
import { root } from '../../harness/programs.ts';

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

test('a source that fails ends the iteration with an error that names why', () => {
  // A process of its own: the descriptor belongs to Node's server and to the connector.
  const script = `
    import { createServer } from 'node:net';
    import { ProcConnector } from 'procevents-exporter';
    const server = createServer().listen(0, '127.0.0.1', async () => {
      const connector = await ProcConnector.open({ fd: server._handle.fd });
      try {
        for await (const event of connector) console.log(event);
      } catch ({ name, code, message }) {
        console.log(name, code, message);
      }
      try { connector.read(); } catch ({ code }) { console.log(code); }
      process.exit();
    });
  `;
  const args = ['--input-type=module', '-e', script];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(run.stdout).toBe(
    'ExporterError PROCEVENTS_COLLECTOR_DIED the source of process events has failed (ENOTCONN)\nPROCEVENTS_COLLECTOR_DIED\n',
  );
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
