// The socket unit and the hardened drop-in, under a real systemd: who opens the port, and what the daemon may do then.
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { SERVICE, SOCKET } from './manager.ts';
import { scrape, useManager } from './stage.ts';

const HARDENED = readFileSync(`${root}/systemd/hardened.conf`, 'utf8');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const socketUnit = (port: number): string =>
  `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`;

describeWith(['events', 'systemd', 'setpriv'], 'the socket unit', () => {
  const stage = useManager();

  test('is started by its socket, and serves on it alone', async () => {
    const port = await freePort();
    await stage.manager.load({ socket: socketUnit(port) });
    await stage.manager.must('start', SOCKET);
    expect(await stage.manager.show('ActiveState')).toBe('inactive');
    const url = `http://127.0.0.1:${port}`;
    expect((await scrape(url)).value('procevents_collector_up')).toBe(1);
    expect(await stage.manager.show('ActiveState')).toBe('active');
    expect(stage.manager.log.find(({ msg }) => msg === 'listening')?.['addresses']).toEqual([url]);
    await stage.manager.must('restart', SERVICE);
    expect((await scrape(url)).value('procevents_collector_up')).toBe(1);
  });

  test('runs hardened: no memory is both writable and executable, and it names every exec', async () => {
    const port = await freePort();
    await stage.manager.load({ dropIns: [HARDENED], socket: socketUnit(port) });
    await stage.manager.must('start', SERVICE);
    const url = `http://127.0.0.1:${port}`;
    const hardened = await scrape(url);
    expect(hardened.value('procevents_exec_names_up')).toBe(1);
    const maps = readFileSync(`/proc/${await stage.manager.pid()}/maps`, 'utf8');
    expect(maps.split('\n').filter((line) => / .wx/.test(line))).toEqual([]);
    await stage.manager.must('stop', SOCKET, SERVICE);
    expect(await stage.manager.show('Result')).toBe('success');
  });
});
