// Sockets as systemd passes them: from descriptor 3 on, to a real child process.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync, renameSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from './raw-client.ts';
import { folder } from './secured.ts';

const CHILD = join(import.meta.dirname, 'systemd-child.mjs');
/** Becomes the child, with a socket at descriptor 3 that nobody has bound. */
const UNBOUND = `
import os, socket
unbound = socket.socket()
os.dup2(unbound.fileno(), 9)
os.dup2(9, 3)
os.execv("${process.execPath}", ["node", "${CHILD}"])`;

function sockets(): Set<string> {
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') ? [fd] : [];
    } catch {
      return [];
    }
  });
  return new Set(open);
}

/** The descriptor of the socket that `make` opens. */
async function fdOf(make: () => Promise<unknown>): Promise<number> {
  const before = sockets();
  await make();
  const fd = [...sockets()].find((one) => !before.has(one));
  return Number(fd);
}

async function listening(where: object) {
  const server = createServer();
  onTestFinished(() => void server.close());
  const fd = await fdOf(() => once(server.listen(where), 'listening'));
  const address = server.address() as AddressInfo | string;
  // Of a connection that both could accept only the child is to know.
  const leave = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { fd, port: typeof address === 'string' ? 0 : address.port, leave };
}

/** The child's one line. `$$` in the environment is its own pid. */
async function start(fds: readonly number[], environment: Readonly<Record<string, string>>) {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const child = spawn('sh', ['-c', `${set.join(' ')} exec ${process.execPath} ${CHILD}`], {
    stdio: ['ignore', 'pipe', 'inherit', ...fds],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as {
    readonly urls?: readonly string[];
    readonly left?: readonly string[];
    readonly error?: string;
  };
}

describe('sockets of systemd', () => {
  test('TCP, IPv6 and unix are served, and the variables are gone', async () => {
    const path = join(folder(), 'x.sock');
    const tcp = await listening({ host: '127.0.0.1', port: 0 });
    const unix = await listening({ path });
    const { urls, left, error } = await start([tcp.fd, unix.fd], {
      LISTEN_PID: '$$',
      LISTEN_FDS: '2',
      LISTEN_FDNAMES: 'web:local',
    });
    expect(error).toBeUndefined();
    expect(urls).toStrictEqual([`http://127.0.0.1:${tcp.port}`, 'descriptor 4 ("local")']);
    expect(left).toStrictEqual([]);
    // Closing removes the path under which it was bound.
    renameSync(path, `${path}.kept`);
    await Promise.all([tcp.leave(), unix.leave()]);
    for (const url of [urls?.[0] ?? '', `unix:${path}.kept`]) {
      expect(await ask(url, '/metrics')).toMatch(/200 OK[^]*up 1\n$/);
    }
  });

  test.each([
    [{}, 'no socket was passed'],
    [{ LISTEN_FDS: '1' }, 'no socket was passed'],
    [{ LISTEN_PID: '1', LISTEN_FDS: '1' }, 'are for process "1" (LISTEN_PID)'],
    [{ LISTEN_PID: '$$', LISTEN_FDS: '0' }, 'LISTEN_FDS is "0"'],
    [{ LISTEN_PID: '$$', LISTEN_FDS: '-1' }, 'LISTEN_FDS is "-1"'],
    [{ LISTEN_PID: '$$', LISTEN_FDS: '99999999999' }, 'allowed is a number from 1 to 64'],
    [{ LISTEN_PID: '$$', LISTEN_FDS: '60' }, 'LISTEN_FDS says 60, but descriptor 4'],
    [{ LISTEN_PID: '$$', LISTEN_FDS: '2' }, 'LISTEN_FDS says 2, but descriptor 4'],
  ])('%j: is an error that says what is wrong', async (environment, why) => {
    const { fd } = await listening({ host: '127.0.0.1', port: 0 });
    const { error } = await start([fd], environment);
    expect(error).toMatch(/^procevents-exporter: [^]*\[PROCEVENTS_SYSTEMD_SOCKET\]/);
    expect(error).toContain(why);
  });

  test('a file, a datagram socket and a connected one are told apart from sockets that listen', async () => {
    const passed = { LISTEN_PID: '$$', LISTEN_FDS: '1', LISTEN_FDNAMES: 'odd' };
    const file = openSync(CHILD, 'r');
    onTestFinished(() => closeSync(file));
    expect((await start([file], passed)).error).toContain('descriptor 3 ("odd") is no socket');
    const datagram = createSocket('udp4');
    onTestFinished(() => void datagram.close());
    const udp = await fdOf(() => {
      datagram.bind(0, '127.0.0.1');
      return once(datagram, 'listening');
    });
    // Made by Python, for Node has no stream socket that neither listens nor is connected.
    const { stdout } = spawnSync('sh', [
      '-c',
      `LISTEN_PID=$$ LISTEN_FDS=1 exec python3 -c '${UNBOUND}'`,
    ]);
    const { error: unbound } = JSON.parse(stdout.toString()) as { readonly error: string };
    const { error } = await start([udp], passed);
    const why = 'is no TCP or unix stream socket that listens';
    expect(error).toContain(`descriptor 3 ("odd") ${why}`);
    expect(unbound).toContain(`descriptor 3 ${why}`);
  });
});
