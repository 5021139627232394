// Watch: the stream of events as lines. Events in; lines for people or JSON out, until the end.
import { commText } from '../aggregator/comm-text.ts';
import type { Procfs } from '../attribution/procfs.ts';
import type { CommandOptions } from '../config/commands.ts';
import type { LostEvent, ProcEvent } from '../library/events.ts';
import { eventJson, lossJson } from './json-line.ts';
import { eventLine, headerLine, lossLine } from './line.ts';
import { Relatives, type Ask, type Kin } from './relatives.ts';
import type { Stage } from './stage.ts';

type NotLost = Exclude<ProcEvent, LostEvent>;
type Options = Pick<CommandOptions['watch'], 'json' | 'tree' | 'count'>;

interface Writer {
  readonly header?: string;
  readonly event: (event: NotLost, kin: Kin) => string;
  readonly loss: (event: LostEvent) => string;
}

const NO_KIN: Kin = { parent: 0, bornNs: undefined, comm: undefined, tasks: 0, depth: 0 };

/** Resolves after `count` lines; rejects with any reason when it is told to end. */
export async function runLines(stage: Stage, options: Options): Promise<void> {
  const { connector, filter, output, counts, ending } = stage;
  const { count = Infinity } = options;
  const relatives = new Relatives((tgid) => ask(stage.procfs, tgid));
  const writer = options.json
    ? jsonWriter(stage, options.tree ? relatives : undefined)
    : textWriter(stage, options.tree);
  if (writer.header !== undefined) output.add(writer.header);
  for await (const event of connector.events({ signal: ending })) {
    if (event.kind === 'lost') {
      relatives.lost();
      output.add(writer.loss(event));
    } else {
      counts.seen++;
      if (event.kind !== 'unknown') relatives.take(event);
      if (filter.shows(event)) {
        counts.shown++;
        output.add(writer.event(event, event.kind === 'unknown' ? NO_KIN : relatives.show(event)));
      }
      if (event.kind !== 'unknown') relatives.leave(event);
      if (counts.shown >= count) return;
    }
    if (output.full) await output.flush();
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
  return { parent: status.parent, comm: commText(status.comm, 0), tasks: status.threads };
}
