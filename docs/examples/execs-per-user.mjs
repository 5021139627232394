// Counts the programs that each user executes: node execs-per-user.mjs [SECONDS], or until it is interrupted.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcConnector } from 'procevents-exporter';

const seconds = Number(process.argv[2] ?? Infinity);
if (!(seconds > 0)) {
  console.error('usage: node execs-per-user.mjs [SECONDS]');
  process.exit(2);
}
const names = new Map();
for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
  const [name, , uid] = line.split(':');
  names.set(Number(uid), name);
}

const counts = new Map();
const count = ({ uid }) => counts.set(uid, (counts.get(uid) ?? 0) + 1);

const connector = await ProcConnector.open({ attribute: true });
const end = new AbortController();
if (seconds < Infinity) setTimeout(() => end.abort(), seconds * 1000);
process.once('SIGINT', () => end.abort()).once('SIGTERM', () => end.abort());
console.error('counting');
try {
  for await (const event of connector.events({ kinds: ['exec'], signal: end.signal })) count(event);
} catch (error) {
  if (!end.signal.aborted) throw error;
}
// Events gather for 5 ms at most; then all that has happened by now can be read.
await sleep(100);
for (const event of connector.read(Infinity)) if (event.kind === 'exec') count(event);
const { kernel, socket, ring } = connector.stats().lost;
await connector.close();

for (const [uid, execs] of [...counts].toSorted(([, a], [, b]) => b - a)) {
  console.log(`${String(execs).padStart(8)}  ${names.get(uid) ?? uid ?? 'unknown'}`);
}
if (kernel + socket + ring > 0) console.log(`${kernel + socket + ring} events were lost`);
