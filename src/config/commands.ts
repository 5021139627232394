// Configuration: the commands that this program has. The parser and --help read it.

export const COMMANDS = [
  { name: 'serve', help: 'Serve the metrics of this host (the default).' },
] as const;

export type Command = (typeof COMMANDS)[number]['name'];
