// Configuration: reader of --web.listen-address. In: the text that a user typed. Out: an address, or NotAllowed.
import { isIPv4, isIPv6 } from 'node:net';
import type { ListenAddress } from './config.ts';
import { NotAllowed } from './values.ts';

// sun_path has 108 bytes, of which the kernel needs one for the NUL.
const UNIX_PATH_BYTES = 107;
// RFC 1035: a name has at most 253 characters, a label at most 63.
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;
const FORMS = ':11011, 127.0.0.1:11011, [::1]:11011, name:11011 or unix:/path';

export function listenAddress(text: string): ListenAddress {
  return text.startsWith('unix:') ? unixAddress(text) : tcpAddress(text);
}

function unixAddress(text: string): ListenAddress {
  const path = text.slice('unix:'.length);
  if (!path.startsWith('/') || path.endsWith('/') || path.includes('\0')) {
    throw new NotAllowed(
      text,
      'unix: with the absolute path of a socket, such as unix:/run/x.sock',
    );
  }
  if (Buffer.byteLength(path) > UNIX_PATH_BYTES) {
    throw new NotAllowed(text, `a unix path of at most ${UNIX_PATH_BYTES} bytes`);
  }
  return { kind: 'unix', path };
}

function tcpAddress(text: string): ListenAddress {
  if (isIPv6(text)) throw new NotAllowed(text, `[${text}]:11011, with brackets and a port`);
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const digits = text.slice(colon + 1);
  if (colon < 0 || digits === '') throw new NotAllowed(text, `an address with a port: ${FORMS}`);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : NaN;
  if (!(port <= 65_535)) throw new NotAllowed(text, 'a port from 0 to 65535 after the last colon');
  return host === '' ? { kind: 'tcp', port } : { kind: 'tcp', host: hostOf(host, text), port };
}

function hostOf(host: string, text: string): string {
  if (host.startsWith('[') && host.endsWith(']') && isIPv6(host.slice(1, -1))) {
    return host.slice(1, -1);
  }
  if (host.includes(':')) throw new NotAllowed(text, 'an IPv6 address in brackets: [::1]:11011');
  // A name of digits and dots would go to the resolver, which takes 127.1 and 2130706433 for addresses.
  if (isIPv4(host) || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host))) return host;
  throw new NotAllowed(text, `an IP address or a host name: ${FORMS}`);
}
