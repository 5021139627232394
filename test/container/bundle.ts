// A container as Docker and containerd make it, which podman does not: runc itself, with the capabilities that they give to
// a user who is not root. Input: those, the image. Output: a command that runs the daemon in it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { IMAGE, containerName, podman } from './containers.ts';

const CAPABILITIES = ['CAP_NET_ADMIN', 'CAP_PERFMON'];

export interface Given {
  /** Docker gives them to the bounding set only; Kubernetes' containerd to the permitted set too. */
  readonly permitted: boolean;
  readonly noNewPrivileges: boolean;
  readonly sysfs?: boolean;
}

export interface Bundle {
  readonly command: readonly string[];
  /** The daemon's own, once it runs. */
  readonly pid: () => number;
}

/** What `docker run` adds to the image's own: host namespaces, a read-only root. */
export function makeBundle({ permitted, noNewPrivileges, sysfs = true }: Given): Bundle {
  const folder = mkdtempSync(path.join(tmpdir(), 'procevents-runc-'));
  const name = containerName();
  podman(['create', '--name', name, IMAGE]);
  const rootfs = podman(['mount', name]).trim();
  afterAll(() => {
    podman(['umount', name]);
    rmSync(folder, { recursive: true });
  });
  const given = permitted ? CAPABILITIES : [];
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 11_011, gid: 11_011 },
      args: ['/usr/local/bin/node', '/app/dist/main.js', '--web.listen-address=127.0.0.1:0'],
      env: ['NODE_ENV=production', 'UV_USE_IO_URING=0'],
      cwd: '/',
      capabilities: { bounding: CAPABILITIES, effective: given, permitted: given },
      noNewPrivileges,
    },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
      ...(sysfs ? [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] }] : []),
    ],
    linux: { namespaces: [{ type: 'mount' }] },
  };
  mkdirSync(path.join(folder, 'bundle'));
  writeFileSync(path.join(folder, 'bundle', 'config.json'), JSON.stringify(config));
  // The flags that the harness adds are not runc's to hand on: config.json has them.
  const script = 'exec runc --root "$1/state" run --bundle "$1/bundle" --pid-file "$1/pid" "$2"';
  return {
    command: ['sh', '-c', script, 'sh', folder, name],
    pid: () => Number(readFileSync(path.join(folder, 'pid'), 'utf8')),
  };
}
