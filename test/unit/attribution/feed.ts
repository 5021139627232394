// A feed made by hand: events as records into a real Attribution, over a /proc that the test writes, and what its sink
// was told, in words.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { commText } from '../../../src/aggregator/comm-text.ts';
import { Attribution } from '../../../src/attribution/attribution.ts';
import { UNKNOWN_UID } from '../../../src/attribution/identity.ts';
import { Procfs } from '../../../src/attribution/procfs.ts';
import { FOLDED, type Observer, type Sink } from '../../../src/attribution/sink.ts';
import * as record from '../../../src/collector/record.ts';

export interface Task {
  readonly pid: number;
  readonly tgid: number;
}

export const leader = (tgid: number): Task => ({ pid: tgid, tgid });
export const thread = (pid: number, tgid: number): Task => ({ pid, tgid });

class Told implements Sink {
  readonly lines: string[] = [];
  readonly kept = new Set<string>();
  /** Whether a pair that is new is counted apart. */
  room = true;
  readonly #pairs: string[] = ['<other>'];

  pair(words: Uint32Array, at: number, uid: number): number {
    const name = `${commText(words, at)}/${uid === UNKNOWN_UID ? '<unknown>' : uid}`;
    const known = this.#pairs.indexOf(name);
    if (known >= 0) return known;
    return this.room ? this.#pairs.push(name) - 1 : FOLDED;
  }
  nameOf(pair: number): string {
    return this.#pairs[pair] ?? '';
  }
  known(words: Uint32Array, at: number, uid: number): number {
    const name = `${commText(words, at)}/${uid === UNKNOWN_UID ? '<unknown>' : uid}`;
    return Math.max(0, this.#pairs.indexOf(name));
  }
  keep(pair: number): void {
    this.kept.add(this.#pairs[pair] ?? '');
  }
  fork(pair: number): void {
    this.#tell('fork', pair);
  }
  thread(pair: number): void {
    this.#tell('thread', pair);
  }
  exec(pair: number): void {
    this.#tell('exec', pair);
  }
  exit(pair: number, status: number): void {
    this.#tell(`exit ${status}`, pair);
  }
  lived(seconds: number): void {
    this.lines.push(`lived ${seconds}`);
  }
  cpu(pair: number, user: number, system: number): void {
    this.#tell(`cpu ${user} ${system}`, pair);
  }
  threadExit(): void {
    this.lines.push('thread exit');
  }
  coredump(pair: number): void {
    this.#tell('coredump', pair);
  }
  duplicateCoredump(): void {
    this.lines.push('duplicate coredump');
  }
  coreWritten(pair: number): void {
    this.#tell('core written', pair);
  }
  #tell(what: string, pair: number): void {
    this.lines.push(`${what} ${this.#pairs[pair]}`);
  }
}

/** Nobody: most tests look at the counts alone. */
const UNOBSERVED: Observer = { created() {}, dumping() {}, crashed() {} };

/** What taskstats says of a task that ends. */
export interface ExitRecord {
  readonly comm: string;
  readonly uid: number;
  /** µs */
  readonly user?: number;
  readonly system?: number;
  /** The last task of its process; undefined: an old kernel, which does not tell. */
  readonly last?: boolean;
}

export class Feed {
  /** CLOCK_MONOTONIC, ns: of events, and of the daemon. 0: events without a time. */
  now = 0;
  readonly told = new Told();
  readonly attribution: Attribution;
  readonly #proc = mkdtempSync(join(tmpdir(), 'procevents-proc-'));

  constructor(limit = 1000, observe?: (proc: Procfs, now: () => number) => Observer) {
    onTestFinished(() => rmSync(this.#proc, { recursive: true }));
    const procfs = new Procfs(this.#proc);
    const now = (): number => this.now;
    const observer = observe?.(procfs, now) ?? UNOBSERVED;
    this.attribution = new Attribution({ sink: this.told, observer, procfs, limit, now });
  }

  /** Puts a process into /proc, or takes it out. */
  proc(
    tgid: number,
    now?: {
      comm: string;
      uid: number;
      tids?: number[];
      state?: string;
      parent?: number;
      /** The lines of its cgroup file. */
      cgroup?: string;
    },
  ): void {
    const folder = join(this.#proc, String(tgid));
    rmSync(folder, { recursive: true, force: true });
    if (now === undefined) return;
    const tids = now.tids ?? [tgid];
    for (const task of [folder, ...tids.map((tid) => join(folder, 'task', String(tid)))]) {
      mkdirSync(task, { recursive: true });
      writeFileSync(join(task, 'comm'), `${now.comm}\n`);
      writeFileSync(
        join(task, 'status'),
        `Name:\t${now.comm}\nState:\t${now.state ?? 'S'} (x)\nPPid:\t${now.parent ?? 1}\nUid:\t${now.uid}\t1\t2\t3\nThreads:\t${tids.length}\n`,
      );
    }
    if (now.cgroup !== undefined) writeFileSync(join(folder, 'cgroup'), now.cgroup);
  }

  fork(child: Task, parent: Task): void {
    this.#record(record.FORK, child, { 6: parent.pid, 7: parent.tgid });
  }
  /** `comm` is perf's word. */
  exec(task: Task, comm: string): void {
    this.#record(record.EXEC, task, commWords(comm), record.FLAG_NAMED);
  }
  /** An exec that perf has not named; `comm` is what /proc said, if it said anything. */
  execRead(task: Task, comm?: string): void {
    const flags = comm === undefined ? 0 : record.FLAG_READ;
    this.#record(record.EXEC, task, commWords(comm ?? ''), flags);
  }
  uid(task: Task, uid: number): void {
    this.#record(record.UID, task, { 6: uid, 7: 0 });
  }
  comm(task: Task, comm: string): void {
    this.#record(record.COMM, task, commWords(comm));
  }
  coredump(task: Task): void {
    this.#record(record.COREDUMP, task, {});
  }
  exit(task: Task, status = 0, told?: ExitRecord): void {
    const words = told === undefined ? {} : exitWords(told);
    this.#record(
      record.EXIT,
      task,
      { ...words, [record.WORD_STATUS]: (17 << 16) | status },
      told === undefined ? 0 : exitFlags(told),
    );
  }
  lost(): void {
    this.#record(record.LOST, leader(0), { [record.WORD_LOST_COUNT]: 1 });
  }

  /** What the sink was told since the last call. */
  take(): string[] {
    return this.told.lines.splice(0);
  }

  #record(kind: number, task: Task, words: Record<number, number>, flags = 0): void {
    // Not at the start: an offset that is forgotten shows.
    const at = record.RECORD_WORDS;
    const memory = new Uint32Array(record.RECORD_WORDS * 3).fill(0xdead);
    memory.fill(0, at, at + record.RECORD_WORDS);
    memory[at + record.WORD_HEAD] = kind | (flags << 8);
    memory[at + record.WORD_TIME_LOW] = this.now % 2 ** 32;
    memory[at + record.WORD_TIME_HIGH] = Math.floor(this.now / 2 ** 32);
    memory[at + record.WORD_PID] = task.pid;
    memory[at + record.WORD_TGID] = task.tgid;
    for (const [word, value] of Object.entries(words)) memory[at + Number(word)] = value;
    this.attribution.consume(memory, at);
  }
}

function commWords(comm: string): Record<number, number> {
  const bytes = Buffer.alloc(16);
  bytes.write(comm, 'latin1');
  return Object.fromEntries(
    [0, 1, 2, 3].map((i) => [record.WORD_COMM + i, bytes.readUInt32LE(i * 4)]),
  );
}

function shiftOf({ user = 0, system = 0 }: ExitRecord): number {
  return Math.max(0, Math.ceil(Math.log2((Math.max(user, system) + 1) / 2 ** 32)));
}

function exitFlags(told: ExitRecord): number {
  const group = told.last === undefined ? 0 : record.FLAG_HAS_GROUP;
  const dead = told.last === true ? record.FLAG_GROUP_DEAD : 0;
  return record.FLAG_RECORD | group | dead | (shiftOf(told) << record.EXIT_SHIFT);
}

function exitWords(told: ExitRecord): Record<number, number> {
  const scale = 2 ** shiftOf(told);
  return {
    ...commWords(told.comm),
    [record.WORD_EXIT_UID]: told.uid,
    [record.WORD_EXIT_USER]: Math.floor((told.user ?? 0) / scale),
    [record.WORD_EXIT_SYSTEM]: Math.floor((told.system ?? 0) / scale),
  };
}
