// The daemon's lines about storms and core dumps. Input: its log. Output: those lines, typed.
import { readFileSync } from 'node:fs';
import type { Daemon } from './daemon.ts';

export interface Person {
  readonly pid: number;
  readonly comm: string;
  readonly uid: number | string;
  readonly ancestors: readonly { readonly pid: number; readonly comm: string }[];
  readonly cgroup: string | null;
  readonly cgroupOf?: number;
}

export interface StormLine {
  readonly start: string;
  readonly end: string;
  readonly seconds: number;
  readonly peakPerSecond: number;
  readonly created: number;
  readonly creators: readonly (Person & { readonly created: number })[];
  readonly goesOn?: boolean;
}

export interface CrashLine extends Person {
  readonly signal: string | null;
  readonly coreWritten: boolean | null;
}

export function stormLines(daemon: Daemon): StormLine[] {
  return daemon.log.filter(({ msg }) => msg === 'fork storm') as unknown as StormLine[];
}

export function crashLines(daemon: Daemon): CrashLine[] {
  return daemon.log.filter(({ msg }) => msg === 'core dump') as unknown as CrashLine[];
}

/** This process's own cgroup, which its children are in: the unified hierarchy's path, or systemd's where there is none. */
export function ownCgroup(): string {
  const lines = readFileSync('/proc/self/cgroup', 'latin1').split('\n');
  const path = (prefix: string): string | undefined =>
    lines.find((line) => line.includes(prefix))?.split(prefix)[1];
  const unified = path('0::');
  return (unified === '/' ? path(':name=systemd:') : undefined) ?? unified ?? '';
}

export function ownComm(): string {
  return readFileSync('/proc/self/comm', 'latin1').trimEnd();
}
