// Watch: the stream of events as lines. Events in; lines for people or JSON out, until the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { commText } from '../aggregator/comm-text.ts';
import type { Procfs } from '../attribution/procfs.ts';
import type { CommandOptions } from '../config/commands.ts';
import { catchUp } from '../library/connector.ts';
import type { LostEvent, ProcEvent } from '../library/events.ts';
import { eventJson, lossJson } from './json-line.ts';
import { eventLine, headerLine, lossLine } from './line.ts';
import { untold, type Losses } from './losses.ts';
import { Relatives, type Ask, type Kin } from './relatives.ts';
import type { Stage } from './stage.ts';

type NotLost = Exclude<ProcEvent, LostEvent>;
type Options = Pick<CommandOptions['watch'], 'json' | 'tree' | 'count'>;

interface Writer {
  readonly header?: string;
  readonly event: (event: NotLost, kin: Kin) => string;
  readonly loss: (event: LostEvent) => string;
}

const NO_KIN: Kin = { parent: 0, bornNs: undefined, comm: undefined, coreWritten: false, depth: 0 };

/** At the end: a collector that answers nothing for so long is not waited for, and between two looks. */
const SILENCE_MS = 1000;
const LOOK_MS = 2;

/** Resolves after `count` lines, or when it is told to end and all from before is told. */
export async function runLines(stage: Stage, options: Options): Promise<void> {
  const { output } = stage;
  const lines = new Lines(stage, options);
  await follow(stage, lines);
  if (output.gone || output.error !== undefined) return;
  if (!lines.enough) await rest(stage, lines);
  lines.finish();
}

async function follow({ connector, output, ending }: Stage, lines: Lines): Promise<void> {
  try {
    for await (const event of connector.events({ signal: ending })) {
      lines.take(event);
      if (lines.enough) return;
      if (output.full) await output.flush();
    }
  } catch (error) {
    if (!ending.aborted) throw error;
  }
}

/** What the kernel had queued when we were told to end. */
async function rest({ connector, output, counts }: Stage, lines: Lines): Promise<void> {
  const caught = { up: false };
  void catchUp(connector).then(() => (caught.up = true));
  let late = performance.now() + SILENCE_MS;
  while (!caught.up && performance.now() < late) {
    const events = connector.read();
    if (events.length === 0) await sleep(LOOK_MS);
    else late = performance.now() + SILENCE_MS;
    for (const event of events) {
      if (lines.enough) return;
      if (output.full) await output.flush();
      if (!output.full) lines.take(event);
      // Nobody reads any more.
      else if (event.kind !== 'lost') counts.left++;
    }
  }
}

class Lines {
  readonly #stage: Stage;
  readonly #relatives: Relatives;
  readonly #writer: Writer;
  readonly #count: number;
  readonly #told: Losses = { kernel: 0, socket: 0, ring: 0 };

  constructor(stage: Stage, { json, tree, count = Infinity }: Options) {
    this.#stage = stage;
    this.#count = count;
    this.#relatives = new Relatives((tgid) => ask(stage.procfs, tgid));
    this.#writer = json
      ? jsonWriter(stage, tree ? this.#relatives : undefined)
      : textWriter(stage, tree);
    if (this.#writer.header !== undefined) stage.output.add(this.#writer.header);
  }

  get enough(): boolean {
    return this.#stage.counts.shown >= this.#count;
  }

  take(event: ProcEvent): void {
    const { filter, output, counts } = this.#stage;
    const relatives = this.#relatives;
    if (event.kind === 'lost') {
      this.#told[event.stage] += event.count;
      relatives.lost();
      output.add(this.#writer.loss(event));
      return;
    }
    if (!filter.isOwn(event)) counts.seen++;
    if (event.kind !== 'unknown') relatives.take(event);
    if (filter.shows(event)) {
      counts.shown++;
      const kin = event.kind === 'unknown' ? NO_KIN : relatives.show(event);
      output.add(this.#writer.event(event, kin));
    }
    if (event.kind !== 'unknown') relatives.leave(event);
  }

  /** What was lost last no event may have told: the next one would have. The summary counts what is told here. */
  finish(): void {
    const { connector, counts, output } = this.#stage;
    counts.lost = connector.stats().lost;
    for (const event of untold(counts.lost, this.#told)) if (!output.full) this.take(event);
  }
}

function textWriter({ clock, paint, names }: Stage, tree: boolean): Writer {
  const style = { clock, paint, tree, userName: (uid: number | undefined) => names.text(uid) };
  return {
    header: headerLine(style),
    event: (event, kin) => eventLine(event, kin, style),
    loss: (event) => lossLine(event, style),
  };
}

/** `relatives`: where ancestors are wanted. */
function jsonWriter({ clock, names }: Stage, relatives: Relatives | undefined): Writer {
  const style = { clock, userName: (uid: number) => names.name(uid) };
  return {
    event: (event, kin) =>
      relatives === undefined || event.kind === 'unknown'
        ? eventJson(event, kin, style)
        : eventJson(event, kin, style, relatives.ancestors(event.tgid)),
    loss: (event) => lossJson(event, style),
  };
}

function ask(procfs: Procfs, tgid: number): ReturnType<Ask> {
  const status = procfs.readStatus(tgid);
  if (status === undefined) return undefined;
  return { parent: status.parent, comm: commText(status.comm, 0) };
}
