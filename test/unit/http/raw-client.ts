// A client that sends bytes as it likes, over real sockets. In: a URL of the listeners. Out: all that came back.
import { connect, type Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  /** What has come so far. */
  readonly received: () => string;
  /** The connection has ended, by whichever side and in whichever way. */
  readonly closed: Promise<void>;
}

export async function rawClient(url: string): Promise<RawClient> {
  const socket = url.startsWith('unix:')
    ? connect(url.slice('unix:'.length))
    : connect(Number(new URL(url).port), new URL(url).hostname.replaceAll(/[[\]]/g, ''));
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  // A reset is one of the ends that the tests wait for.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return { socket, received: () => text, closed };
}

/** The whole answer of one request whose connection the server or the header ends. */
export async function ask(
  url: string,
  path: string,
  headers = 'Connection: close\r\n',
): Promise<string> {
  const client = await rawClient(url);
  client.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  await client.closed;
  return client.received();
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
