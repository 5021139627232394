// A fleet on one machine: daemons that count what test/programs/fleet.c tells them, each of a host that does not exist. Input:
// how many; what happens on which. Output: their addresses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LineProcess } from './line-process.ts';
import { program, root } from './programs.ts';

const CHILD = path.join(root, 'test/harness/fleet-child.mjs');

export interface Happening {
  readonly host: number;
  readonly comm: string;
  readonly uid: number;
  readonly forks: number;
  readonly failures?: number;
  readonly dumps?: number;
}

export class Fleet {
  readonly addresses: readonly string[];
  readonly #process: LineProcess;
  readonly #procfs: string;

  private constructor(addresses: readonly string[], fleet: LineProcess, procfs: string) {
    this.addresses = addresses;
    this.#process = fleet;
    this.#procfs = procfs;
  }

  static async start(hosts: number): Promise<Fleet> {
    const procfs = makeProcfs();
    const command = [process.execPath, CHILD, String(hosts), procfs];
    const fleet = new LineProcess(program('fleet'), [String(hosts), ...command]);
    const addresses = JSON.parse(await fleet.line()) as string[];
    return new Fleet(addresses, fleet, procfs);
  }

  /** Resolves when all of it is on its way to the daemons. */
  async happen(all: readonly Happening[]): Promise<void> {
    for (const { host, comm, uid, forks, failures = 0, dumps = 0 } of all) {
      this.#process.say([host, comm, uid, forks, failures, dumps].join(' '));
      await this.#process.line();
    }
  }

  async stop(): Promise<void> {
    await this.#process.finish();
    rmSync(this.#procfs, { recursive: true });
  }
}

/** Of hosts on which nothing but the first process runs. */
function makeProcfs(): string {
  const procfs = mkdtempSync(path.join(tmpdir(), 'procevents-fleet-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(procfs, file)), { recursive: true });
    writeFileSync(path.join(procfs, file), text);
  };
  write('stat', 'cpu  0 0 0 0\nprocesses 1000\n');
  write('sys/kernel/pid_max', '4194304\n');
  write('sys/kernel/threads-max', '4194304\n');
  write('1/comm', 'systemd\n');
  write('1/status', 'Name:\tsystemd\nState:\tS\nPPid:\t0\nUid:\t0\t0\t0\t0\nThreads:\t1\n');
  return procfs;
}
