// Library: the process event connector as an object. The ring in; typed events out, to one consumer at its own pace.
import { closeSync } from 'node:fs';
import { native } from '../collector/native.ts';
import { FIGURES, LOST, LOST_IN_RING, WORD_LOST_COUNT } from '../collector/record.ts';
import { ExporterError } from '../errors.ts';
import { Attributor } from './attributor.ts';
import { decode, NOBODY } from './decode.ts';
import type { ProcEvent, ProcEventKind, ProcEventOf } from './events.ts';
import { EventIterator } from './event-iterator.ts';
import {
  checkEventsOptions,
  checkMax,
  checkOptions,
  kindMask,
  type CheckedOptions,
  type EventsOptions,
  type ProcConnectorOptions,
} from './options.ts';
import { RingReader, TURN_RECORDS } from './ring-reader.ts';
import { givenSocket, inOptions, openSources, type LibrarySources } from './sources.ts';
import { statsOf, type ProcConnectorStats } from './statistics.ts';

/** No second has more processes than a host has pids: the library tells of no storms. */
const NO_STORM = 0xffff_ffff;

/** Where the ring is never empty, attribution looks for what else there is to do after so many records. */
const UPKEEP_RECORDS = 1024;

/** How many events read() gives unless told otherwise. */
const READ_EVENTS = 1024;

let connect: (options: CheckedOptions, sources: LibrarySources) => Promise<ProcConnector>;
let catchUpOf: (connector: ProcConnector) => Promise<unknown>;

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
  readonly #attributor: Attributor | undefined;
  /** Kinds of records that are given at all. */
  readonly #wanted: number;
  readonly #sources: LibrarySources;
  #iterator: EventIterator<ProcEvent> | undefined;
  #taken = 0;

  private constructor(options: CheckedOptions, sources: LibrarySources) {
    this.fd = sources.connector.fd;
    this.receiveBuffer = sources.connector.receiveBuffer;
    this.#sources = sources;
    this.#wanted = options.filter === undefined ? -1 : kindMask([...options.filter, 'lost']);
    this.#reader = new RingReader({
      fd: this.fd,
      listening: sources.listening,
      procfs: options.procfs,
      execNames: sources.execNames,
      exitRecords: sources.exitRecords,
      ringSlots: options.ringSlots,
      gatherMs: options.gather,
      stormThreshold: NO_STORM,
      whole: true,
      filtered: sources.filtered,
      nameless: !options.attribute,
    });
    this.#attributor = options.attribute ? new Attributor(this.#reader, options.procfs) : undefined;
  }

  static {
    catchUpOf = async (connector) => {
      // Losses that the ring had no room for are told first thing in the next cut: by then it has been read.
      const figures = await connector.#reader.catchUp();
      if (figures?.[FIGURES.untold] === 1) await connector.#reader.catchUp();
    };
    connect = async (options, sources) => {
      const connector = new ProcConnector(options, sources);
      try {
        await connector.#attributor?.seed();
      } catch (error) {
        await connector.close();
        throw error;
      }
      return connector;
    };
  }

  /**
   * Subscribes. Rejects with an ExporterError, whose `code` is stable and whose `remedy` says what to do. Where the kernel
   * does not answer, as in a pid namespace, it holds the thread for a second meanwhile (with `attribute` for two).
   */
  static async open(options: ProcConnectorOptions = {}): Promise<ProcConnector> {
    const given = givenSocket(options);
    let checked: CheckedOptions;
    try {
      checked = checkOptions(options);
    } catch (error) {
      if (given !== undefined) closeSync(given.fd);
      throw error;
    }
    const sources = openSources(checked, given);
    try {
      return await connect(checked, sources);
    } catch (error) {
      throw inOptions(error);
    }
  }

  /**
   * At most `max` events that are there, without waiting. It looks at no more records than `max`, 1,024 at least and the
   * ring's slots at most: where a filter leaves out what is there, an empty array need not mean that nothing waits.
   */
  read(max: number = READ_EVENTS): ProcEvent[] {
    if (this.#reader.closed) throw closed();
    if (this.#iterator !== undefined) throw busy();
    const events: ProcEvent[] = [];
    const most = checkMax(max);
    this.#reader.allow(Math.min(Math.max(most, TURN_RECORDS), this.#reader.slots));
    while (events.length < most) {
      const event = this.#next(-1);
      if (event === undefined) break;
      events.push(event);
    }
    this.#reader.allow();
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
    const { mask, signal } = checkEventsOptions(options);
    if (this.#reader.closed) throw closed();
    if (this.#iterator !== undefined) throw busy();
    const iterator = new EventIterator<ProcEvent>({
      reader: this.#reader,
      next: () => this.#next(mask),
      signal,
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
    const { filtered, exitRecords } = this.#sources;
    return statsOf({
      figures: reader.figures(),
      numbered: !filtered,
      slots,
      used,
      queued: reader.closed ? 0 : native().describeSocket(this.fd).queued,
      exitRecords: exitRecords >= 0,
    });
  }

  /** Unsubscribes, ends the iteration, closes the socket. What was not read is gone. Idempotent. */
  async close(): Promise<void> {
    this.#attributor?.stop();
    await this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #next(mask: number): ProcEvent | undefined {
    const reader = this.#reader;
    const { words, times } = reader;
    for (;;) {
      const at = reader.next();
      if (at < 0 || ++this.#taken % UPKEEP_RECORDS === 0) this.#attributor?.upkeep();
      if (at < 0) return undefined;
      const who = this.#attributor?.consume(words, at) ?? NOBODY;
      if (this.#isWanted(words, at, mask)) return decode(words, times, at, who);
    }
  }

  #isWanted(words: Uint32Array, at: number, mask: number): boolean {
    const head = words[at]!;
    const kind = head & 0xff;
    if (((mask >>> kind) & (this.#wanted >>> kind) & 1) === 0) return false;
    if (kind !== LOST) return true;
    // What the kernel or the socket lost is told with the CPU, by GAP, where the numbers show it.
    const told = ((head >>> 8) & 0xff) !== LOST_IN_RING && !this.#sources.filtered;
    return !told && words[at + WORD_LOST_COUNT]! > 0;
  }
}

/**
 * For the exporter's own commands, which open the sources themselves: privilege is given up before there is a collector
 * thread, which takes no signal and would keep it.
 */
export function connectTo(
  sources: LibrarySources,
  options: ProcConnectorOptions,
): Promise<ProcConnector> {
  return connect(checkOptions(options), sources);
}

/**
 * Likewise: resolves when all that the kernel has queued by now has been read, and what was lost before it, which somebody
 * must do.
 */
export async function catchUp(connector: ProcConnector): Promise<void> {
  await catchUpOf(connector);
}

function closed(): ExporterError {
  return new ExporterError('PROCEVENTS_CLOSED', 'the connector is closed');
}

function busy(): ExporterError {
  return new ExporterError('PROCEVENTS_BUSY', 'another iteration takes the events');
}
