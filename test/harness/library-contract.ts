// What a connector promises, whatever it reads from. Input: a source, which makes the same few processes, lives or
// recorded. Output: a suite.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import type {
  ExitEvent,
  ProcConnector,
  ProcConnectorOptions,
  ProcConnectorStats,
  ProcEvent,
} from '../../src/index.ts';
import { PATIENT } from './patience.ts';

/** What perform() has made: three children of `parent`, which began and ended in this order. */
export interface Cast {
  readonly parent: number;
  /** Became another user and group and the leader of a session, executed sh, took the name `renamed`, exited with 3. */
  readonly exited: number;
  /** Executed sh, was ended by SIGKILL. */
  readonly killed: number;
  /** Executed sh, was ended by SIGSEGV. */
  readonly crashed: number;
}

export const CAST_UID = 61_234;

export interface ContractSource {
  open(options?: ProcConnectorOptions): Promise<ProcConnector>;
  /** Makes the three, or sends what was recorded of them; resolves when all has happened. */
  perform(): Promise<Cast>;
  /** Makes so many `comm` events of one process, at once. */
  flood(count: number): void;
}

/** All events of the cast alone, until the last of them has ended. */
async function acts(
  events: AsyncIterable<ProcEvent>,
  cast: Cast,
): Promise<Exclude<ProcEvent, { kind: 'lost' | 'unknown' }>[]> {
  const pids = new Set([cast.exited, cast.killed, cast.crashed]);
  const taken: Exclude<ProcEvent, { kind: 'lost' | 'unknown' }>[] = [];
  for await (const event of events) {
    if (event.kind === 'lost' || event.kind === 'unknown') continue;
    if (!pids.has(event.pid)) continue;
    taken.push(event);
    if (event.kind === 'exit') pids.delete(event.pid);
    if (pids.size === 0) break;
  }
  return taken;
}

export function testContract(source: ContractSource): void {
  const open = async (options?: ProcConnectorOptions): Promise<ProcConnector> => {
    const connector = await source.open(options);
    onTestFinished(() => connector.close());
    return connector;
  };

  test('every event comes once, in order, with all that the kernel says', async () => {
    const connector = await open();
    const cast = await source.perform();
    const events = await acts(connector, cast);
    const of = (pid: number): typeof events => events.filter((event) => event.pid === pid);
    const kinds = (pid: number): string[] => of(pid).map(({ kind }) => kind);

    expect(kinds(cast.exited)).toEqual(['fork', 'sid', 'gid', 'uid', 'exec', 'comm', 'exit']);
    expect(kinds(cast.killed)).toEqual(['fork', 'exec', 'exit']);
    expect(kinds(cast.crashed)).toEqual(['fork', 'exec', 'coredump', 'exit']);
    const parent = { parentPid: cast.parent, parentTgid: cast.parent };
    const [fork, , gid, uid, , comm, exit] = of(cast.exited);
    const child = { childPid: cast.exited, childTgid: cast.exited };
    expect(fork).toMatchObject({ ...parent, ...child, isThread: false });
    expect(gid).toMatchObject({ rgid: CAST_UID, egid: CAST_UID });
    expect(uid).toMatchObject({ ruid: CAST_UID, euid: CAST_UID });
    expect(comm).toMatchObject({
      comm: 'renamed',
      commBytes: new Uint8Array(Buffer.from('renamed')),
    });
    expect(exit).toMatchObject({ ...parent, exitCode: 0x300, exitSignal: 17 });
    expect(of(cast.crashed)[2]).toMatchObject(parent);
    for (const event of events) {
      expect(event.tgid).toBe(event.pid);
      expect(event.timestampNs).toBeTypeOf('bigint');
    }
    const times = events.map(({ timestampNs }) => timestampNs);
    expect(of(cast.exited).map(({ timestampNs }) => timestampNs)).toEqual(
      of(cast.exited)
        .map(({ timestampNs }) => timestampNs)
        .toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(new Set(times).size).toBe(times.length);
  });

  test('an exit says how it came: a status, or a signal by name', async () => {
    const connector = await open();
    const cast = await source.perform();
    const ends = (await acts(connector.events({ kinds: ['exit'] }), cast)) as ExitEvent[];
    const how = (of: number): unknown => {
      const end = ends.find(({ pid }) => pid === of);
      return [end?.exitStatus, end?.terminatingSignal];
    };
    expect(how(cast.exited)).toEqual([3, undefined]);
    expect(how(cast.killed)).toEqual([undefined, 'SIGKILL']);
    expect(how(cast.crashed)).toEqual([undefined, 'SIGSEGV']);
    for (const { exitCode, coreWritten } of ends) expect(coreWritten).toBe((exitCode & 0x80) !== 0);
  });

  test('the numbers of a CPU have no gaps where nothing is lost', async () => {
    const connector = await open();
    source.flood(100);
    await source.perform();
    await received(connector, ({ comm, exit }) => comm >= 100 && exit >= 3);
    const next = new Map<number, number>();
    const read = connector.read(1_000_000);
    expect(read.length).toBeGreaterThan(100);
    for (const event of read) {
      if (event.kind === 'lost') throw new Error('lost');
      expect(event.seq).toBe(next.get(event.cpu) ?? event.seq);
      next.set(event.cpu, (event.seq + 1) >>> 0);
    }
  });

  test('read() gives at most what was asked for, and nothing without waiting', async () => {
    const connector = await open();
    source.flood(10);
    await received(connector, ({ comm }) => comm >= 10);
    expect(connector.read(3)).toHaveLength(3);
    expect(connector.read(4)).toHaveLength(4);
    expect(connector.read().length).toBeGreaterThanOrEqual(3);
    while (connector.read().length > 0);
    expect(connector.read(0)).toEqual([]);
  });

  test('leaving an iteration leaves the connector open, and the next event in it', async () => {
    const connector = await open();
    source.flood(5);
    const comms: ProcEvent[] = [];
    for (let i = 0; i < 5; i++) {
      for await (const event of connector.events({ kinds: ['comm'] })) {
        comms.push(event);
        break;
      }
    }
    const seqs = comms.map((event) => `${event.cpu} ${event.seq}`);
    expect(new Set(seqs).size).toBe(5);
  });

  test('only the kinds that were asked for are given', async () => {
    const connector = await open();
    const cast = await source.perform();
    const events = await acts(connector.events({ kinds: ['exec', 'exit'] }), cast);
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['exec', 'exit']));
  });

  test('a filter lets nothing else through', async () => {
    const connector = await open({ filter: ['fork', 'exit'] });
    const cast = await source.perform();
    const events = await acts(connector, cast);
    const kinds = events.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['exit', 'exit', 'exit', 'fork', 'fork', 'fork']);
  });

  test('a signal ends a waiting iteration with its reason, and the connector lives on', async () => {
    const connector = await open();
    const abort = new AbortController();
    const iteration = connector.events({ kinds: ['unknown'], signal: abort.signal });
    const next = iteration.next();
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(await iteration.next()).toEqual({ done: true, value: undefined });
    await expect(connector.events({ signal: abort.signal }).next()).rejects.toBe(reason);
    source.flood(1);
    for await (const event of connector.events({ kinds: ['comm'] })) {
      expect(event.kind).toBe('comm');
      break;
    }
  });

  test('closing ends a waiting iteration and releases everything', async () => {
    const connector = await open();
    const iteration = connector.events({ kinds: ['unknown'] });
    const waits = Promise.all([iteration.next(), iteration.next()]);
    await connector.close();
    const done = { done: true, value: undefined };
    expect(await waits).toEqual([done, done]);
    expect(await iteration.next()).toEqual(done);
    await connector.close();
    expect(() => connector.read()).toThrow(expect.objectContaining({ code: 'PROCEVENTS_CLOSED' }));
    expect(() => connector.events()).toThrow(
      expect.objectContaining({ code: 'PROCEVENTS_CLOSED' }),
    );
    expect(connector.stats().queue.used).toBe(0);
  });

  test('it closes itself at the end of its scope', async () => {
    const connector = await open();
    await connector[Symbol.asyncDispose]();
    expect(() => connector.read()).toThrow(expect.objectContaining({ code: 'PROCEVENTS_CLOSED' }));
  });

  test('a second consumer is refused: events are given once', async () => {
    const connector = await open();
    const iteration = connector.events();
    const busy = expect.objectContaining({ code: 'PROCEVENTS_BUSY' });
    expect(() => connector.events()).toThrow(busy);
    expect(() => connector.read()).toThrow(busy);
    await iteration.return?.();
    connector.read();
  });

  test('calls that do not wait for each other get events in their order', async () => {
    const connector = await open();
    const iteration = connector.events({ kinds: ['comm'] });
    const waits = Promise.all(Array.from({ length: 20 }, () => iteration.next()));
    source.flood(20);
    const given = (await waits).map(({ value }) => value as ProcEvent);
    expect(given.every(({ kind }) => kind === 'comm')).toBe(true);
    expect(new Set(given.map(({ cpu, seq }) => `${cpu} ${seq}`)).size).toBe(20);
  });

  test('what a slow consumer loses stands where it was, and in the count', async () => {
    const connector = await open({ ringSlots: 256 });
    source.flood(2000);
    await received(connector, ({ comm }) => comm >= 2000);
    const events: ProcEvent[] = [];
    // Told when there is room again, though nothing may come any more.
    await vi.waitFor(() => {
      events.push(...connector.read(1_000_000));
      expect(ringLoss(events)).toBe(connector.stats().lost.ring);
    }, PATIENT);
    const lost = events.filter((event) => event.kind === 'lost');
    const stats = connector.stats();
    expect(stats.lost.ring).toBeGreaterThanOrEqual(2000 - 256);
    expect(stats.lost).toMatchObject({ kernel: 0, socket: 0 });
    expect(events.length - lost.length).toBeGreaterThanOrEqual(256);
  });

  test('timers run, however many events there are', async () => {
    const connector = await open();
    source.flood(5000);
    await received(connector, ({ comm }) => comm >= 5000);
    let turns = 0;
    const count = (): void => {
      turns++;
      turn = setImmediate(count);
    };
    let turn = setImmediate(count);
    let taken = 0;
    for await (const event of connector.events({ kinds: ['comm'] })) {
      if (event.kind === 'comm' && ++taken === 5000) break;
    }
    clearImmediate(turn);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test('timers run, however many events there are that nobody asked for', async () => {
    const connector = await open();
    source.flood(5000);
    await received(connector, ({ comm }) => comm >= 5000);
    const abort = new AbortController();
    const next = connector.events({ kinds: ['unknown'], signal: abort.signal }).next();
    expect(connector.stats().queue.used).toBeGreaterThanOrEqual(5000 - 1024);
    await vi.waitFor(() => expect(connector.stats().queue.used).toBeLessThan(1024), PATIENT);
    abort.abort();
    await expect(next).rejects.toThrow(/abort/);
  });
}

function ringLoss(events: readonly ProcEvent[]): number {
  const lost = events.filter((event) => event.kind === 'lost' && event.stage === 'ring');
  return lost.reduce((sum, event) => sum + (event.kind === 'lost' ? event.count : 0), 0);
}

/** Resolves when as many have been taken from the socket as the condition asks for. */
export async function received(
  connector: ProcConnector,
  enough: (received: ProcConnectorStats['received']) => boolean,
): Promise<void> {
  await vi.waitFor(() => expect(enough(connector.stats().received)).toBe(true), PATIENT);
}

/** Of this very process: each is a `comm` event. */
export function renameSelf(count: number): void {
  const file = '/proc/self/comm';
  const name = readFileSync(file);
  for (let i = 1; i < count; i++) writeFileSync(file, `flood-${i}`);
  writeFileSync(file, name);
}
