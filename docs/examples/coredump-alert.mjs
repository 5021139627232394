// A line for every process that dumps core, and whether a core was written: node coredump-alert.mjs
// The kernel tells of the dump before it begins, and of the core with the end of the task that wrote it, which need not be
// the last of its process.
import { ProcConnector } from 'procevents-exporter';

const connector = await ProcConnector.open({ attribute: true });
/** Whether a core was written, by process. */
const dumping = new Map();
process.once('SIGINT', () => connector.close()).once('SIGTERM', () => connector.close());
console.error('watching');
for await (const event of connector.events({ kinds: ['coredump', 'exit', 'lost'] })) {
  if (event.kind === 'lost') {
    console.log(`${event.count} events lost (${event.stage})`);
    dumping.clear(); // the end of one may be among them, and its pid another's
  } else if (event.kind === 'coredump') {
    // A crash of several threads is told more than once.
    if (dumping.has(event.tgid)) continue;
    dumping.set(event.tgid, false);
    const { tgid, comm = 'unknown', uid = 'unknown', parentTgid } = event;
    console.log(`${comm} (${tgid}) of uid ${uid} dumps core; its parent is ${parentTgid}`);
  } else if (dumping.has(event.tgid)) {
    if (event.coreWritten) dumping.set(event.tgid, true);
    if (!event.endsProcess) continue;
    const core = dumping.get(event.tgid) ? 'wrote a core' : 'wrote no core';
    dumping.delete(event.tgid);
    console.log(
      `${event.comm ?? 'unknown'} (${event.tgid}) ended by ${event.terminatingSignal}, ${core}`,
    );
  }
}
