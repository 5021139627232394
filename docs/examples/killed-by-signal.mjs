// Who is ended by a signal, by which, and whose child it was: node killed-by-signal.mjs
// Who SENT the signal the connector does not tell, and nothing that this library listens to does: an exit names the parent,
// which is often, and need not be, the sender. To see senders ask the kernel's tracepoint signal:signal_generate (perf, bpftrace)
// or an audit rule for kill(2) beside it.
import { readFileSync } from 'node:fs';
import { ProcConnector } from 'procevents-exporter';

const connector = await ProcConnector.open({ attribute: true });
process.once('SIGINT', () => connector.close()).once('SIGTERM', () => connector.close());
const comms = new Map();
console.error('watching');
for await (const event of connector) {
  if (event.kind === 'lost') {
    console.log(`${event.count} events lost (${event.stage})`);
    comms.clear();
    continue;
  }
  if (event.kind === 'unknown') continue;
  if (event.kind !== 'exit') {
    // A thread may have a name of its own.
    if (!event.isThread) comms.set(event.tgid, event.comm);
    continue;
  }
  if (!event.endsProcess) continue;
  comms.delete(event.tgid);
  if (event.terminatingSignal === undefined) continue;
  const { tgid, comm = 'unknown', uid = 'unknown', parentTgid, terminatingSignal } = event;
  const parent = `${comms.get(parentTgid) ?? commNow(parentTgid)} (${parentTgid})`;
  console.log(`${comm} (${tgid}) of uid ${uid} ended by ${terminatingSignal}, child of ${parent}`);
}

/** Of what began before we listened no event need have told. */
function commNow(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1')
      .trimEnd()
      .replaceAll(/[^ -~]/g, '?');
  } catch {
    return 'unknown';
  }
}
