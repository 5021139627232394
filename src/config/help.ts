// Configuration: the text of --help, made from the table of flags. Out: lines of at most 80 columns.
import { COMMANDS } from './commands.ts';
import { FLAGS, SECTIONS, environmentName, fallbackText, type Flag } from './flags.ts';

const WIDTH = 80;
const INDENT = ' '.repeat(6);

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

function flagLines(flag: Flag<unknown>): string[] {
  const head = flag.type === 'switch' ? `--[no-]${flag.name}` : `--${flag.name}=${flag.value}`;
  return [
    `  ${head}`,
    ...wrapped(`${flag.help} Default: ${fallbackText(flag)}.`, INDENT),
    `${INDENT}[$${environmentName(flag.name)}]`,
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
    ...COMMANDS.map(({ name, help }) => `  ${name.padEnd(8)}${help}`),
  ];
  for (const section of SECTIONS) {
    lines.push('', `${section}:`);
    for (const flag of flags) if (flag.section === section) lines.push(...flagLines(flag));
  }
  lines.push(
    '',
    'Other:',
    '  -h, --help',
    `${INDENT}Print this and exit.`,
    '  --version',
    `${INDENT}Print the version and exit.`,
    '',
    ...wrapped(
      '--flag=value and --flag value are the same. A flag beats its environment variable, in which a switch is 1, true, yes, on or 0, false, no, off.',
      '',
    ),
  );
  return `${lines.join('\n')}\n`;
}
