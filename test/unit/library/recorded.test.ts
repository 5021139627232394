// The library's contract on a recorded feed: what a kernel sent once, through a socket of ours.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { ProcConnector, type LostEvent, type ProcEvent } from '../../../src/index.ts';
import { catchUp } from '../../../src/library/connector.ts';
import { CN_MSG, PROC_EVENT_FIELDS } from '../../../src/library/kernel.ts';
import { DatagramPair } from '../../harness/datagram-pair.ts';
import { testContract, type Cast } from '../../harness/library-contract.ts';
import { PATIENT } from '../../harness/patience.ts';
import { message, type MessageFields } from './datagrams.ts';

const CPU = 36 + PROC_EVENT_FIELDS.cpu;
const SEQ = 16 + CN_MSG.seq;
const recorded = JSON.parse(
  readFileSync(new URL('recorded-feed.json', import.meta.url), 'utf8'),
) as { readonly cast: Cast; readonly datagrams: readonly string[] };

class Feed {
  #pair: DatagramPair | undefined;
  readonly #seqs = new Map<number, number>();

  async open(options: Parameters<typeof ProcConnector.open>[0] = {}): Promise<ProcConnector> {
    this.end();
    this.#pair = new DatagramPair();
    return ProcConnector.open({ ...options, fd: this.#pair.source });
  }

  /** The number is the next of the message's CPU, as the kernel would give it. */
  send(bytes: Uint8Array): void {
    const datagram = Buffer.from(bytes);
    const cpu = datagram.readUInt32LE(CPU);
    const seq = this.#seqs.get(cpu) ?? 0xffff_fff0;
    datagram.writeUInt32LE(seq, SEQ);
    this.#seqs.set(cpu, (seq + 1) >>> 0);
    this.#pair?.send(new Uint8Array(datagram));
  }

  /** So many messages of a CPU get lost on their way. */
  skip(cpu: number, count: number): void {
    this.#seqs.set(cpu, ((this.#seqs.get(cpu) ?? 0) + count) >>> 0);
  }

  perform(): Promise<Cast> {
    for (const datagram of recorded.datagrams) this.send(Buffer.from(datagram, 'hex'));
    return Promise.resolve(recorded.cast);
  }

  flood(count: number): void {
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(`flood-${i}`);
      this.send(message({ kind: 'comm', data: [77, 77], bytes, timestampNs: BigInt(i) }));
    }
  }

  end(): void {
    this.#pair?.[Symbol.dispose]();
    this.#pair = undefined;
  }
}

const feed = new Feed();
afterAll(() => feed.end());

describe('the library on a recorded feed', () => {
  testContract({
    open: (options) => feed.open(options),
    perform: () => feed.perform(),
    flood: (count) => feed.flood(count),
  });

  /** What comes of these messages, as a whole. */
  async function given(...messages: readonly MessageFields[]): Promise<unknown[]> {
    const connector = await feed.open();
    for (const fields of messages) feed.send(message(fields));
    await vi.waitFor(() => expect(connector.stats().received.total).toBe(messages.length), PATIENT);
    const events = connector.read();
    await connector.close();
    return events;
  }

  test('a kind of a later kernel keeps its bytes', async () => {
    const bytes = Uint8Array.from({ length: 48 }, (_, i) => i + 1);
    const what = 0x1000_0000;
    const [short, long] = await given(
      { what, cpu: 3, data: [1, 2], timestampNs: 5n },
      { what, bytes },
    );
    const data = new Uint8Array(24);
    data.set([1, 0, 0, 0, 2]);
    expect(short).toMatchObject({
      kind: 'unknown',
      what,
      cpu: 3,
      timestampNs: 5n,
      data,
      dataLength: 24,
    });
    expect(long).toMatchObject({ data: bytes.slice(0, 40), dataLength: 48 });
  });

  test('a thread, a tracer and the end of a thread are told as they are', async () => {
    const [fork, attach, exit] = await given(
      { kind: 'fork', data: [1, 1, 10, 9] },
      { kind: 'ptrace', data: [9, 9, 20, 21] },
      { kind: 'exit', data: [10, 9, 0, 0xffff_ffff, 1, 1] },
    );
    expect(fork).toMatchObject({ childPid: 10, childTgid: 9, pid: 10, tgid: 9, isThread: true });
    expect(attach).toMatchObject({ pid: 9, isThread: false, tracerPid: 20, tracerTgid: 21 });
    expect(exit).toMatchObject({ isThread: true, exitSignal: -1, exitStatus: 0 });
  });

  test('a written core and a real-time signal have their names', async () => {
    const [core, real] = await given(
      { kind: 'exit', data: [9, 9, 0x80 | 11, 17, 1, 1] },
      { kind: 'exit', data: [9, 9, 35, 17, 1, 1] },
    );
    expect(core).toMatchObject({ terminatingSignal: 'SIGSEGV', coreWritten: true });
    expect(real).toMatchObject({ terminatingSignal: 'SIGRTMIN+1', coreWritten: false });
  });

  test('a name of any bytes is kept as bytes, and is harmless as text', async () => {
    const bytes = Uint8Array.from([0x1b, 0x5b, 0xff, 0x3c, 0xc3, 0xa9, 0, 0x41]);
    const [comm] = await given({ kind: 'comm', data: [9, 9], bytes });
    expect(comm).toMatchObject({ comm: '\\x1b[\\xff<é', commBytes: bytes.slice(0, 6) });
  });

  test('what the kernel lost is told with its CPU and number, before what came after it', async () => {
    const connector = await feed.open();
    const one = (cpu: number): void => feed.send(message({ kind: 'sid', data: [9, 9], cpu }));
    one(4);
    one(5);
    feed.skip(4, 7);
    one(5);
    one(4);
    await vi.waitFor(() => expect(connector.stats().received.sid).toBe(4), PATIENT);
    const events = connector.read();
    const [first, , , lost, last] = events as [
      ProcEventWithSeq,
      unknown,
      unknown,
      LostEvent,
      ProcEventWithSeq,
    ];
    expect(events).toHaveLength(5);
    expect(lost).toMatchObject({ kind: 'lost', stage: 'kernel', count: 7, cpu: 4 });
    expect(lost.seq).toBe((first.seq + 1) >>> 0);
    expect(last.seq).toBe((first.seq + 8) >>> 0);
    expect(connector.stats().lost).toEqual({ kernel: 7, socket: 0, ring: 0 });
    await connector.close();
  });

  test('what the kernel lost while the ring was full is told once there is room', async () => {
    const connector = await feed.open({ ringSlots: 256 });
    const one = (cpu: number): void => feed.send(message({ kind: 'sid', data: [9, 9], cpu }));
    for (let i = 0; i < 256; i++) one(i % 2);
    await vi.waitFor(() => expect(connector.stats().queue.used).toBe(256), PATIENT);
    for (const count of [3, 4]) {
      feed.skip(0, count);
      one(0);
    }
    feed.skip(1, 5);
    one(1);
    await vi.waitFor(() => expect(connector.stats().lost.kernel).toBe(12), PATIENT);
    const caught = vi.fn<() => void>();
    const catching = catchUp(connector).then(caught);
    const events: ProcEvent[] = [];
    await vi.waitFor(() => {
      events.push(...connector.read());
      expect(caught).toHaveBeenCalledOnce();
    }, PATIENT);
    await catching;
    const lost = events.filter((event) => event.kind === 'lost');
    const told = lost.map(({ stage, cpu, count }) => ({ stage, cpu, count }));
    expect(told).toHaveLength(3);
    expect(told).toContainEqual({ stage: 'ring', cpu: undefined, count: 3 });
    expect(told).toContainEqual({ stage: 'kernel', cpu: 0, count: 7 });
    expect(told).toContainEqual({ stage: 'kernel', cpu: 1, count: 5 });
    const last = events.findLast((event) => event.kind === 'sid' && event.cpu === 0);
    expect(lost.find(({ cpu }) => cpu === 0)?.seq).toBe(
      (((last as ProcEventWithSeq).seq ?? 0) + 1) >>> 0,
    );
    await connector.close();
  });

  test('numbers that repeat or go back are no losses', async () => {
    const connector = await feed.open();
    const one = (): void => feed.send(message({ kind: 'sid', data: [9, 9], cpu: 6 }));
    one();
    feed.skip(6, -1);
    one();
    feed.skip(6, -500);
    one();
    await vi.waitFor(() => expect(connector.stats().received.sid).toBe(3), PATIENT);
    expect(connector.read().map(({ kind }) => kind)).toEqual(['sid', 'sid', 'sid']);
    expect(connector.stats().lost.kernel).toBe(0);
    await connector.close();
  });

  test('read() looks at a bounded number of events that the filter leaves out', async () => {
    const connector = await feed.open({ filter: ['exit'] });
    feed.flood(5000);
    feed.send(message({ kind: 'exit', data: [9, 9, 0, 17, 1, 1] }));
    await vi.waitFor(() => expect(connector.stats().received.total).toBe(5001), PATIENT);
    expect(connector.read(1)).toEqual([]);
    expect(connector.stats().queue.used).toBe(5001 - 1024);
    expect(connector.read(2000)).toEqual([]);
    expect(connector.stats().queue.used).toBe(5001 - 1024 - 2000);
    expect(connector.read(Infinity)).toMatchObject([{ kind: 'exit' }]);
    await connector.close();
  });

  test('what is no event is counted by its reason', async () => {
    const connector = await feed.open();
    feed.send(message({ idx: 2 }));
    feed.send(message({ cnLen: 8 }));
    feed.send(message({ kind: 'sid' }));
    await vi.waitFor(() => expect(connector.stats().received.sid).toBe(1), PATIENT);
    expect(connector.stats().rejected).toEqual({ sender: 0, length: 1, connector: 1 });
    expect(connector.stats().received.total).toBe(1);
    await connector.close();
  });
});

type ProcEventWithSeq = { readonly seq: number };
