// Library: the process event connector as an object. The ring in; typed events out, to one consumer at its own pace.
import { openConnector } from '../collector/source.ts';
import type { NativeConnector } from '../collector/native.ts';
import { ExporterError } from '../errors.ts';
import { decode, NOBODY } from './decode.ts';
import type { ProcEvent, ProcEventKind, ProcEventOf } from './events.ts';
import { EventIterator } from './event-iterator.ts';
import {
  checkOptions,
  kindMask,
  type CheckedOptions,
  type EventsOptions,
  type ProcConnectorOptions,
} from './options.ts';
import { RingReader } from './ring-reader.ts';
import { statsOf, type ProcConnectorStats } from './statistics.ts';

/** No second has more processes than a host has pids: the library tells of no storms. */
const NO_STORM = 0xffff_ffff;

/** How many events read() gives unless told otherwise. */
const READ_EVENTS = 1024;

/**
 * A subscription to the kernel's process events.
 *
 * Events wait in the ring until they are asked for, by iteration or by read(); each is given once. A consumer that is too
 * slow loses events there: a `lost` event of stage `ring` stands where they were, and stats() counts them. Neither the
 * kernel nor another listener is ever slowed. An open connector keeps the process alive; close() lets it end.
 */
export class ProcConnector implements AsyncIterable<ProcEvent>, AsyncDisposable {
  /** The receive buffer that the kernel granted, bytes as it accounts them: twice what was asked for. */
  readonly receiveBuffer: number;
  /** The socket. It stays the connector's: look, and do not read from it. */
  readonly fd: number;
  readonly #reader: RingReader;
  #iterator: EventIterator<ProcEvent> | undefined;

  private constructor(options: CheckedOptions, source: NativeConnector) {
    this.fd = source.fd;
    this.receiveBuffer = source.receiveBuffer;
    this.#reader = new RingReader({
      fd: source.fd,
      listening: options.fd === undefined,
      procfs: options.procfs,
      execNames: [],
      exitRecords: -1,
      ringSlots: options.ringSlots,
      gatherMs: options.gather,
      stormThreshold: NO_STORM,
    });
  }

  /** Subscribes. Rejects with an ExporterError, whose `code` is stable and whose `remedy` says what to do. */
  static async open(options: ProcConnectorOptions = {}): Promise<ProcConnector> {
    const checked = checkOptions(options);
    const { fd, receiveBuffer } = checked;
    return new ProcConnector(
      checked,
      fd === undefined ? openConnector(receiveBuffer) : { fd, receiveBuffer: 0 },
    );
  }

  /** At most `max` events that are there, without waiting. */
  read(max: number = READ_EVENTS): ProcEvent[] {
    if (this.#reader.closed) throw closed();
    if (this.#iterator !== undefined) throw busy();
    const events: ProcEvent[] = [];
    while (events.length < max) {
      const event = this.#next(-1);
      if (event === undefined) break;
      events.push(event);
    }
    if (events.length === 0) this.#reader.check();
    return events;
  }

  /**
   * The events from now on, one iteration at a time. It ends when the connector is closed; leaving it (break) leaves the
   * connector open and the next event in the ring. It gives way to the event loop now and then, also when events abound.
   */
  events<Kind extends ProcEventKind = ProcEventKind>(
    options: EventsOptions<Kind> = {},
  ): AsyncIterableIterator<ProcEventOf<Kind>> {
    const mask = kindMask(options.kinds);
    if (this.#reader.closed) throw closed();
    if (this.#iterator !== undefined) throw busy();
    const iterator = new EventIterator<ProcEvent>({
      reader: this.#reader,
      next: () => this.#next(mask),
      signal: options.signal,
      ended: () => (this.#iterator = undefined),
    });
    this.#iterator = iterator;
    return iterator as AsyncIterableIterator<ProcEvent> as AsyncIterableIterator<ProcEventOf<Kind>>;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ProcEvent> {
    return this.events();
  }

  /** What has been counted since it was opened; after close() as it was then. */
  stats(): ProcConnectorStats {
    const reader = this.#reader;
    const { slots, used } = reader;
    return statsOf({ figures: reader.figures(), numbered: true, slots, used, exitRecords: false });
  }

  /** Unsubscribes, ends the iteration, closes the socket. What was not read is gone. Idempotent. */
  async close(): Promise<void> {
    await this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #next(mask: number): ProcEvent | undefined {
    const { words, times } = this.#reader;
    for (;;) {
      const at = this.#reader.next();
      if (at < 0) return undefined;
      if (((mask >>> (words[at]! & 0xff)) & 1) !== 0) return decode(words, times, at, NOBODY);
    }
  }
}

function closed(): ExporterError {
  return new ExporterError('PROCEVENTS_CLOSED', 'the connector is closed');
}

function busy(): ExporterError {
  return new ExporterError('PROCEVENTS_BUSY', 'another iteration takes the events');
}
