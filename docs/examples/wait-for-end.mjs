// Waits until a process ends, by pid, and says how: node wait-for-end.mjs PID
// It need not be a child of ours. A process ends when its last task does, which need not be its first.
import { readdirSync } from 'node:fs';
import { ProcConnector } from 'procevents-exporter';

const pid = Number(process.argv[2]);
// First listen, then look: whatever happens in between is then told.
const connector = await ProcConnector.open();
const tasks = new Set(readTasks());
try {
  if (tasks.size === 0) console.log(`${pid} has ended already`);
  else console.error('waiting');
  for await (const event of tasks.size === 0 ? [] : connector) {
    if (event.kind === 'lost')
      throw new Error(`${event.count} events were lost: it may have been among them`);
    if (event.tgid !== pid) continue;
    if (event.kind === 'fork') tasks.add(event.pid);
    if (event.kind === 'exit') tasks.delete(event.pid);
    if (event.kind === 'exit' && tasks.size === 0) {
      const how = event.terminatingSignal ?? `status ${event.exitStatus}`;
      console.log(`${pid} has ended: ${how}${event.coreWritten ? ', core written' : ''}`);
      break;
    }
  }
} finally {
  await connector.close();
}

function readTasks() {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
