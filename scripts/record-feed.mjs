// Development: writes test/unit/library/recorded-feed.json, what this host's kernel sends about the three processes of
// test/harness/cast.ts, datagram by datagram. Run by hand, as root, after npm run build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { openSocket, parseDatagram, unsubscribe } from '../dist/index.js';

const { fd } = openSocket();
const datagrams = [];
const cast = { parent: process.pid };
const acts = [
  ['exited', 'printf renamed >/proc/$$/comm; exit 3', { detached: true, uid: 61_234, gid: 61_234 }],
  ['killed', 'kill -KILL $$', {}],
  ['crashed', 'ulimit -c 0; kill -SEGV $$', {}],
];
const done = () =>
  acts.every(([name]) =>
    datagrams.some(({ event: e }) => e.kind === 'exit' && e.pid === cast[name]),
  );

for (const [name, script, become] of acts) {
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore', cwd: '/', ...become });
  cast[name] = child.pid;
  await once(child, 'exit');
}
while (!done()) take();
unsubscribe(fd);
closeSync(fd);
const lines = datagrams.map(({ bytes }) => bytes.toString('hex'));
const file = new URL('../test/unit/library/recorded-feed.json', import.meta.url);
const recorded = { kernel: release(), cast, datagrams: lines };
writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);

/** One datagram, if it is there and about the three. */
function take() {
  const buffer = Buffer.alloc(4096);
  let size;
  try {
    size = readSync(fd, buffer);
  } catch (error) {
    if (error.code === 'EAGAIN') return;
    throw error;
  }
  const bytes = buffer.subarray(0, size);
  for (const { event } of parseDatagram(bytes)) {
    if (event !== undefined && Object.values(cast).slice(1).includes(event.pid))
      datagrams.push({ bytes, event });
  }
}
