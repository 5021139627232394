// Drives test/programs/judge: what the kernel really sent. Input: its lines. Output: events, totals,
// and the moment at which an event has been seen.
import { deferred } from './deferred.ts';
import { LineProcess } from './line-process.ts';
import { program } from './programs.ts';

export const EVENT_KINDS = [
  'fork',
  'exec',
  'uid',
  'gid',
  'sid',
  'ptrace',
  'comm',
  'coredump',
  'exit',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface JudgeEvent {
  readonly kind: EventKind | 'none';
  readonly cpu: number;
  readonly seq: number;
  readonly timestamp: bigint;
  /** The kernel's fields in their order, for a comm: pid, tgid. */
  readonly fields: readonly number[];
  /** The task that it is about: of a fork, the new one. */
  readonly pid: number;
  readonly tgid: number;
  readonly comm: string | undefined;
}

export type Totals = Readonly<Record<EventKind | 'none' | 'lost' | 'drops' | 'strange', number>>;

export class Judge {
  /** All events since the last take(); empty when quiet. */
  events: JudgeEvent[] = [];
  readonly #process: LineProcess;
  readonly #waits = new Map<string, (() => void)[]>();
  readonly #totals: ((totals: Totals) => void)[] = [];
  readonly #ready = deferred<void>();
  #last: Totals | undefined;

  private constructor(quiet: boolean) {
    this.#process = new LineProcess(program('judge'), quiet ? ['--quiet'] : [], {
      onLine: (line) => (line === 'ready' ? this.#ready.resolve() : this.#take(line)),
    });
  }

  /**
   * Start it before the daemon: the kernel hands a message to its listeners newest first, so what
   * the judge has seen is then queued for the daemon too.
   */
  static async start(options: { quiet?: boolean } = {}): Promise<Judge> {
    const judge = new Judge(options.quiet ?? false);
    await judge.#orDeath(judge.#ready.promise);
    return judge;
  }

  /** Resolves when such an event has come since a task with this pid was last forked. */
  seen(kind: EventKind, pid: number): Promise<void> {
    const key = `${kind} ${pid}`;
    const seen = new Promise<void>((resolve) => {
      const waiting = this.#waits.get(key) ?? [];
      this.#waits.set(key, [...waiting, resolve]);
    });
    this.#process.say(`wait ${key}`);
    return this.#orDeath(seen);
  }

  async seenAll(kind: EventKind, pids: readonly number[]): Promise<void> {
    await Promise.all(pids.map((pid) => this.seen(kind, pid)));
  }

  /** The counts of all that the kernel had queued for the judge when it was asked. */
  totals(): Promise<Totals> {
    const totals = new Promise<Totals>((resolve) => this.#totals.push(resolve));
    this.#process.say('totals');
    return this.#orDeath(totals);
  }

  take(): JudgeEvent[] {
    const events = this.events;
    this.events = [];
    return events;
  }

  /** A judge that lost an event is none, so this throws then. */
  async stop(options: { mayLose?: boolean } = {}): Promise<void> {
    await this.#process.finish();
    const totals = this.#last;
    if (!totals) throw new Error('the judge ended without totals');
    const { lost, drops } = totals;
    if (lost + drops > 0 && options.mayLose !== true)
      throw new Error(`the judge lost ${lost} events`);
  }

  #take(line: string): void {
    const [kind = '', ...words] = line.split(' ');
    if (kind === 'seen') {
      const key = words.join(' ');
      const waiting = this.#waits.get(key)?.shift();
      if (this.#waits.get(key)?.length === 0) this.#waits.delete(key);
      waiting?.();
    } else if (kind === 'totals') {
      this.#last = JSON.parse(words.join(' ')) as Totals;
      this.#totals.shift()?.(this.#last);
    } else {
      this.events.push(parseEvent(kind as JudgeEvent['kind'], words));
    }
  }

  async #orDeath<T>(wanted: Promise<T>): Promise<T> {
    const death = this.#process.ended.then(({ code, signal }) => {
      throw new Error(`the judge ended with ${code ?? signal}: ${this.#process.stderr}`);
    });
    return Promise.race([wanted, death]);
  }
}

function parseEvent(kind: JudgeEvent['kind'], words: readonly string[]): JudgeEvent {
  const [cpu, seq, timestamp = '0'] = words;
  const comm = kind === 'comm' ? words.at(-1) : undefined;
  const fields = words.slice(3, comm === undefined ? undefined : -1).map(Number);
  const at = kind === 'fork' ? 2 : 0;
  return {
    kind,
    cpu: Number(cpu),
    seq: Number(seq),
    timestamp: BigInt(timestamp),
    fields,
    pid: fields[at] ?? 0,
    tgid: fields[at + 1] ?? 0,
    comm,
  };
}
