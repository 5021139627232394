// Configuration: the commands that this program has, each with the options that are its alone. The parser and --help
// read it. An option is no flag: it has no variable in the environment, and no other command takes it.
import { on, type Flag } from './flag.ts';

export interface CommandOptions {
  readonly serve: Readonly<Record<string, never>>;
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
