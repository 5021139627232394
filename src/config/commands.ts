// Configuration: the commands that this program has, each with the options that are its alone. The parser and --help
// read it. An option is no flag: it has no variable in the environment, and no other command takes it.
import { list, on, optional, value, type Flag } from './flag.ts';
import { durationMs, integer, userName } from './values.ts';
import { WATCHED_KINDS, commPattern, watchedKinds, type WatchedKind } from './watched.ts';

export interface CommandOptions {
  readonly serve: Readonly<Record<string, never>>;
  readonly watch: {
    readonly top: boolean;
    readonly events: readonly WatchedKind[];
    /** RE2, proven to compile; none: every comm. */
    readonly comms: readonly string[];
    /** Names or numbers; none: every user. */
    readonly uids: readonly string[];
    readonly threads: boolean;
    readonly tree: boolean;
    readonly json: boolean;
    /** ms */
    readonly duration: number | undefined;
    readonly count: number | undefined;
  };
  readonly doctor: { readonly json: boolean };
}

export type Command = keyof CommandOptions;

type Options<T> = { readonly [Key in keyof T]: Flag<T[Key]> };

/** Options of the same name are of the same type in all commands: the line is cut into words before the command is known. */
export const COMMANDS: {
  readonly [Name in Command]: {
    readonly help: string;
    readonly options: Options<CommandOptions[Name]>;
  };
} = {
  serve: { help: 'Serve the metrics of this host (the default).', options: {} },
  watch: {
    help: 'Show live events in the terminal, one line each. Takes the flags of serve for paths, collector and privilege. Works beside a running daemon.',
    options: {
      top: on({
        name: 'top',
        section: 'Commands',
        fallback: 'off',
        help: 'Show a table by comm and user instead, each second anew; where there is no terminal, one table after the other.',
      }),
      events: value('KINDS', watchedKinds, {
        name: 'events',
        section: 'Commands',
        fallback: 'all',
        help: `Only events of these kinds: ${WATCHED_KINDS.join(', ')}; separated by commas.`,
      }),
      comms: list('REGEXP', commPattern, {
        name: 'comm',
        section: 'Commands',
        fallback: [],
        emptyMeans: 'all',
        help: 'Only events of processes whose comm REGEXP (RE2) matches as a whole; a plain name is its own. Repeatable.',
      }),
      uids: list('USER', userName, {
        name: 'uid',
        section: 'Commands',
        fallback: [],
        emptyMeans: 'all',
        help: 'Only events of processes of this user, by name or uid. Repeatable.',
      }),
      threads: on({
        name: 'threads',
        section: 'Commands',
        fallback: 'on',
        help: 'Also threads, not only processes (the default).',
      }),
      tree: on({
        name: 'tree',
        section: 'Commands',
        fallback: 'off',
        help: 'Indent each comm by its depth below the ancestors seen; with --json tell the ancestors.',
      }),
      json: on({
        name: 'json',
        section: 'Commands',
        fallback: 'off',
        help: 'As one JSON object a line.',
      }),
      duration: optional('TIME', durationMs, {
        name: 'duration',
        section: 'Commands',
        fallback: '',
        help: 'End after this time: 500ms, 10s, 5m or 1h.',
      }),
      // More than any terminal or file holds lines.
      count: optional('COUNT', integer({ min: 1, max: 1_000_000_000_000 }), {
        name: 'count',
        section: 'Commands',
        fallback: '',
        help: 'End after so many events, or tables.',
      }),
    },
  },
  doctor: {
    help: 'Tell what this host lacks for that, and what to do. Takes the flags of serve. Ends with 0 when events will flow, else with 1.',
    options: {
      json: on({
        name: 'json',
        section: 'Commands',
        fallback: 'off',
        help: 'As one JSON document.',
      }),
    },
  },
};
