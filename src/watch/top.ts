// Watch: the live table. Events in; a frame each second out: to a terminal as a screen, with keys; elsewhere one after the
// other.
import type { ReadStream, WriteStream } from 'node:tty';
import { UNKNOWN_TEXT } from '../aggregator/comm-text.ts';
import type { CommandOptions } from '../config/commands.ts';
import type { ProcEvent } from '../library/events.ts';
import { isFailure } from './detail.ts';
import { isOfThread } from './filter.ts';
import { Keys, type Wish } from './keys.ts';
import type { Stage } from './stage.ts';
import { lossesText } from './summary.ts';
import { Terminal } from './terminal.ts';
import { FRAME_LINES, frameLines, screenLines, type Frame } from './top-frame.ts';
import { TopTable } from './top-table.ts';

const INTERVAL_MS = 1000;
/** Processes that dump core at once; beyond, one may be counted twice. */
const DUMPING_MAX = 4096;
/** Where nobody scrolls: what a file of tables is worth. */
const PRINTED_ROWS = 1000;
/** Comms and names are cut to their columns; nothing else is. */
const PRINTED_COLUMNS = 500;

export interface Screen {
  /** undefined: nobody can type. */
  readonly input: ReadStream | undefined;
  readonly output: WriteStream & { readonly fd: number };
}

/** Resolves after `count` frames; rejects with any reason when it is told to end. The terminal is then as it was. */
export async function runTop(
  stage: Stage,
  { json, count }: Pick<CommandOptions['watch'], 'json' | 'count'>,
  screen: Screen | undefined,
): Promise<void> {
  const top = new Top(stage);
  if (screen === undefined) return top.run(() => print(top, stage, json), count);
  const show = (): void => draw(top, terminal, stage);
  const keys = new Keys();
  const typed = (text: string): void => {
    for (const wish of keys.wishes(text, performance.now())) {
      if (wish.kind === 'quit') stage.end();
      else if (wish.kind === 'suspend') terminal.suspend();
      else top.wish(wish);
    }
    show();
  };
  const terminal = new Terminal({ ...screen, events: { typed, changed: show } });
  try {
    terminal.enter();
    show();
    await top.run(show, count);
  } finally {
    terminal.leave();
  }
}

function draw(top: Top, terminal: Terminal, { paint }: Stage): void {
  const { columns, rows } = terminal;
  terminal.draw(screenLines(top.frame(Math.max(0, rows - FRAME_LINES)), { columns, rows, paint }));
}

/** A reader that has not taken the last frame gets none now: it would come too late anyway. */
function print(top: Top, { output, paint, clock }: Stage, json: boolean): void {
  if (output.full) return;
  const frame = top.frame(PRINTED_ROWS);
  if (!json) {
    output.add([...frameLines(frame, PRINTED_COLUMNS, paint), ''].join('\n'));
    return;
  }
  const rows = frame.rows.map(({ comm, uid, user, perSecond, total }) => ({
    comm,
    uid: uid ?? null,
    user,
    per_second: perSecond,
    total,
  }));
  const time = clock.utc(process.hrtime.bigint());
  const { eventsPerSecond: events_per_second, lost } = frame;
  output.add(JSON.stringify({ time, kind: 'top', events_per_second, lost, rows }));
}

class Top {
  readonly #stage: Stage;
  readonly #table: TopTable;
  readonly #dumping = new Set<number>();
  #eventsPerSecond = 0;
  #seenBefore = 0;
  #since = performance.now();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#table = new TopTable((uid) => stage.names.text(uid));
  }

  async run(show: () => void, count: number | undefined): Promise<void> {
    let frames = 0;
    let done = (): void => {};
    const enough = new Promise<void>((resolve) => (done = resolve));
    const timer = setInterval(() => {
      this.#tick();
      show();
      frames++;
      if (frames === count) done();
    }, INTERVAL_MS);
    try {
      await Promise.race([enough, this.#consume()]);
    } finally {
      clearInterval(timer);
    }
  }

  wish(wish: Wish): void {
    const table = this.#table;
    if (wish.kind === 'reverse') table.reversed = !table.reversed;
    if (wish.kind !== 'sort') return;
    table.reversed = false;
    table.sort = wish.column;
  }

  frame(rows: number): Frame {
    const { sort, reversed, size } = this.#table;
    const { clock, connector } = this.#stage;
    const { lost } = connector.stats();
    return {
      time: clock.local(process.hrtime.bigint()).slice(0, 8),
      eventsPerSecond: this.#eventsPerSecond,
      lost: (lost.kernel ?? 0) + lost.socket + lost.ring,
      losses: lossesText(lost),
      size,
      rows: this.#table.rows(rows),
      sort,
      reversed,
    };
  }

  async #consume(): Promise<void> {
    const { connector, filter, counts, ending } = this.#stage;
    for await (const event of connector.events({ signal: ending })) {
      if (event.kind === 'lost' || event.kind === 'unknown') continue;
      if (!filter.isOwn(event)) counts.seen++;
      if (filter.shows(event)) this.#count(event);
    }
  }

  #count(event: Exclude<ProcEvent, { readonly kind: 'lost' | 'unknown' }>): void {
    const { kind, comm = UNKNOWN_TEXT, uid, tgid } = event;
    const table = this.#table;
    if (kind === 'coredump') {
      if (this.#dumping.has(tgid)) return;
      if (this.#dumping.size >= DUMPING_MAX) this.#dumping.clear();
      this.#dumping.add(tgid);
      table.count('coredumps', comm, uid);
      return;
    }
    if (isOfThread(event)) return;
    if (kind === 'fork') table.count('forks', comm, uid);
    else if (kind === 'exec') table.count('execs', comm, uid);
    else if (kind === 'exit') {
      this.#dumping.delete(tgid);
      table.count('exits', comm, uid);
      if (isFailure(event)) table.count('failures', comm, uid);
    }
  }

  #tick(): void {
    const now = performance.now();
    const seconds = (now - this.#since) / 1000;
    this.#since = now;
    const { seen } = this.#stage.counts;
    this.#eventsPerSecond = (seen - this.#seenBefore) / seconds;
    this.#seenBefore = seen;
    this.#table.tick(seconds);
  }
}
