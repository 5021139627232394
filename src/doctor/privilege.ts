// Doctor: who this process is and what it may. In: /proc/self/status. Out: a check.
import { degraded, failing, ok, type Check } from './check.ts';
import { OWN_PROC, fieldOf, readText } from './files.ts';

/** linux/capability.h */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;

export interface Privilege {
  readonly uid: number | undefined;
  readonly netAdmin: boolean;
  /** CAP_PERFMON, or CAP_SYS_ADMIN, which contains it. */
  readonly perfmon: boolean;
}

export function readPrivilege(): Privilege {
  return parsePrivilege(readText(`${OWN_PROC}/status`));
}

export function parsePrivilege(status: string | undefined): Privilege {
  const hex = /^CapEff:\s+([0-9a-f]+)$/m.exec(status ?? '')?.[1] ?? '0';
  const effective = BigInt(`0x${hex}`);
  const has = (capability: bigint): boolean => ((effective >> capability) & 1n) === 1n;
  return {
    uid: fieldOf(status, 'Uid'),
    netAdmin: has(CAP_NET_ADMIN),
    perfmon: has(CAP_PERFMON) || has(CAP_SYS_ADMIN),
  };
}

export interface Granted {
  /** False: capabilities are those of another user namespace, and count for nothing with the host's kernel. */
  readonly firstUserNamespace: boolean;
  /** Whether the connector gives what the daemon needs, whatever the capabilities. */
  readonly connects: boolean;
  /** Whether perf is open, or not wanted: paranoid kernels want a capability, lenient ones none. */
  readonly perfServed: boolean;
}

export function judgePrivilege(
  { uid, netAdmin, perfmon }: Privilege,
  { firstUserNamespace, connects, perfServed }: Granted,
): Check {
  const name = 'capabilities';
  const who = uid === 0 ? 'root' : `not root (uid ${uid ?? 'unknown'})`;
  const remedy =
    "Run it as root, or with CAP_NET_ADMIN and CAP_PERFMON in the host's user namespace.";
  if (!firstUserNamespace) {
    return failing(name, `${who} of another user namespace, which counts for nothing here`, remedy);
  }
  const missing: string[] = [];
  if (!netAdmin) {
    missing.push(
      'CAP_NET_ADMIN (a receive buffer that outlasts bursts, taskstats; before Linux 6.6 any event)',
    );
  }
  if (!perfmon && !perfServed) missing.push('CAP_PERFMON (exact names of execs)');
  if (missing.length === 0) {
    const has = perfmon ? 'CAP_NET_ADMIN and CAP_PERFMON' : 'CAP_NET_ADMIN';
    return ok(name, `${who}, with ${has}`);
  }
  const detail = `${who}, without ${missing.join(' and ')}`;
  return connects ? degraded(name, detail, remedy) : failing(name, detail, remedy);
}
