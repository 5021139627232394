// Configuration: the text of --help, made from the table of flags. Out: lines of at most 80 columns.
import { COMMANDS } from './commands.ts';
import { SECTIONS, type Flag } from './flag.ts';
import { FLAGS, environmentName, fallbackText } from './flags.ts';

const WIDTH = 80;
const INDENT = ' '.repeat(6);
const ENTRIES = Object.entries(COMMANDS);

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const glue = line === indent ? '' : ' ';
    if (line !== indent && line.length + glue.length + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line += glue + word;
    }
  }
  return [...lines, line];
}

function headOf(flag: Flag<unknown>): string {
  return flag.type === 'switch' ? `--[no-]${flag.name}` : `--${flag.name}=${flag.value}`;
}

/** What is in force without it, and its variable: on one line where both have room. */
function defaultLines(flag: Flag<unknown>): string[] {
  const lines = wrapped(`[default: ${fallbackText(flag)}]`, INDENT);
  const variable = `[$${environmentName(flag.name)}]`;
  const last = `${lines.at(-1)} ${variable}`;
  return last.length <= WIDTH ? [...lines.slice(0, -1), last] : [...lines, INDENT + variable];
}

function flagLines(flag: Flag<unknown>): string[] {
  return [`  ${headOf(flag)}`, ...wrapped(flag.help, INDENT), ...defaultLines(flag)];
}

function commandLines([name, { help, options }]: (typeof ENTRIES)[number]): string[] {
  const flags: readonly Flag<unknown>[] = Object.values(options);
  return [
    `  ${name}`,
    ...wrapped(help, INDENT),
    ...flags.flatMap((flag) => wrapped(`${headOf(flag)}  ${flag.help}`, INDENT)),
  ];
}

export function helpText(): string {
  const flags: readonly Flag<unknown>[] = Object.values(FLAGS);
  const lines = [
    'Usage: procevents-exporter [COMMAND] [FLAGS]',
    '',
    ...wrapped(
      'Prometheus exporter of process events: forks, execs, exits, signals and core dumps of this host, counted per comm and uid by the kernel process event connector.',
      '',
    ),
    '',
    'Commands:',
    ...ENTRIES.flatMap(commandLines),
  ];
  for (const section of SECTIONS) {
    const those = flags.filter((flag) => flag.section === section);
    if (those.length > 0) lines.push('', `${section}:`, ...those.flatMap(flagLines));
  }
  lines.push(
    '',
    'Other:',
    '  -h, --help  Print this and exit.',
    '  --version   Print the version and exit.',
    '',
    ...wrapped(
      '--flag=value and --flag value are the same. A flag beats its environment variable, in which a switch is 1, true, yes, on or 0, false, no, off.',
      '',
    ),
  );
  return `${lines.join('\n')}\n`;
}
