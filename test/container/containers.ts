// Containers of the tests' own. Input: the Dockerfile. Output: its image, built; podman's answers; daemons in containers.
// Storage is build/container, so nothing of the machine's own containers is touched.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { Daemon, runToEnd, type DaemonOptions, type Run } from '../harness/daemon.ts';
import { root } from '../harness/programs.ts';

export const IMAGE = 'procevents-exporter';
/** What the image is told to be built from. */
export const REVISION = '0123456789abcdef0123456789abcdef01234567';

const HERE = path.join(root, 'test', 'container');
const STATE = path.join(root, 'build', 'container');
const STORAGE = path.join(STATE, 'storage');
const PODMAN = [
  'podman',
  ...['root', 'runroot', 'tmpdir'].map((name) => `--${name}=${path.join(STORAGE, name)}`),
];
const ENVIRONMENT = {
  CONTAINERS_CONF: path.join(HERE, 'containers.conf'),
  DISABLE_HC_SYSTEMD: 'true', // health checks run when a test asks for them
};

const own = new Set<string>();
let number = 0;
// What a failed test leaves behind ends with its file.
afterAll(() => {
  if (own.size > 0) podman(['rm', '--force', '--ignore', '--time', '0', ...own]);
});

/** Two minutes, when nothing is there yet. */
export async function makeImage(): Promise<void> {
  await promisify(execFile)(path.join(HERE, 'image.sh'), [STATE, REVISION]);
}

export interface Answer {
  readonly status: number | null;
  readonly output: string;
}

/** Throws when it fails. */
export function podman(...args: readonly (readonly string[])[]): string {
  const [command = '', ...rest] = [...PODMAN, ...args.flat()];
  const env = { ...process.env, ...ENVIRONMENT };
  return execFileSync(command, rest, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Whatever comes of it. */
export function tryPodman(...args: readonly (readonly string[])[]): Answer {
  const [command = '', ...rest] = [...PODMAN, ...args.flat()];
  const env = { ...process.env, ...ENVIRONMENT };
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', env });
  return { status, output: stdout + stderr };
}

/** A name for a container that is removed at the end of the file. */
export function containerName(): string {
  number += 1;
  const name = `test-${process.pid}-${number}`;
  own.add(name);
  return name;
}

function options(run: readonly string[], name = containerName()): DaemonOptions {
  const command = [...PODMAN, 'run', '--rm', '--name', name, ...run, IMAGE];
  return { command, environment: ENVIRONMENT };
}

export interface Contained {
  readonly name: string;
  readonly daemon: Daemon;
  /** Its own, on the host. */
  readonly pid: number;
}

/** A daemon that serves; podman hands SIGTERM on to it. */
export async function startContained(
  run: readonly string[],
  flags: readonly string[] = [],
): Promise<Contained> {
  const name = containerName();
  const daemon = await Daemon.start({ ...options(run, name), flags });
  const pid = Number(podman(['inspect', '--format', '{{.State.Pid}}', name]));
  return { name, daemon, pid };
}

/** The flags of README.md's run line. */
export function readmeFlags(): string[] {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const line = /`docker run (.+?) procevents-exporter`/.exec(readme)?.[1];
  if (line === undefined) throw new Error('README.md has no line that runs the image');
  return line.split(' ');
}

/** A daemon, or another command, that ends by itself. */
export function runContained(run: readonly string[], flags: readonly string[] = []): Promise<Run> {
  return runToEnd({ ...options(run), flags });
}
