// Attribution: /proc as a witness. A process's directory in; its comm, real uid and live tasks out. A vanished process
// is a value, not an error.
import { closeSync, openSync, readSync, readdirSync } from 'node:fs';
import { ExporterError } from '../errors.ts';

/** /proc/<pid>/status is about 1.5 kB; its lists of CPUs and memory nodes grow with the machine. */
const BUFFER_BYTES = 16384;
const buffer = Buffer.alloc(BUFFER_BYTES);
/** Of a cgroup's path: a container's in a pod of a slice has some 250. */
const CGROUP_BYTES = 1024;

export interface ProcessStatus {
  /** Four words, zeroed after the name, which the kernel's own tools may know longer: 15 bytes are kept. */
  readonly comm: Uint32Array;
  /** Real uid in the init user namespace. */
  readonly uid: number;
  /** Of a zombie /proc still shows comm and uid. */
  readonly zombie: boolean;
  /** Tasks that the kernel still lists, a zombie leader included. */
  readonly threads: number;
  /** 0: none, or in another pid namespace. */
  readonly parent: number;
}

/** A process that is gone, or that hidepid hides; everything else (no descriptor left) is a failure of ours. */
const ABSENT = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);
let failures = 0;

/** Reads one file into the shared buffer. -1 when it or its process is gone. */
function readInto(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (!ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) failures++;
    return -1;
  }
  try {
    let size = 0;
    for (;;) {
      const count = readSync(fd, buffer, size, BUFFER_BYTES - size, null);
      size += count;
      if (count === 0 || size === BUFFER_BYTES) return size;
    }
  } catch {
    return -1;
  } finally {
    closeSync(fd);
  }
}

export class Procfs {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads so far that failed though there was something to read. */
  get failures(): number {
    return failures;
  }

  /** `task` is a tgid, or <tgid>/task/<tid>. undefined when it is gone or may not be read. */
  readStatus(task: number | string): ProcessStatus | undefined {
    const comm = this.readComm(task);
    const size = comm === undefined ? -1 : readInto(`${this.#root}/${task}/status`);
    if (comm === undefined || size < 0) return undefined;
    // The Name line escapes newlines, so the fields are found by line.
    const text = buffer.toString('latin1', 0, size);
    const uid = field(text, '\nUid:\t');
    const threads = field(text, '\nThreads:\t');
    if (uid === undefined || threads === undefined) return undefined;
    const state = text.charAt(text.indexOf('\nState:\t') + 8);
    const parent = field(text, '\nPPid:\t') ?? 0;
    return { comm, uid, zombie: state === 'Z' || state === 'X', threads, parent };
  }

  readComm(task: number | string): Uint32Array | undefined {
    const size = readInto(`${this.#root}/${task}/comm`);
    if (size < 1) return undefined;
    const comm = new Uint32Array(4);
    // The last byte is the line's end; a newline before it belongs to the name.
    for (let i = 0; i < Math.min(size - 1, 15); i++) {
      comm[i >> 2] = comm[i >> 2]! | (buffer[i]! << ((i & 3) * 8));
    }
    return comm;
  }

  /** The path of its cgroup, as bytes; undefined when it is gone or may not be read. */
  readCgroup(tgid: number): Uint8Array | undefined {
    const size = readInto(`${this.#root}/${tgid}/cgroup`);
    if (size < 1) return undefined;
    // One line a hierarchy; in no path is a newline (kernel/cgroup/cgroup.c refuses it).
    const lines = buffer.toString('latin1', 0, size).split('\n');
    const path = (prefix: RegExp): string | undefined =>
      lines.find((line) => prefix.test(line))?.replace(prefix, '');
    const unified = path(/^0::/);
    const systemd = unified === undefined || unified === '/' ? path(/^\d+:name=systemd:/) : unified;
    const found = systemd ?? unified;
    return found === undefined ? undefined : Buffer.from(found, 'latin1').subarray(0, CGROUP_BYTES);
  }

  /**
   * Why it does not show the processes of this host, after its path; undefined when it does. Throws an ExporterError when
   * that cannot be told. The first process is another's, and always there.
   */
  blindness(uid: number): string | undefined {
    if (this.readStatus(1) !== undefined) return undefined;
    try {
      closeSync(openSync(`${this.#root}/self`, 'r'));
      closeSync(openSync(`${this.#root}/1/status`, 'r'));
    } catch (error) {
      const { code = 'unknown', path } = error as NodeJS.ErrnoException;
      if (!ABSENT.has(code)) throw unreadable(this.#root, error);
      if (path === `${this.#root}/self`) return 'is no procfs';
    }
    return `hides the processes of others from uid ${uid} (hidepid)`;
  }

  /** All tgids. Throws an ExporterError when procfs itself cannot be read. */
  listProcesses(): number[] {
    let tgids: number[];
    try {
      tgids = numbers(this.#root);
    } catch (error) {
      throw unreadable(this.#root, error);
    }
    if (tgids.length === 0) {
      throw new ExporterError('PROCEVENTS_PROCFS', `${this.#root} shows no process`);
    }
    return tgids;
  }

  /** The tids of a process, without a leader that is a zombie; empty when it is gone. */
  listTasks(tgid: number, status: ProcessStatus): number[] {
    if (status.threads <= 1) return status.zombie ? [] : [tgid];
    let tids: number[] = [];
    try {
      tids = numbers(`${this.#root}/${tgid}/task`);
    } catch {
      // Gone.
    }
    return status.zombie ? tids.filter((tid) => tid !== tgid) : tids;
  }

  /** The `processes` line of <procfs>/stat: tasks ever created on this host. */
  readForks(): number | undefined {
    const text = this.#readText('stat');
    return text === undefined ? undefined : field(text, '\nprocesses ');
  }

  /** How many tasks this kernel allows: the smaller of pid_max and threads-max. */
  readPidsLimit(): number {
    const limits = ['sys/kernel/pid_max', 'sys/kernel/threads-max'].map((file) =>
      Number.parseInt(this.#readText(file) ?? '', 10),
    );
    // PID_MAX_LIMIT (linux/threads.h), where /proc/sys is not there.
    return Math.min(4_194_304, ...limits.filter((limit) => limit > 0));
  }

  #readText(file: string): string | undefined {
    // <procfs>/stat grows with CPUs and interrupts, past any fixed buffer: read in whole.
    let fd: number;
    try {
      fd = openSync(`${this.#root}/${file}`, 'r');
    } catch {
      return undefined;
    }
    try {
      const parts: string[] = [];
      for (;;) {
        const count = readSync(fd, buffer, 0, BUFFER_BYTES, null);
        if (count === 0) return parts.join('');
        parts.push(buffer.toString('latin1', 0, count));
      }
    } catch {
      return undefined;
    } finally {
      closeSync(fd);
    }
  }
}

function field(text: string, name: string): number | undefined {
  const at = text.indexOf(name);
  if (at < 0) return undefined;
  const value = Number.parseInt(text.slice(at + name.length, at + name.length + 20), 10);
  return Number.isNaN(value) ? undefined : value;
}

function numbers(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function unreadable(root: string, error: unknown): ExporterError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const message = `${root} cannot be read (${code})`;
  const remedy = 'Raise the limit on open files (LimitNOFILE).';
  return new ExporterError('PROCEVENTS_PROCFS', message, code === 'EMFILE' ? { remedy } : {});
}
