// What surrounds it, by real tables of the kernel: mounts, sockets of others, limits.
import { describe, expect, test } from 'vitest';
import {
  judgeLockedMemory,
  judgeOpenFiles,
  judgeRingMemory,
  limitOf,
  type Limits,
} from '../../../src/doctor/limits.ts';
import { judgeListeners, kernelIsHere, parseSockets } from '../../../src/doctor/listeners.ts';
import { hidepidOf, judgeProcfs, type ProcfsFacts } from '../../../src/doctor/procfs.ts';

const MIB = 2 ** 20;

describe('procfs', () => {
  const mounts = (options: string, point = '/proc') =>
    [
      '21 27 0:20 / /sys rw,relatime - sysfs sysfs rw',
      `22 27 0:21 / ${point} rw,nosuid,nodev,noexec,relatime shared:12 - proc proc ${options}`,
      '23 22 0:35 / /proc/sys/fs/binfmt_misc rw,relatime shared:13 - autofs systemd-1 rw,fd=29',
    ].join('\n');

  test.each([
    ['rw', undefined],
    ['rw,hidepid=invisible', 'invisible'],
    ['rw,gid=27,hidepid=2', '2'],
    ['rw,hidepid=noaccess,gid=27', 'noaccess'],
    ['rw,hidepid=ptraceable,subset=pid', 'ptraceable'],
    ['rw,hidepid=off', undefined],
    ['rw,hidepid=0', undefined],
  ])('mounted with %s hides: %s', (options, hidepid) =>
    expect(hidepidOf(mounts(options), '/proc')).toBe(hidepid),
  );

  test('the mount on top counts, and a place with blanks is found', () => {
    const two = `${mounts('rw,hidepid=2')}\n${mounts('rw')}`;
    expect(hidepidOf(two, '/proc')).toBeUndefined();
    expect(hidepidOf(mounts('rw,hidepid=2', String.raw`/host\040proc`), '/host proc')).toBe('2');
    expect(hidepidOf(mounts('rw,hidepid=2'), '/host/proc')).toBeUndefined();
    expect(hidepidOf('', '/proc')).toBeUndefined();
  });

  const good: ProcfsFacts = {
    path: '/proc',
    processes: 103,
    counts: true,
    readsOthers: true,
    self: 7,
    pid: 7,
    hidepid: undefined,
  };

  test.each([
    [{}, 'ok', /103 processes/],
    [{ processes: undefined }, 'failing', /cannot be read/],
    [{ counts: false }, 'failing', /is no procfs/],
    [{ self: undefined }, 'degraded', /another pid namespace/],
    [{ self: 1 }, 'degraded', /another pid namespace/],
    [{ hidepid: '2' }, 'degraded', /hidepid=2/],
    [{ readsOthers: false }, 'degraded', /no processes of others/],
  ] as const)('%j is %s', (facts, status, detail) => {
    const check = judgeProcfs({ ...good, ...facts });
    expect(check).toMatchObject({ status, detail: expect.stringMatching(detail) as string });
  });
});

describe('listeners', () => {
  const table = [
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
    '00000000f66837b7 11  0          00000000 0        0        0     2        0        1026    ',
    '000000001ed2a1a2 0   3          00000111 0        0        0     2        0        2071    ',
    '00000000a1d2ffb4 11  31337      00000001 832      0        0     2        7        40011   ',
    '00000000a1d2ffb5 11  4294963141 00000001 0        0        0     2        0        40012   ',
    '00000000a1d2ffb6 11  77         00000002 0        0        0     2        0        40013   ',
    '',
  ].join('\n');

  test('are the sockets of the connector in the group of process events, the kernel’s own not among them', () => {
    const sockets = parseSockets(table);
    expect(sockets).toEqual([
      { port: 0, listens: false, inode: '1026' },
      { port: 31_337, listens: true, inode: '40011' },
      { port: 4_294_963_141, listens: true, inode: '40012' },
      { port: 77, listens: false, inode: '40013' },
    ]);
    expect(parseSockets('')).toEqual([]);
    expect(kernelIsHere(sockets)).toBe(true);
    expect(kernelIsHere(sockets.slice(1))).toBe(false);
    expect(kernelIsHere(undefined)).toBeUndefined();
  });

  test('are told with pid and a name that cannot break the line', () => {
    const check = judgeListeners([{ pid: 5, comm: 'a\u001b[2J\n' }, { pid: 6 }, {}]);
    expect(check.status).toBe('ok');
    expect(check.detail).toMatch(/3 before us.*pid 5 "a\\u\{1b\}\[2J\\u\{a\}", pid 6, a program/);
    const many = judgeListeners(Array.from({ length: 50 }, (_, pid) => ({ pid })));
    expect(many.detail).toMatch(/pid 4 and 45 more$/);
    expect(judgeListeners([]).status).toBe('ok');
    expect(judgeListeners(undefined).status).toBe('degraded');
  });
});

describe('limits', () => {
  const text = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    'Max open files            1024                 524288               files     ',
    'Max locked memory         8388608              8388608              bytes     ',
    'Max address space         unlimited            unlimited            bytes     ',
    '',
  ].join('\n');

  test('are read by name', () => {
    expect(limitOf(text, 'Max open files')).toBe(1024);
    expect(limitOf(text, 'Max address space')).toBe(Infinity);
    expect(limitOf(text, 'Max nice priority')).toBeUndefined();
  });

  const limits: Limits = {
    addressSpace: Infinity,
    openFiles: 1024,
    lockedMemory: 8 * MIB,
    usedAddressSpace: 1000 * MIB,
    usedFiles: 20,
    availableMemory: 1000 * MIB,
    perfMemory: 516 * 1024,
  };

  test.each([
    [{}, 131_072, 'ok'],
    [{ availableMemory: undefined }, 131_072, 'ok'],
    [{ availableMemory: 7 * MIB }, 131_072, 'degraded'],
    [{ availableMemory: 9 * MIB }, 131_072, 'ok'],
    [{ addressSpace: 1007 * MIB }, 131_072, 'failing'],
    [{ addressSpace: 1009 * MIB }, 131_072, 'ok'],
    [{ addressSpace: 999 * MIB }, 256, 'failing'],
  ])('%j for a ring of %i slots: %s', (some, ringSlots, status) =>
    expect(judgeRingMemory({ ...limits, ...some }, { ringSlots }).status).toBe(status),
  );

  test.each([
    [1024, 'ok', /1024/],
    [Infinity, 'ok', /no limit/],
    [undefined, 'ok', /no limit/],
    [50, 'degraded', /room for 16 of 40 scrapes/],
    [32, 'degraded', /before any scrape/],
  ])('%s open files: %s', (openFiles, status, detail) => {
    const check = judgeOpenFiles({ ...limits, openFiles }, { maxRequests: 40 }, 2);
    expect(check).toMatchObject({ status, detail: expect.stringMatching(detail) as string });
  });

  test('on locked memory matter only where perf’s rings found none', () => {
    expect(judgeLockedMemory({ ...limits, lockedMemory: 0 }, true).status).toBe('ok');
    expect(judgeLockedMemory({ ...limits, lockedMemory: 0 }, undefined).status).toBe('ok');
    expect(judgeLockedMemory(limits, false)).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('8 MiB') as string,
    });
  });
});
