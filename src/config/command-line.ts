// Configuration: the parser. In: arguments after the program's name, and the environment. Out: command and Config.
import { parseArgs } from 'node:util';
import { ExporterError, quoted } from '../errors.ts';
import { COMMANDS, type Command, type CommandOptions } from './commands.ts';
import type { Config } from './config.ts';
import type { Flag } from './flag.ts';
import { FLAGS, environmentName } from './flags.ts';
import { nearest } from './nearest.ts';
import { NotAllowed } from './values.ts';

/** A flag as it will be used, for --config.check. */
export interface Setting {
  readonly flag: Flag<unknown>;
  /** As one would type them. */
  readonly texts: readonly string[];
  readonly origin: 'default' | 'environment' | 'flag';
}

interface Run<Name extends Command> {
  readonly command: Name;
  readonly options: CommandOptions[Name];
  readonly config: Config;
  /** In the order of the table. */
  readonly settings: readonly Setting[];
}

export type CommandLine =
  | { [Name in Command]: Run<Name> }[Command]
  /** With the defaults. */
  | { readonly command: 'help'; readonly config: Config }
  | { readonly command: 'version'; readonly config: Config };

interface Given {
  /** Empty: the user said nothing, and the environment may speak. */
  readonly texts: readonly string[];
  /** The flag or the variable, for messages. */
  readonly source: string;
}

const NOTHING: Given = { texts: [], source: '' };

type Source = (flag: Flag<unknown>) => Given;
type Token = ReturnType<typeof tokensOf>[number];

const TABLE: readonly Flag<unknown>[] = Object.values(FLAGS);
const COMMAND_NAMES = Object.keys(COMMANDS) as [Command, ...Command[]];
const OPTIONS: readonly Flag<unknown>[] = COMMAND_NAMES.flatMap(optionsOf);
const BY_NAME = new Map([...TABLE, ...OPTIONS].map((flag) => [flag.name, flag]));
const SPELLINGS: readonly [string, ...string[]] = [
  'help',
  'version',
  ...BY_NAME.keys(),
  ...[...BY_NAME.values()].filter(({ type }) => type === 'switch').map(({ name }) => `no-${name}`),
];

function optionsOf(command: Command): readonly Flag<unknown>[] {
  return Object.values(COMMANDS[command].options);
}

export function parseCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): CommandLine {
  const tokens = tokensOf(argv);
  // Who asks for help gets it, whatever else is wrong with the line.
  for (const command of ['help', 'version'] as const) {
    if (tokens.some((token) => isSwitch(token, command))) {
      return { command, config: configFrom(() => NOTHING) };
    }
  }
  // Flags first: the value of a mistyped flag looks like a command.
  const given = flagsOf(tokens);
  const command = commandOf(tokens);
  checkOptions(command, given);
  const source: Source = (flag) => given.get(flag.name) ?? fromEnvironment(flag, environment);
  const config = configFrom(source);
  return {
    command,
    options: optionsFrom(command, given),
    config,
    settings: settingsFrom(source),
  } as CommandLine;
}

function tokensOf(argv: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  };
  for (const flag of BY_NAME.values()) {
    options[flag.name] = { type: flag.type === 'switch' ? 'boolean' : 'string' };
  }
  // strict would throw errors of its own, which name neither the nearest nor what is allowed.
  return parseArgs({ args: [...argv], options, strict: false, tokens: true }).tokens;
}

function isSwitch(token: Token, name: string): boolean {
  return token.kind === 'option' && token.name === name && token.value === undefined;
}

function commandOf(tokens: readonly Token[]): Command {
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const [word = 'serve', extra] = words;
  const known = COMMAND_NAMES.find((command) => command === word);
  if (known === undefined) {
    const meant = nearest(word, COMMAND_NAMES);
    throw new ExporterError(
      'PROCEVENTS_COMMAND_UNKNOWN',
      `unknown command ${quoted(word)}; the nearest is ${quoted(meant)}`,
    );
  }
  if (extra !== undefined) {
    throw new ExporterError(
      'PROCEVENTS_COMMAND_UNKNOWN',
      `unexpected argument ${quoted(extra)} after the command ${quoted(word)}`,
    );
  }
  return known;
}

/** What belongs to other commands is refused, with their names. */
function checkOptions(command: Command, given: ReadonlyMap<string, Given>): void {
  for (const [name, { source }] of given) {
    const owners = COMMAND_NAMES.filter((one) => optionsOf(one).some((flag) => flag.name === name));
    if (owners.length === 0 || owners.includes(command)) continue;
    throw new ExporterError(
      'PROCEVENTS_FLAG_COMMAND',
      `${source} belongs to ${owners.length > 1 ? 'the commands' : 'the command'} ${owners.join(' and ')}, not to ${command}`,
    );
  }
}

function flagsOf(tokens: readonly Token[]): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const [flag, text] = flagOf(token);
    const source = `--${flag.name}`;
    const earlier = given.get(flag.name)?.texts ?? [];
    if (flag.type !== 'list' && earlier.length > 0) {
      throw new ExporterError('PROCEVENTS_FLAG_REPEATED', `${source} is given more than once`);
    }
    if (earlier.includes(text)) {
      throw new ExporterError(
        'PROCEVENTS_FLAG_REPEATED',
        `${source} is given ${quoted(text)} more than once`,
      );
    }
    given.set(flag.name, { texts: [...earlier, text], source });
  }
  return given;
}

/** The flag of a token and its value as text; a switch has the text on or off. */
function flagOf(token: Extract<Token, { kind: 'option' }>): readonly [Flag<unknown>, string] {
  const negated = token.name.startsWith('no-') ? BY_NAME.get(token.name.slice(3)) : undefined;
  const flag = negated?.type === 'switch' ? negated : BY_NAME.get(token.name);
  if (token.name === 'help' || token.name === 'version' || flag?.type === 'switch') {
    if (flag === undefined || token.value !== undefined) {
      throw new ExporterError('PROCEVENTS_FLAG_SWITCH', `--${token.name} takes no value`);
    }
    return [flag, flag === negated ? 'off' : 'on'];
  }
  if (flag === undefined) {
    throw new ExporterError(
      'PROCEVENTS_FLAG_UNKNOWN',
      `unknown flag ${quoted(token.rawName)}; the nearest is --${nearest(token.name, SPELLINGS)}`,
    );
  }
  // `--log.level --help` forgot a value; a value that really begins with dashes can be written after =.
  const forgotten = !token.inlineValue && token.value?.startsWith('--') === true;
  const empty = token.value === '' && !flag.mayBeEmpty;
  if (token.value === undefined || empty || forgotten) {
    throw new ExporterError('PROCEVENTS_FLAG_NO_VALUE', `--${flag.name} needs a value`);
  }
  return [flag, token.value];
}

function fromEnvironment(flag: Flag<unknown>, environment: NodeJS.ProcessEnv): Given {
  const source = environmentName(flag.name);
  const text = environment[source];
  if (text === undefined) return { texts: [], source };
  // A comma within braces belongs to a regular expression.
  const texts =
    flag.type === 'list' ? text.split(/,(?![^{]*\})/).map((part) => part.trim()) : [text];
  if (texts.includes('') && !flag.mayBeEmpty) {
    throw new ExporterError('PROCEVENTS_FLAG_NO_VALUE', `the variable ${source} needs a value`, {
      remedy: 'Set it to a value, or unset it for the default.',
    });
  }
  const repeated = texts.find((one, index) => texts.indexOf(one) < index);
  if (repeated !== undefined) {
    throw new ExporterError(
      'PROCEVENTS_FLAG_REPEATED',
      `${source} has ${quoted(repeated)} more than once`,
    );
  }
  return { texts, source };
}

function valueOf<T>(flag: Flag<T>, { texts, source }: Given): T {
  try {
    return flag.read(texts.length > 0 ? texts : flag.fallback);
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    throw new ExporterError('PROCEVENTS_FLAG_VALUE', `${source} ${error.message}`);
  }
}

function optionsFrom(
  command: Command,
  given: ReadonlyMap<string, Given>,
): Readonly<Record<string, unknown>> {
  const entries: readonly (readonly [string, Flag<unknown>])[] = Object.entries(
    COMMANDS[command].options,
  );
  return Object.fromEntries(
    entries.map(([key, flag]) => [key, valueOf(flag, given.get(flag.name) ?? NOTHING)]),
  );
}

function settingsFrom(source: Source): readonly Setting[] {
  return TABLE.map((flag) => {
    const given = source(flag);
    if (given.texts.length === 0) return { flag, texts: flag.fallback, origin: 'default' };
    const origin = given.source.startsWith('--') ? 'flag' : 'environment';
    return { flag, texts: given.texts, origin };
  });
}

function configFrom(source: Source): Config {
  const read = <Key extends keyof Config>(key: Key): Config[Key] => {
    const flag: Flag<Config[Key]> = FLAGS[key];
    return valueOf(flag, source(flag));
  };
  return {
    listenAddresses: read('listenAddresses'),
    telemetryPath: read('telemetryPath'),
    exporterMetrics: read('exporterMetrics'),
    webConfigFile: read('webConfigFile'),
    systemdSocket: read('systemdSocket'),
    maxRequests: read('maxRequests'),
    created: read('created'),
    healthUnprotected: read('healthUnprotected'),
    page: read('page'),
    procfs: read('procfs'),
    passwd: read('passwd'),
    receiveBuffer: read('receiveBuffer'),
    ringSlots: read('ringSlots'),
    perf: read('perf'),
    taskstats: read('taskstats'),
    gatherMs: read('gatherMs'),
    pairsMax: read('pairsMax'),
    folds: read('folds'),
    stormThreshold: read('stormThreshold'),
    user: read('user'),
    logLevel: read('logLevel'),
    logFormat: read('logFormat'),
    configCheck: read('configCheck'),
  };
}
