// Doctor: memory, descriptors and locked memory against the limits of this process. In: /proc/self, meminfo. Out: checks.
import type { Config } from '../config/config.ts';
import { degraded, failing, ok, type Check } from './check.ts';
import { OWN_PROC, fieldOf, readFolder, readText } from './files.ts';
import { sizeText } from './sizes.ts';

export interface Limits {
  /** Infinity: no limit. undefined: not to be read. */
  readonly addressSpace: number | undefined;
  readonly openFiles: number | undefined;
  readonly lockedMemory: number | undefined;
  readonly usedAddressSpace: number;
  readonly usedFiles: number;
  readonly availableMemory: number | undefined;
  /** What perf grants each user for each CPU before RLIMIT_MEMLOCK counts. */
  readonly perfMemory: number | undefined;
}

export function readLimits(procfs: string): Limits {
  const limits = readText(`${OWN_PROC}/limits`) ?? '';
  const bytes = (kib: number | undefined): number | undefined => kib && kib * 1024;
  const perfMemory = Number.parseInt(
    readText(`${procfs}/sys/kernel/perf_event_mlock_kb`) ?? '',
    10,
  );
  return {
    addressSpace: limitOf(limits, 'Max address space'),
    openFiles: limitOf(limits, 'Max open files'),
    lockedMemory: limitOf(limits, 'Max locked memory'),
    usedAddressSpace: bytes(fieldOf(readText(`${OWN_PROC}/status`), 'VmSize')) ?? 0,
    usedFiles: readFolder(`${OWN_PROC}/fd`).length,
    availableMemory: bytes(fieldOf(readText(`${procfs}/meminfo`), 'MemAvailable')),
    perfMemory: Number.isNaN(perfMemory) ? undefined : perfMemory * 1024,
  };
}

/** The soft limit; Node has raised that of files to the hard one. */
export function limitOf(limits: string, name: string): number | undefined {
  const soft = new RegExp(`^${name}\\s+(\\d+|unlimited)\\s`, 'm').exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

// RECORD_WORDS of 4 bytes, and a page before them.
const SLOT_BYTES = 64;
const CONTROL_BYTES = 4096;

export function judgeRingMemory(limits: Limits, { ringSlots }: Pick<Config, 'ringSlots'>): Check {
  const name = 'ring_memory';
  const bytes = ringSlots * SLOT_BYTES + CONTROL_BYTES;
  const shown = `${sizeText(ringSlots * SLOT_BYTES)} for ${ringSlots} records`;
  const { addressSpace = Infinity, usedAddressSpace, availableMemory } = limits;
  if (usedAddressSpace + bytes > addressSpace) {
    return failing(
      name,
      `${shown}, but RLIMIT_AS leaves ${sizeText(Math.max(0, addressSpace - usedAddressSpace))}`,
      'Choose a smaller --collector.ring-slots, or raise LimitAS.',
    );
  }
  if (availableMemory === undefined) return ok(name, `${shown}; RLIMIT_AS leaves room`);
  if (bytes > availableMemory) {
    return degraded(
      name,
      `${shown}, but only ${sizeText(availableMemory)} of memory are available`,
      'Choose a smaller --collector.ring-slots.',
    );
  }
  return ok(name, `${shown}; ${sizeText(availableMemory)} of memory are available`);
}

// Connector, taskstats, procfs, eventfd, listener, log: and as much again for what Node opens late.
const OWN_FILES = 12;

export function judgeOpenFiles(
  { openFiles, usedFiles }: Limits,
  { maxRequests }: Pick<Config, 'maxRequests'>,
  cpus: number,
): Check {
  const name = 'open_files';
  if (openFiles === undefined || openFiles === Infinity) return ok(name, 'no limit is known');
  const base = usedFiles + OWN_FILES + cpus;
  const shown = `RLIMIT_NOFILE is ${openFiles}`;
  const remedy = 'Raise the limit on open files (LimitNOFILE).';
  if (openFiles < base) {
    return degraded(name, `${shown}, but about ${base} are wanted before any scrape`, remedy);
  }
  const room = openFiles - base;
  if (room < maxRequests) {
    return degraded(
      name,
      `${shown}, which leaves room for ${room} of ${maxRequests} scrapes at once`,
      remedy,
    );
  }
  return ok(name, `${shown}; ${usedFiles} are open`);
}

/** Whether the rings find their memory the trial has shown; here stand the figures. */
export function judgeLockedMemory(
  { lockedMemory, perfMemory }: Limits,
  mapped: boolean | undefined,
): Check {
  const name = 'locked_memory';
  const limit =
    lockedMemory === undefined || lockedMemory === Infinity ? 'no limit' : sizeText(lockedMemory);
  const perf =
    perfMemory === undefined ? '' : `, perf grants ${sizeText(perfMemory)} a CPU beside it`;
  const shown = `RLIMIT_MEMLOCK: ${limit}${perf}`;
  if (mapped !== false) return ok(name, shown);
  return degraded(
    name,
    `${shown}: too little for perf's rings`,
    'Raise the limit on locked memory (LimitMEMLOCK), or kernel.perf_event_mlock_kb.',
  );
}
