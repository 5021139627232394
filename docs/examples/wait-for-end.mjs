// Waits until a process ends, by pid, and says how: node wait-for-end.mjs PID
// It need not be a child of ours. A process ends with its last task, which need not be its first: `endsProcess` tells.
import { readFileSync } from 'node:fs';
import { ProcConnector } from 'procevents-exporter';

const pid = Number(process.argv[2]);
if (!Number.isSafeInteger(pid) || pid <= 0) {
  console.error('usage: node wait-for-end.mjs PID');
  process.exit(2);
}

// First listen, then look: whatever happens in between is then told.
let core = false;
const connector = await ProcConnector.open({ attribute: true });
try {
  const ended = hasEnded();
  if (ended) console.log(`${pid} has ended already, or is no process`);
  else console.error('waiting');
  for await (const event of ended ? [] : connector) {
    if (event.kind === 'lost' && hasEnded()) {
      console.log(`${pid} has ended: how may be among ${event.count} events that were lost`);
      break;
    }
    if (event.kind !== 'exit' || event.tgid !== pid) continue;
    core ||= event.coreWritten; // told with the task that dumped
    if (event.endsProcess) {
      const how = event.terminatingSignal ?? `status ${event.exitStatus}`;
      console.log(`${pid} has ended: ${how}${core ? ', core written' : ''}`);
      break;
    }
  }
} finally {
  await connector.close();
}

/** Also of a zombie: a leader that left first is one, too, but not alone. A thread is no process. */
function hasEnded() {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, tgid] = /^Tgid:\t(\d+)$/m.exec(status);
    return (
      Number(tgid) !== pid || (/^State:\t[ZX]/m.test(status) && /^Threads:\t[01]$/m.test(status))
    );
  } catch {
    return true;
  }
}
