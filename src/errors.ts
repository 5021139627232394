// All stages: every error that a person is meant to read. In: a code, a native error. Out: one line with a remedy.
import { getSystemErrorName } from 'node:util';

/** What to do about each error. Users and scripts match on codes: a code is never reused and never renamed. */
export const CATALOGUE = {
  PROCEVENTS_FLAG_UNKNOWN: { remedy: 'See --help for all flags.' },
  PROCEVENTS_FLAG_VALUE: { remedy: 'See --help for what each flag takes.' },
  PROCEVENTS_FLAG_NO_VALUE: {
    remedy: 'Write --flag=value, or leave the flag out for its default.',
  },
  PROCEVENTS_FLAG_REPEATED: { remedy: 'Give it once.' },
  PROCEVENTS_FLAG_SWITCH: { remedy: 'Write --flag or --no-flag, without a value.' },
  PROCEVENTS_FLAG_COMMAND: { remedy: 'See --help for what each command takes.' },
  PROCEVENTS_COMMAND_UNKNOWN: { remedy: 'See --help for all commands.' },
  PROCEVENTS_NODE_VERSION: { remedy: 'Install Node 20.19 or newer.' },
  PROCEVENTS_PLATFORM: {
    remedy: 'Run it on Linux: the process event connector exists nowhere else.',
  },
  PROCEVENTS_MODULES: {
    remedy: 'Raise the limit on open files (LimitNOFILE), or install the package again.',
  },
  PROCEVENTS_ADDON_MISSING: {
    remedy: 'Run npm start in the source tree, which builds it, or install the package again.',
  },
  PROCEVENTS_ADDON_LOAD: {
    remedy: 'Build it again for this Node and this C library: npm rebuild procevents-exporter.',
  },
  PROCEVENTS_PROCFS: {
    remedy:
      "Mount the host's procfs without hidepid and point --path.procfs at it, or have it run in the group that the mount's gid= names.",
  },
  PROCEVENTS_OUTPUT: { remedy: 'Make room where its output goes, or send it elsewhere.' },
  PROCEVENTS_LISTEN_IN_USE: {
    remedy: 'Stop the program that holds it, or choose another --web.listen-address.',
  },
  PROCEVENTS_LISTEN_DENIED: {
    remedy:
      'Choose a port of 1024 or above, or a directory that this user may write to, with --web.listen-address.',
  },
  PROCEVENTS_LISTEN_FAILED: {
    remedy: 'Check --web.listen-address against the addresses of this host.',
  },
  PROCEVENTS_SYSTEMD_SOCKET: {
    remedy:
      'Start it from a .socket unit with ListenStream= and Accept=no, or leave out --web.systemd-socket.',
  },
  PROCEVENTS_WEB_CONFIG_FILE: {
    remedy: 'Give the path of a file that this user may read, of at most 1 MiB.',
  },
  PROCEVENTS_WEB_CONFIG_YAML: { remedy: 'Correct the file: each key once, indented by spaces.' },
  PROCEVENTS_WEB_CONFIG_KEY: {
    remedy: 'Correct or remove the key; the file has the keys of the Prometheus exporter-toolkit.',
  },
  PROCEVENTS_WEB_CONFIG_VALUE: { remedy: 'Correct the value in the file.' },
  PROCEVENTS_WEB_CONFIG_CERTIFICATE: {
    remedy: 'Give PEM files that belong together: certificate, its private key, and the CA.',
  },
  PROCEVENTS_CONNECTOR_SOCKET: {
    remedy:
      'Use a kernel with CONFIG_CONNECTOR and CONFIG_PROC_EVENTS, and allow AF_NETLINK sockets.',
  },
  PROCEVENTS_CONNECTOR_BUFFER: { remedy: 'Choose a smaller --collector.receive-buffer.' },
  PROCEVENTS_CONNECTOR_BIND: {
    remedy: 'Run it as root or with CAP_NET_ADMIN in the init user namespace.',
  },
  PROCEVENTS_CONNECTOR_SEND: {
    remedy: 'Run it as root or with CAP_NET_ADMIN in the init namespaces of the host.',
  },
  PROCEVENTS_CONNECTOR_NO_ACK: {
    remedy:
      'Run it in the init user and pid namespaces (no PrivateUsers; in a container --pid host), on a kernel with CONFIG_PROC_EVENTS.',
  },
  PROCEVENTS_CONNECTOR_ACK_ERROR: {
    remedy: 'Run it as root or with CAP_NET_ADMIN in the init namespaces of the host.',
  },
  PROCEVENTS_EXEC_NAMES: {
    remedy:
      'Run it as root, or with CAP_PERFMON (Linux 5.8) and kernel.perf_event_paranoid at most 2, or turn it off with --no-collector.perf.',
  },
  PROCEVENTS_TASKSTATS: {
    remedy:
      'Run it as root or with CAP_NET_ADMIN in the init namespaces of the host, or turn it off with --no-collector.taskstats.',
  },
  PROCEVENTS_FEED_SILENT: {
    remedy: 'Start it again with CAP_NET_ADMIN in the init namespaces of the host.',
  },
  PROCEVENTS_COLLECTOR_START: {
    remedy: 'Raise the limits on memory, threads and open files of this service.',
  },
  PROCEVENTS_USER: {
    remedy: 'Give --user a name of --path.passwd or a uid, and start it as root, or leave it out.',
  },
  PROCEVENTS_USER_CHANGE: {
    remedy:
      'Give it CAP_SETUID and CAP_SETGID for the start too, or start it as the user that it is to be, or with --user=root.',
  },
  PROCEVENTS_PRIVILEGE: {
    remedy:
      'Allow the system calls capset, prctl, rt_sigaction and tgkill, and mount procfs at /proc.',
  },
  PROCEVENTS_OPTION: { remedy: 'See docs/library.md for what each option takes.' },
  PROCEVENTS_CLOSED: { remedy: 'Open another one.' },
  PROCEVENTS_BUSY: {
    remedy: 'End the other iteration first, or open a second connector: each event is given once.',
  },
  PROCEVENTS_COLLECTOR_DIED: { remedy: 'Open it again; the error says what the source answered.' },
  PROCEVENTS_COLLECTOR_STUCK: {
    remedy: 'End the process: a debugger or the system holds a thread.',
  },
  PROCEVENTS_INTERNAL: {
    remedy: 'This is a defect of the exporter: please report it with this line.',
  },
} as const satisfies Record<string, { readonly remedy: string }>;

export type ErrorCode = keyof typeof CATALOGUE;

/** An error with a stable code and a remedy. Its message is one line without a full stop. */
export class ExporterError extends Error {
  override readonly name = 'ExporterError';
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly remedy?: string },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options?.remedy ?? CATALOGUE[code].remedy;
  }
}

interface NativeFailure {
  readonly what: string;
  /** By errno name, where the errno alone tells the cause: what it means, and its own remedy. */
  readonly causes?: Readonly<Record<string, { readonly means: string; readonly remedy?: string }>>;
}

const NATIVE = new Map<string, NativeFailure>(
  Object.entries({
    PROCEVENTS_CONNECTOR_SOCKET: {
      what: 'cannot open the process event connector',
      causes: {
        EPROTONOSUPPORT: { means: 'this kernel is built without CONFIG_CONNECTOR' },
        EAFNOSUPPORT: {
          means: 'a sandbox forbids netlink sockets',
          remedy: 'Allow AF_NETLINK (systemd: RestrictAddressFamilies).',
        },
        EMFILE: {
          means: 'too many open files',
          remedy: 'Raise the limit on open files (LimitNOFILE).',
        },
      },
    },
    PROCEVENTS_CONNECTOR_BUFFER: {
      what: 'cannot set the receive buffer of the process event connector',
      causes: {
        ENOMEM: { means: 'out of memory' },
      },
    },
    PROCEVENTS_CONNECTOR_BIND: {
      what: 'cannot join the process event connector',
      causes: { EPERM: { means: 'CAP_NET_ADMIN is missing' } },
    },
    PROCEVENTS_CONNECTOR_SEND: {
      what: 'cannot subscribe to process events',
      causes: {
        ECONNREFUSED: {
          means:
            "this is not the host's network namespace, or the kernel has no CONFIG_PROC_EVENTS",
          remedy:
            "Run it in the host's network namespace (no PrivateNetwork; in a container --network host), on a kernel with CONFIG_PROC_EVENTS.",
        },
      },
    },
    PROCEVENTS_CONNECTOR_NO_ACK: {
      what: 'the kernel did not acknowledge the subscription to process events: this is not the init user or pid namespace, or the kernel has no CONFIG_PROC_EVENTS',
    },
    PROCEVENTS_CONNECTOR_ACK_ERROR: {
      what: 'the kernel refused the subscription to process events',
      causes: { EPERM: { means: 'CAP_NET_ADMIN is missing' } },
    },
    PROCEVENTS_PROCFS: { what: 'cannot open procfs' },
    PROCEVENTS_COLLECTOR_DIED: {
      what: 'the source of process events has failed',
      causes: { EPIPE: { means: 'its other end is closed' } },
    },
    PROCEVENTS_EXEC_NAMES: {
      what: "cannot open perf's COMM records",
      causes: {
        EACCES: { means: 'CAP_PERFMON is missing, or kernel.perf_event_paranoid forbids it' },
        EPERM: {
          means: 'CAP_PERFMON is missing, or a sandbox forbids it',
          remedy:
            'Run it as root or with CAP_PERFMON (Linux 5.8), allow perf_event_open where seccomp does not, as in some container runtimes, or turn it off with --no-collector.perf.',
        },
        // Which CPUs there are stands in /sys.
        ENOENT: { means: '/sys is not mounted', remedy: 'Mount sysfs at /sys.' },
        ENOSYS: {
          means: 'this kernel is built without CONFIG_PERF_EVENTS, or a sandbox forbids it',
        },
      },
    },
    PROCEVENTS_TASKSTATS: {
      what: 'cannot receive exit records from taskstats',
      causes: {
        EPERM: { means: 'CAP_NET_ADMIN is missing' },
        EINVAL: { means: 'this is not the init user or pid namespace' },
        ENOENT: {
          means:
            "this kernel is built without CONFIG_TASKSTATS, or this is not the host's network namespace, or /sys is not mounted",
        },
        ETIMEDOUT: { means: "no record comes: this is not the host's network namespace" },
      },
    },
    PROCEVENTS_USER_CHANGE: {
      what: 'cannot become another user',
      causes: { EPERM: { means: 'CAP_SETUID or CAP_SETGID is missing' } },
    },
    PROCEVENTS_PRIVILEGE: {
      what: 'cannot give up privileges',
      causes: {
        EPERM: { means: 'a sandbox forbids it' },
        ETIMEDOUT: { means: 'a thread does not answer' },
      },
    },
    PROCEVENTS_COLLECTOR_START: {
      what: 'cannot start the collector',
      causes: {
        ENOMEM: {
          means: 'out of memory for the ring',
          remedy: 'Choose a smaller --collector.ring-slots, or give this service more memory.',
        },
        EAGAIN: {
          means: 'no further thread is allowed',
          remedy: 'Raise the limit on tasks of this service and user (TasksMax, RLIMIT_NPROC).',
        },
        EMFILE: {
          means: 'too many open files',
          remedy: 'Raise the limit on open files (LimitNOFILE).',
        },
      },
    },
  } satisfies Partial<Record<ErrorCode, NativeFailure>>),
);

function errnoName(errno: unknown): string | undefined {
  // The kernel's errnos end at 4095 (MAX_ERRNO); Node throws at numbers far beyond.
  const number = typeof errno === 'number' ? Math.abs(errno) : NaN;
  if (!Number.isInteger(number) || number === 0 || number > 4095) return undefined;
  const name = getSystemErrorName(-number);
  return name.startsWith('E') ? name : `errno ${number}`;
}

/** What the addon threw (an Error with `code` and `errno`), as an error with a remedy. */
export function fromNative(error: unknown): ExporterError {
  if (error instanceof ExporterError) return error;
  const { code, errno } = (error ?? {}) as { readonly code?: unknown; readonly errno?: unknown };
  const failure = typeof code === 'string' ? NATIVE.get(code) : undefined;
  if (failure === undefined) {
    return new ExporterError('PROCEVENTS_INTERNAL', messageOf(error), { cause: error });
  }
  const name = errnoName(errno);
  const cause = name === undefined ? undefined : failure.causes?.[name];
  const means = cause === undefined ? '' : `: ${cause.means}`;
  const suffix = name === undefined ? '' : ` (${name})`;
  return new ExporterError(code as ErrorCode, `${failure.what}${means}${suffix}`, {
    cause: error,
    ...(cause?.remedy === undefined ? {} : { remedy: cause.remedy }),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The line that ends a failed start on stderr. Line breaks in it would break whoever reads it line by line. */
export function oneLine(error: unknown): string {
  const known =
    error instanceof ExporterError
      ? error
      : new ExporterError('PROCEVENTS_INTERNAL', messageOf(error));
  return `procevents-exporter: ${known.message} [${known.code}]. ${known.remedy}`.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]+/gu,
    ' ',
  );
}

/** A user's text inside a message: quoted, one line, of bounded length, nothing that moves a terminal's cursor. */
export function quoted(text: string): string {
  // 80 characters: enough to recognise what one typed, and the line stays readable.
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const escaped = shown.replace(
    /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${escaped}"`;
}
