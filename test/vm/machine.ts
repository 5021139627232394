// One boot of a test VM. Input: the disks, a kernel's series, test files. Output: vitest's report from inside, and what was
// printed. The VM writes to snapshots of its disks: no boot sees another's traces.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Disks } from './disks.ts';

// Emulated: KVM inside of a VM, which CI machines are, is not there or hangs.
const HARDWARE = '-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -no-reboot'.split(
  ' ',
);
const BARE = ['-no-user-config', '-nodefaults', '-display', 'none'];
/** What takes systemd's 90 s on a machine this slow is no fault yet. */
const KERNEL =
  'console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off systemd.default_timeout_start_sec=900';
/** A report of some hundred tests takes 100 kB; all that failed, with their messages, some more. */
const REPORT_BYTES = 16 * 1024 * 1024;
/** A boot and its tests take two to three minutes, two at once on two cores that nobody else uses. */
const LIMIT_MS = 15 * 60_000;

export interface GuestTest {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
  readonly failureMessages: readonly string[];
}

/** vitest's JSON report, as far as it is read. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly GuestTest[];
  }[];
}

export interface Boot {
  /** undefined when the VM did not get as far */
  readonly report: Report | undefined;
  readonly printed: string;
  readonly console: string;
  readonly seconds: number;
}

export interface Guest {
  /** Of its kernel, such as 6.1. */
  readonly series: string;
  /** What vitest runs inside, as files of the project. */
  readonly tests: readonly string[];
  /** As PID 1, with all that Debian starts; else the tests are alone. */
  readonly systemd?: boolean;
}

export async function boot(disks: Disks, guest: Guest): Promise<Boot> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'procevents-vm-'));
  const [report, printed, console] = ['report', 'printed', 'console'].map((name) =>
    path.join(scratch, name),
  ) as [string, string, string];
  try {
    const disk = await open(report, 'w');
    await disk.truncate(REPORT_BYTES);
    await disk.close();
    const kernel = disks.kernel(guest.series);
    const begin = performance.now();
    const qemu = spawn(
      'qemu-system-x86_64',
      [
        ...BARE,
        ...HARDWARE,
        '-kernel',
        path.join(kernel, 'vmlinuz'),
        '-initrd',
        path.join(kernel, 'initrd'),
        '-append',
        commandLine(guest),
        ...drive('root', disks.root, 'snapshot=on'),
        ...drive('project', disks.project, 'snapshot=on'),
        ...drive('report', report, 'readonly=off'),
        '-serial',
        `file:${console}`,
        '-serial',
        `file:${printed}`,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const limit = setTimeout(() => qemu.kill('SIGKILL'), LIMIT_MS);
    await once(qemu, 'exit');
    clearTimeout(limit);
    const json = (await read(report)).replace(/\0.*$/s, '');
    return {
      report: json === '' ? undefined : (JSON.parse(json) as Report),
      printed: await read(printed),
      console: await read(console),
      seconds: Math.round((performance.now() - begin) / 1000),
    };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function commandLine({ tests, systemd = false }: Guest): string {
  return `${KERNEL} guest=${systemd ? 'systemd' : 'alone'} tests=${tests.join(',')}`;
}

function drive(id: string, file: string, option: string): string[] {
  const options = `id=${id},file=${file},format=raw,if=none,cache=unsafe,${option}`;
  return ['-drive', options, '-device', `virtio-blk-pci,drive=${id}`];
}

async function read(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replaceAll('\r', '');
  } catch {
    return ''; // qemu did not even start
  }
}
