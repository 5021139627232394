// Where and as whom it runs, by what kernels really print: a wrong ✓ hides the cause, a wrong ✗ sends people astray.
import { describe, expect, test } from 'vitest';
import { judgeKernel, judgeProcEvents } from '../../../src/doctor/kernel.ts';
import { isInitial, judgeNamespaces, type Namespaces } from '../../../src/doctor/namespaces.ts';
import { judgePrivilege, parsePrivilege } from '../../../src/doctor/privilege.ts';

describe('the kernel', () => {
  test.each([
    ['6.18.44-fc-v657', 'ok'],
    ['5.10.0-35-amd64', 'ok'],
    ['7.3', 'ok'],
    ['6.6.12', 'ok'],
    ['6.6.13-1-lts', 'degraded'],
    ['6.6.17', 'degraded'],
    ['6.6.18', 'ok'],
    ['6.7.0-arch1-1', 'degraded'],
    ['6.7.6', 'ok'],
    ['5.4.0-42-generic', 'degraded'],
    ['4.19.0', 'degraded'],
  ])('%s is %s', (release, status) => expect(judgeKernel(release).status).toBe(status));

  const config = (line: string) => ({
    path: '/boot/config-x',
    text: `CONFIG_CONNECTOR=y\n${line}\nCONFIG_TASKSTATS=y\n`,
  });
  const unset = config('# CONFIG_PROC_EVENTS is not set');

  test.each([
    ['an ack is proof, whatever the file says', unset, true, 'ok'],
    ['an ack is proof without a file', undefined, true, 'ok'],
    ['a file says that it is there', config('CONFIG_PROC_EVENTS=y'), false, 'ok'],
    ['a file says that it is not there', unset, false, 'failing'],
    [
      'another option with that beginning is none',
      config('CONFIG_PROC_EVENTS_X=y'),
      false,
      'failing',
    ],
    ['nothing tells', undefined, false, 'degraded'],
  ] as const)('CONFIG_PROC_EVENTS: %s', (_, file, acked, status) =>
    expect(judgeProcEvents(file, acked).status).toBe(status),
  );
});

describe('namespaces', () => {
  const initial = { user: 4_026_531_837, pid: 4_026_531_836, net: 4_026_531_833 };
  const facts = (own: Partial<Namespaces['own']>, rest: Partial<Namespaces> = {}): Namespaces => ({
    own: { ...initial, ...own },
    uidMap: undefined,
    kernelIsHere: undefined,
    ...rest,
  });
  const silent = { acked: false, reached: undefined };
  const statuses = (...args: Parameters<typeof judgeNamespaces>) =>
    Object.fromEntries(judgeNamespaces(...args).map(({ name, status }) => [name, status]));

  test('are the host’s by their numbers', () => {
    expect(statuses(facts({}), '6.18.0', silent)).toEqual({
      user_namespace: 'ok',
      pid_namespace: 'ok',
      net_namespace: 'ok',
    });
  });

  test.each(['user', 'pid'] as const)('another %s namespace is found by its number', (kind) => {
    const found = statuses(facts({ [kind]: 4_026_532_250 }), '6.1.0', silent);
    expect(found[`${kind}_namespace`]).toBe('failing');
  });

  test('an ack proves all three, though numbers are strange', () => {
    const strange = facts({ user: 1, pid: 2, net: 3 });
    const found = statuses(strange, '6.18.0', { acked: true, reached: true });
    expect(new Set(Object.values(found))).toEqual(new Set(['ok']));
  });

  test.each([
    ['its number is fixed from 6.18 on', '6.18.2', undefined, false],
    ['its number is fixed from 6.18 on, whatever else', '6.18.2', true, false],
    ['before, the kernel’s socket is in the host’s alone', '6.1.0', true, true],
    ['before, the kernel’s socket is in the host’s alone', '6.1.0', false, false],
    ['without the table of sockets nothing tells', '6.1.0', undefined, undefined],
  ])('net: %s (%s, %s)', (_, release, kernelIsHere, answer) => {
    expect(isInitial('net', facts({ net: 4_026_531_840 }, { kernelIsHere }), release)).toBe(answer);
  });

  test.each([
    [false, 'failing'],
    [true, 'ok'],
    [undefined, 'degraded'],
  ])('net: whether a request reached the kernel is proof: %s', (reached, status) => {
    const of = facts({ net: undefined });
    expect(statuses(of, '6.1.0', { acked: false, reached })['net_namespace']).toBe(status);
  });

  test.each([
    ['         0          0 4294967295\n', undefined],
    ['         0     100000      65536\n', false],
    [undefined, undefined],
  ])('user: where its number cannot be read, the map %j means %s', (uidMap, answer) => {
    expect(isInitial('user', facts({ user: undefined }, { uidMap }), '6.1.0')).toBe(answer);
  });
});

describe('capabilities', () => {
  const status = (uid: number, caps: string) =>
    `Name:\tnode\nUmask:\t0022\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nCapEff:\t${caps}\n`;
  const usual = { firstUserNamespace: true, connects: true, perfServed: false };

  test.each([
    [0, '000001ffffffffff', {}, 'ok', /^root, with CAP_NET_ADMIN and CAP_PERFMON$/],
    [998, '0000004000001000', {}, 'ok', /^not root \(uid 998\), with/],
    [998, '0000000000201000', {}, 'ok', /CAP_PERFMON/],
    [998, '0000000000001000', {}, 'degraded', /without CAP_PERFMON/],
    [998, '0000000000001000', { perfServed: true }, 'ok', /with CAP_NET_ADMIN$/],
    [998, '0000004000000000', {}, 'degraded', /without CAP_NET_ADMIN \(/],
    [998, '0000004000000000', { connects: false }, 'failing', /without CAP_NET_ADMIN \(/],
    [0, '0000000000000000', { connects: false }, 'failing', /NET_ADMIN.* and CAP_PERFMON/],
    [0, '000001ffffffffff', { firstUserNamespace: false }, 'failing', /another user namespace/],
  ] as const)('uid %i with %s: %j', (uid, caps, granted, state, detail) => {
    const check = judgePrivilege(parsePrivilege(status(uid, caps)), { ...usual, ...granted });
    expect(check).toMatchObject({ status: state, detail: expect.stringMatching(detail) as string });
  });

  test('without a status there is nothing to rely on', () => {
    expect(parsePrivilege(undefined)).toEqual({ uid: undefined, netAdmin: false, perfmon: false });
  });
});
