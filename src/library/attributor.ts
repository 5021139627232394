// Library: the exporter's attribution for single events. Records in, in their order; who each is about out.
import { Attribution } from '../attribution/attribution.ts';
import { UNKNOWN_UID, UNKNOWN_WORD } from '../attribution/identity.ts';
import { Procfs } from '../attribution/procfs.ts';
import { FOLDED, type Observer, type Sink } from '../attribution/sink.ts';
import { EVENT_KINDS, FIGURES, WORD_HEAD, WORD_TGID } from '../collector/record.ts';
import { commBytes, commText } from './comm.ts';
import { NOBODY, type Who } from './decode.ts';
import type { RingReader } from './ring-reader.ts';

/** As the daemon's (src/daemon/upkeep.ts): a scan of 100,000 processes takes seconds; an exec is in doubt for 100 ms. */
const RESYNC_INTERVAL_MS = 10_000;
const SETTLE_AFTER_MS = 110;

/**
 * A sink that counts nothing. It keeps no pair, so attribution asks for each event's pair directly before it tells of the
 * event: whoever was asked for last is whom the event belongs to.
 */
class Ends implements Sink {
  /** Whether a process has ended since this was last set to false; who it was. */
  ended = false;
  readonly comm = new Uint32Array(4);
  uid = UNKNOWN_UID;
  readonly #asked = new Uint32Array(4);
  #askedUid = UNKNOWN_UID;

  pair(words: Uint32Array, at: number, uid: number): number {
    for (let i = 0; i < 4; i++) this.#asked[i] = words[at + i]!;
    this.#askedUid = uid;
    return FOLDED;
  }
  exit(): void {
    this.ended = true;
    this.comm.set(this.#asked);
    this.uid = this.#askedUid;
  }
  known(): number {
    return FOLDED;
  }
  keep(): void {}
  fork(): void {}
  thread(): void {}
  exec(): void {}
  lived(): void {}
  cpu(): void {}
  threadExit(): void {}
  coredump(): void {}
  duplicateCoredump(): void {}
  coreWritten(): void {}
}

const UNOBSERVED: Observer = { created() {}, dumping() {}, crashed() {} };

export class Attributor {
  readonly #reader: RingReader;
  readonly #ends = new Ends();
  readonly #attribution: Attribution;
  readonly #tell = (comm: Uint32Array, at: number, uid: number): void => {
    this.#who = whoOf(comm, at, uid, false);
  };
  #who: Who = NOBODY;
  #losses = 0;
  #resync: NodeJS.Timeout | undefined;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  #settling: NodeJS.Timeout | undefined;

  constructor(reader: RingReader, path: string) {
    this.#reader = reader;
    const procfs = new Procfs(path);
    this.#attribution = new Attribution({
      sink: this.#ends,
      observer: UNOBSERVED,
      procfs,
      limit: procfs.readPidsLimit(),
      now: () => Number(process.hrtime.bigint()),
    });
  }

  /** Resolves when what lives already is known. Rejects with an ExporterError when procfs cannot be read. */
  async seed(): Promise<void> {
    // The last step waits until what was queued meanwhile has been read, which nobody can do yet.
    await new Promise<void>((resolve, reject) => {
      const catchUp = (): Promise<unknown> => {
        resolve();
        return this.#reader.catchUp();
      };
      this.#attribution.seed(catchUp).catch(reject);
    });
  }

  /** Takes the record; returns who its event is about, as of after it, and of a process that has ended with it as of then. */
  consume(words: Uint32Array, at: number): Who {
    const ends = this.#ends;
    ends.ended = false;
    this.#attribution.consume(words, at);
    if (ends.ended) return whoOf(ends.comm, 0, ends.uid, true);
    if ((words[at + WORD_HEAD]! & 0xff) >= EVENT_KINDS.length) return NOBODY;
    this.#attribution.identify(words[at + WORD_TGID]!, this.#tell);
    return this.#who;
  }

  /** From time to time: plans what has to be done later. */
  upkeep(): void {
    const { losses, pendingExecs } = this.#attribution;
    if (losses !== this.#losses && this.#resync === undefined) {
      const wait = Math.max(0, this.#resyncedAt + RESYNC_INTERVAL_MS - performance.now());
      this.#resync = setTimeout(() => void this.#rescan(), wait).unref();
    }
    if (pendingExecs > 0 && this.#settling === undefined) {
      this.#settling = setTimeout(() => void this.#settle(), SETTLE_AFTER_MS).unref();
    }
  }

  stop(): void {
    clearTimeout(this.#resync);
    clearTimeout(this.#settling);
  }

  async #rescan(): Promise<void> {
    this.#losses = this.#attribution.losses;
    try {
      await this.#attribution.rescan(() => this.#reader.catchUp());
    } catch {
      // Then each process is asked for when it is met, and the next time is tried again.
      this.#losses = -1;
    }
    this.#resyncedAt = performance.now();
    this.#resync = undefined;
  }

  async #settle(): Promise<void> {
    const figures = await this.#reader.catchUp();
    if (figures !== undefined) this.#attribution.settle(figures[FIGURES.drained]!);
    this.#settling = undefined;
  }
}

function whoOf(words: Uint32Array, at: number, uid: number, endsProcess: boolean): Who {
  const known = words[at] !== UNKNOWN_WORD;
  return {
    comm: known ? commText(words, at) : undefined,
    commBytes: known ? commBytes(words, at) : undefined,
    uid: uid === UNKNOWN_UID ? undefined : uid,
    endsProcess,
  };
}
