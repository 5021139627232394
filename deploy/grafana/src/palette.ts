// Dashboards: the colours. Out: one for each thing, the same in every panel, by Grafana's names, which fit both themes.

export const GOOD = 'green';
export const WARNING = 'orange';
export const BAD = 'red';
/** What is only told, and neither good nor bad. */
export const PLAIN = 'text';

export const COLOURS = {
  fork: 'green',
  thread: 'light-green',
  exec: 'blue',
  exit: 'purple',
  threadExit: 'light-purple',
  failure: 'yellow',
  coredump: 'red',
  written: 'dark-red',
  storm: 'orange',
  lost: 'dark-red',
  other: '#8e8e8e',
  limit: 'red',
  median: 'text',
} as const;

export const SIGNALS: Readonly<Record<string, string>> = {
  SIGSEGV: 'red',
  SIGABRT: 'dark-red',
  SIGBUS: 'light-red',
  SIGILL: 'super-light-red',
  SIGFPE: 'semi-dark-red',
  SIGKILL: 'dark-orange',
  SIGTERM: 'light-blue',
  other: COLOURS.other,
};

export const EVENTS: Readonly<Record<string, string>> = {
  fork: COLOURS.fork,
  exec: COLOURS.exec,
  exit: COLOURS.exit,
  coredump: COLOURS.coredump,
  comm: 'light-blue',
  uid: 'yellow',
  gid: 'light-yellow',
  sid: 'light-orange',
  ptrace: 'dark-orange',
};
