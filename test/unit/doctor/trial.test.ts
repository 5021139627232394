// What the doctor makes of each way in which a start can go wrong.
import { describe, expect, test } from 'vitest';
import {
  judgeConnector,
  judgeExecNames,
  judgeFeed,
  judgeReceiveBuffer,
  judgeTaskstats,
  told,
} from '../../../src/doctor/sources.ts';
import type { Trial } from '../../../src/doctor/trial.ts';
import { ExporterError } from '../../../src/errors.ts';

const MIB = 2 ** 20;

describe('the trial', () => {
  const granted = { value: { fd: 9, receiveBuffer: 128 * MIB }, ms: 0.2 };
  const trial: Trial = {
    connector: granted,
    exitRecords: granted,
    execNames: { value: [10, 11], ms: 0.1 },
    collector: { value: { events: 2, execNames: true }, ms: 0.1 },
  };
  const failed = (code: ConstructorParameters<typeof ExporterError>[0], errno = 1) =>
    ({ error: new ExporterError(code, 'it failed'), errno }) as const;
  const judged = (some: Partial<Trial>) => {
    const all = { ...trial, ...some };
    const checks = [
      judgeConnector(all),
      judgeReceiveBuffer(all, 64 * MIB),
      judgeFeed(all),
      judgeTaskstats(all),
      judgeExecNames(all, '2'),
    ];
    return Object.fromEntries(checks.map(({ name, status }) => [name, status]));
  };
  const OK = {
    connector: 'ok',
    receive_buffer: 'ok',
    feed: 'ok',
    taskstats: 'ok',
    exec_names: 'ok',
  };
  const small = { value: { fd: 9, receiveBuffer: 212_992 }, ms: 1 };

  test.each<[string, Partial<Trial>, Partial<Record<keyof typeof OK, string>>]>([
    ['all is there', {}, {}],
    ['both witnesses are turned off', { exitRecords: undefined, execNames: undefined }, {}],
    [
      'taskstats refuses',
      { exitRecords: failed('PROCEVENTS_TASKSTATS') },
      { taskstats: 'degraded' },
    ],
    ['perf refuses', { execNames: failed('PROCEVENTS_EXEC_NAMES') }, { exec_names: 'degraded' }],
    [
      'perf’s rings find no memory',
      { collector: { value: { events: 1, execNames: false }, ms: 1 } },
      { exec_names: 'degraded' },
    ],
    ['the buffer is smaller than asked', { connector: small }, { receive_buffer: 'degraded' }],
    [
      'no event comes',
      { collector: { value: { events: 0, execNames: true }, ms: 1001 } },
      { feed: 'failing' },
    ],
    [
      'the collector does not start',
      { collector: failed('PROCEVENTS_COLLECTOR_START') },
      { feed: 'failing' },
    ],
    [
      'no ack comes',
      { connector: failed('PROCEVENTS_CONNECTOR_NO_ACK'), collector: undefined },
      { connector: 'failing', receive_buffer: 'failing', feed: 'failing' },
    ],
    [
      'only the buffer is refused, after the ack',
      { connector: failed('PROCEVENTS_CONNECTOR_BUFFER'), collector: undefined },
      { receive_buffer: 'failing', feed: 'failing' },
    ],
  ])('%s', (_, some, expected) => expect(judged(some)).toEqual({ ...OK, ...expected }));

  test('tells the place by what the connector answers', () => {
    const of = (connector: Trial['connector']) => told({ ...trial, connector });
    expect(of(granted)).toEqual({ acked: true, reached: true });
    expect(of(failed('PROCEVENTS_CONNECTOR_BUFFER'))).toEqual({ acked: true, reached: true });
    expect(of(failed('PROCEVENTS_CONNECTOR_NO_ACK'))).toEqual({ acked: false, reached: true });
    expect(of(failed('PROCEVENTS_CONNECTOR_SEND', 111))).toEqual({ acked: false, reached: false });
    expect(of(failed('PROCEVENTS_CONNECTOR_SEND', 1)).reached).toBeUndefined();
    expect(of(failed('PROCEVENTS_CONNECTOR_BIND', 1))).toEqual({
      acked: false,
      reached: undefined,
    });
  });
});
