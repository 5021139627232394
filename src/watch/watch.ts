// Watch: the command, put together and taken apart again. In: configuration and options. Out: events on standard output
// until somebody ends it, and one line about them.
import { isatty } from 'node:tty';
import { Procfs } from '../attribution/procfs.ts';
import type { CommandOptions } from '../config/commands.ts';
import type { Config } from '../config/config.ts';
import { ExporterError } from '../errors.ts';
import { plural } from './amounts.ts';
import { WallClock } from './clock.ts';
import { Filter } from './filter.ts';
import { runLines } from './lines.ts';
import { Names, uidsOf } from './names.ts';
import { openFeed } from './open.ts';
import { Output } from './output.ts';
import { COLOURED, PLAIN, wantsColour } from './paint.ts';
import type { Stage } from './stage.ts';
import { summaryText } from './summary.ts';
import { runTop } from './top.ts';

/** Between two looks at the clock and at the passwd file. */
const REFRESH_MS = 1000;

export interface WatchOptions {
  readonly config: Config;
  readonly options: CommandOptions['watch'];
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by a signal: the end then does not wait long for a reader. */
  readonly hurry: AbortSignal;
}

export interface Watched {
  /** The terminal is gone. */
  readonly hungUp: boolean;
}

/** Resolves at the end, rejects with an ExporterError; then the terminal is as it was. */
export async function watch({
  config,
  options,
  environment,
  hurry,
}: WatchOptions): Promise<Watched> {
  if (options.top && options.tree) {
    throw new ExporterError('PROCEVENTS_FLAG_COMMAND', '--tree does not go with --top');
  }
  // Opened here: afterwards we may be a user whose terminal it is not.
  const { stdin, stdout, stderr } = process;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  const hangsUp = (): boolean => terminals.some((fd) => !isatty(fd));
  const uids = uidsOf(options.uids, config.passwd);
  const filter = new Filter({ ...options, uids, self: process.pid });
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Who asked for an end at a time wants it then: like a signal, it waits for no reader that sleeps.
  const hurrying = new AbortController();
  const endSoon = (): void => {
    hurrying.abort();
    end();
  };
  hurry.addEventListener('abort', endSoon, { once: true });
  const output = new Output({ stream: stdout, hurry: hurrying.signal, closed: end });
  // Who closes it reads no warnings.
  stderr.on('error', () => {});
  const procfs = new Procfs(config.procfs);
  // What happens while it is being opened is told, too.
  const start = performance.now();
  const connector = await openFeed(config, procfs, (text) => {
    stderr.write(`procevents-exporter: warning: ${text}\n`);
  });
  const names = new Names(config.passwd);
  const clock = new WallClock();
  const coloured = wantsColour({ terminal: stdout.isTTY, environment });
  const stage: Stage = {
    connector,
    filter,
    procfs,
    names,
    clock,
    paint: coloured ? COLOURED : PLAIN,
    output,
    counts: { seen: 0, shown: 0, left: 0, lost: undefined },
    ending: ending.signal,
    end,
  };
  const refreshing = setInterval(() => {
    clock.refresh();
    names.refresh();
    // The kernel tells only the session's leader, and who has nothing to write is told of no error.
    if (hangsUp()) end();
  }, REFRESH_MS);
  const timer = options.duration === undefined ? undefined : setTimeout(endSoon, options.duration);
  let failure: unknown;
  try {
    const onScreen = stdout.isTTY && environment['TERM'] !== 'dumb' && !options.json;
    const screen = onScreen
      ? { input: stdin.isTTY ? stdin : undefined, output: stdout }
      : undefined;
    await (options.top ? runTop(stage, options, screen) : runLines(stage, options));
  } catch (error) {
    if (!ending.signal.aborted) failure = error;
  } finally {
    clearInterval(refreshing);
    clearTimeout(timer);
  }
  const seconds = (performance.now() - start) / 1000;
  await connector.close();
  const taken = await output.finish();
  if (failure !== undefined) throw failure;
  // A hung-up terminal is none any more.
  const hungUp = hangsUp();
  if (output.gone || hungUp) return { hungUp };
  if (output.error !== undefined) {
    const { code = 'unknown' } = output.error;
    throw new ExporterError('PROCEVENTS_OUTPUT', `cannot write its output (${code})`);
  }
  const { seen, shown, left, lost = connector.stats().lost } = stage.counts;
  const summary = summaryText({ seen, shown: options.top ? undefined : shown, seconds, lost });
  const rest =
    taken && left === 0
      ? ''
      : `; not told any more, as nobody read: ${plural(left, 'event')} and the last lines`;
  stderr.write(`${summary}${rest}\n`);
  return { hungUp };
}
