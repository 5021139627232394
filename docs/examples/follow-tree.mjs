// Runs a command and shows the tree of processes that comes of it: node follow-tree.mjs COMMAND [ARGUMENT ...]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ProcConnector } from 'procevents-exporter';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('usage: node follow-tree.mjs COMMAND [ARGUMENT ...]');
  process.exit(2);
}

const connector = await ProcConnector.open({ attribute: true });
// Made after the connector listens, so its own fork is told too.
const child = spawn(command, args, { stdio: 'inherit' }).on('error', ({ code }) => {
  console.error(`cannot run ${command}: ${code}`);
  process.exitCode = 127;
});
const depths = new Map([[child.pid, 0]]);
const say = (tgid, text) => console.log(`${'  '.repeat(depths.get(tgid))}${tgid} ${text}`);
try {
  for await (const event of child.pid === undefined ? [] : connector) {
    if (event.kind === 'lost') {
      console.log(`${event.count} events lost: the tree may lack some`);
      for (const tgid of depths.keys()) if (!existsSync(`/proc/${tgid}`)) depths.delete(tgid);
    }
    if (event.kind === 'fork' && !event.isThread && depths.has(event.parentTgid)) {
      depths.set(event.tgid, depths.get(event.parentTgid) + 1);
    }
    if (depths.has(event.tgid)) {
      if (event.kind === 'exec') say(event.tgid, `runs ${event.comm ?? 'a program'}`);
      if (event.kind === 'exit' && event.endsProcess) {
        say(event.tgid, `ended: ${event.terminatingSignal ?? `status ${event.exitStatus}`}`);
        depths.delete(event.tgid);
      }
    }
    // Who has left the tree's root behind lives on in it.
    if (depths.size === 0) break;
  }
} finally {
  await connector.close();
}
