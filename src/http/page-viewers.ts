// HTTP: who sees the live page and /api/. In: a request. Out: whether, and if not, what to say.
import { isIP } from 'node:net';

export type PageViewers = 'local' | 'on' | 'off';

export interface PageRules {
  readonly viewers: PageViewers;
  /** Whether nobody comes in without a password or a verified certificate. */
  readonly authenticates: () => boolean;
  /** Names by which this host is known, beside localhost and its addresses. */
  readonly hostNames: readonly string[];
}

export type PageVerdict = 'shown' | 'off' | 'remote' | 'host';

export interface PageClient {
  readonly address: string | undefined;
  readonly host: string | undefined;
  /** A proxy says that it asks for somebody else: its own address tells nothing of who that is. */
  readonly forwarded: boolean;
}

export function judge(rules: PageRules, client: PageClient): PageVerdict {
  if (rules.viewers === 'off') return 'off';
  const local = isLocal(client.address) && !client.forwarded;
  if (rules.viewers === 'local' && !local && !rules.authenticates()) return 'remote';
  return isOurName(client.host, rules.hostNames) ? 'shown' : 'host';
}

/** A unix socket has no address; neither has a client that has gone, who sees nothing any more. */
function isLocal(address: string | undefined): boolean {
  return address === undefined || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address);
}

/**
 * DNS rebinding: the name of an attacker's page is made to point here, and the browser of somebody who may see the page
 * takes it for that page's own server. Such a request bears the attacker's name; an address or a name of ours it never bears.
 */
function isOurName(host: string | undefined, names: readonly string[]): boolean {
  const [, bracketed, plain = ''] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::\d{0,5})?$/i.exec(host ?? '') ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  if (isIP(plain) === 4) return true;
  const name = plain.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || names.some((one) => one.toLowerCase() === name);
}
