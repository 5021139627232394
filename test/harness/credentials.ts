// What the threads of a process may do. Input: a pid. Output: the credentials of each thread, as the kernel shows them.
import { readFileSync, readdirSync } from 'node:fs';

const FIELDS = [
  'Uid',
  'Gid',
  'Groups',
  'CapInh',
  'CapPrm',
  'CapEff',
  'CapBnd',
  'CapAmb',
  'NoNewPrivs',
] as const;

export type Credentials = Readonly<Record<(typeof FIELDS)[number], string>>;

const EMPTY = '0000000000000000';

/** One for each thread. */
export function credentialsOf(pid: number): Credentials[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
    const entries = FIELDS.map((name) => [
      name,
      new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim().replaceAll('\t', ' '),
    ]);
    return Object.fromEntries(entries) as Credentials;
  });
}

/** What each thread must have: nothing. The bounding set as given, where CAP_SETPCAP was missing. */
export function powerless(uid: number, gid: number, more: Partial<Credentials> = {}): Credentials {
  return {
    Uid: `${uid} ${uid} ${uid} ${uid}`,
    Gid: `${gid} ${gid} ${gid} ${gid}`,
    Groups: '',
    CapInh: EMPTY,
    CapPrm: EMPTY,
    CapEff: EMPTY,
    CapBnd: EMPTY,
    CapAmb: EMPTY,
    NoNewPrivs: '1',
    ...more,
  };
}
