// HTTP: makes the path of a unix socket free to bind. In: a path. Out: nothing there, or an error; never another's file gone.
import { existsSync } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { ExporterError } from '../errors.ts';

/** Removes what a killed run of ours left behind: only a socket, only of our own user, only when nobody answers. */
export async function removeStale(path: string): Promise<void> {
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ExporterError(
      'PROCEVENTS_LISTEN_DENIED',
      `cannot look at unix:${path} (${error.code})`,
      {
        cause: error,
      },
    );
  });
  if (there === undefined) return;
  if (!there.isSocket()) throw inTheWay(path, 'something that is no socket is there');
  if (there.uid !== process.getuid?.()) throw inTheWay(path, 'a socket of another user is there');
  const refused = await refuses(path);
  if (!refused) throw inTheWay(path, 'another program answers there');
  await unlink(path);
}

function inTheWay(path: string, why: string): ExporterError {
  return new ExporterError('PROCEVENTS_LISTEN_IN_USE', `cannot listen on unix:${path}: ${why}`, {
    remedy: 'Stop that program, remove the file by hand, or choose another --web.listen-address.',
  });
}

/** Only ECONNREFUSED proves that nobody listens: a full backlog (EAGAIN) or a missing permission does not. */
function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

/** Why it cannot be listened on. */
export function pathError(path: string, error: NodeJS.ErrnoException): ExporterError {
  // libuv says EACCES where bind(2) says that there is no such folder.
  const missing = !existsSync(dirname(path));
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '') && !missing;
  const why = missing ? `there is no folder ${dirname(path)}` : (error.code ?? error.message);
  return new ExporterError(
    denied ? 'PROCEVENTS_LISTEN_DENIED' : 'PROCEVENTS_LISTEN_FAILED',
    `cannot listen on unix:${path}: ${denied ? `permission denied (${error.code})` : why}`,
    { cause: error, remedy: 'Give a path in a folder that the user of the exporter may write to.' },
  );
}
