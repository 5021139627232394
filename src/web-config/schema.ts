// Web file: which keys there are and what they take. In: YAML. Out: what stands there, checked key by key; no other file is read.
import { validateHeaderValue } from 'node:http';
import { quoted } from '../errors.ts';
import { CLIENT_AUTH_TYPES, type ClientAuthType, type RateLimit } from './settings.ts';
import {
  CURVES,
  HTTP2_SUITES,
  SUITES,
  TLS13_SUITES,
  VERSION_NAMES,
  type VersionName,
} from './tls-names.ts';
import { readYaml, type Place } from './yaml-reader.ts';

/** A PEM text that stands in the file, or in a file of its own. */
export interface Pem {
  readonly place: Place;
  /** Empty: neither is there. */
  readonly text: string;
  readonly path: string;
}

export interface TlsText {
  readonly cert: Pem;
  readonly key: Pem;
  readonly clientCa: Pem;
  readonly clientAuth: ClientAuthType;
  readonly allowedSans: readonly string[] | undefined;
  readonly minVersion: VersionName;
  readonly maxVersion: VersionName;
  readonly suites: readonly string[] | undefined;
  readonly curves: readonly string[] | undefined;
  readonly preferServer: boolean;
  readonly place: Place;
}

export interface WebText {
  readonly tls: TlsText | undefined;
  readonly http2: boolean;
  readonly headers: readonly (readonly [string, string])[];
  readonly rateLimit: RateLimit | undefined;
  readonly users: ReadonlyMap<string, string>;
}

export function readSchema(file: string, text: string): WebText {
  const top = readYaml(file, text).keys([
    'tls_server_config',
    'http_server_config',
    'basic_auth_users',
    'rate_limit',
  ]);
  const http = top.http_server_config.keys(['http2', 'headers']);
  const http2 = http.http2.boolean(true);
  return {
    tls: readTls(top.tls_server_config, http2),
    http2,
    headers: readHeaders(http.headers),
    rateLimit: readRateLimit(top.rate_limit),
    users: readUsers(top.basic_auth_users),
  };
}

function readTls(place: Place, http2: boolean): TlsText | undefined {
  if (place.entries('a mapping of keys to values').length === 0) return undefined;
  const keys = place.keys([
    'cert_file',
    'key_file',
    'cert',
    'key',
    'client_ca_file',
    'client_ca',
    'client_auth_type',
    'client_allowed_sans',
    'min_version',
    'max_version',
    'cipher_suites',
    'prefer_server_cipher_suites',
    'curve_preferences',
  ]);
  const cert = pem(keys.cert_file, keys.cert, 'cert_file', 'cert');
  const key = pem(keys.key_file, keys.key, 'key_file', 'key');
  const clientCa = pem(keys.client_ca_file, keys.client_ca, 'client_ca_file', 'client_ca');
  // The toolkit serves plain HTTP when all of these are missing, whatever else stands here: a password would go in the clear.
  if (!isThere(cert)) throw place.error('has no certificate: give cert_file or cert');
  if (!isThere(key)) throw place.error('has no key: give key_file or key');

  // An older spelling that the toolkit still takes.
  const auth = keys.client_auth_type.oneOf(
    [...CLIENT_AUTH_TYPES, 'RequireClientCert' as const],
    'NoClientCert',
  );
  const clientAuth = auth === 'RequireClientCert' ? 'RequireAnyClientCert' : auth;
  if (isThere(clientCa) && clientAuth === 'NoClientCert') {
    throw keys.client_auth_type.error(
      `is NoClientCert beside a client CA; allowed is one of ${CLIENT_AUTH_TYPES.slice(1).join(', ')}`,
    );
  }
  const sans = keys.client_allowed_sans.list('names');
  if (sans !== undefined) {
    if (clientAuth !== 'RequireAnyClientCert' && clientAuth !== 'RequireAndVerifyClientCert') {
      throw keys.client_allowed_sans.error(
        'needs a client_auth_type of RequireAndVerifyClientCert or RequireAnyClientCert',
      );
    }
    if (sans.length === 0) throw keys.client_allowed_sans.error('takes at least one name');
  }
  const minVersion = keys.min_version.oneOf(VERSION_NAMES, 'TLS12');
  const maxVersion = keys.max_version.oneOf(VERSION_NAMES, 'TLS13');
  if (VERSION_NAMES.indexOf(minVersion) > VERSION_NAMES.indexOf(maxVersion)) {
    throw keys.min_version.error(`is ${minVersion}, above max_version, which is ${maxVersion}`);
  }
  const suites = names(keys.cipher_suites, [...SUITES.keys(), ...TLS13_SUITES]);
  if (suites !== undefined) {
    const old = suites.filter((name) => SUITES.has(name));
    if (maxVersion !== 'TLS13' && old.length === 0) {
      throw keys.cipher_suites.error(`names none that ${maxVersion} can use`);
    }
    if (http2 && minVersion !== 'TLS13' && !old.some((name) => HTTP2_SUITES.includes(name))) {
      throw keys.cipher_suites.error(
        `needs ${HTTP2_SUITES.join(' or ')} for HTTP/2, or http_server_config.http2: false`,
      );
    }
  }
  return {
    cert,
    key,
    clientCa,
    clientAuth,
    allowedSans: sans?.map((san) => san.text()),
    minVersion,
    maxVersion,
    suites,
    curves: names(keys.curve_preferences, [...CURVES.keys()]),
    preferServer: keys.prefer_server_cipher_suites.boolean(true),
    place,
  };
}

function pem(file: Place, inline: Place, fileKey: string, inlineKey: string): Pem {
  const path = file.text('the path of a PEM file');
  const text = inline.text('a PEM text');
  if (path.includes('\0')) throw file.error('takes the path of a PEM file');
  if (path !== '' && text !== '') {
    throw inline.error(`stands beside ${fileKey}; give ${fileKey} or ${inlineKey}, not both`);
  }
  return { place: path === '' ? inline : file, text, path };
}

export function isThere({ text, path }: Pem): boolean {
  return text !== '' || path !== '';
}

/** Go takes an empty list for none. */
function names(place: Place, choices: readonly string[]): readonly string[] | undefined {
  const list = place.list(`names: ${choices.join(', ')}`) ?? [];
  if (list.length === 0) return undefined;
  return list.map((one) => {
    const name = one.oneOf(choices, '');
    if (name === '') throw one.error(`is empty; allowed is one of ${choices.join(', ')}`);
    return name;
  });
}

const HEADERS = [
  'Strict-Transport-Security',
  'X-Content-Type-Options',
  'X-Frame-Options',
  'X-XSS-Protection',
  'Content-Security-Policy',
] as const;

const HEADER_VALUES: Readonly<Partial<Record<(typeof HEADERS)[number], readonly string[]>>> = {
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
};

function readHeaders(place: Place): (readonly [string, string])[] {
  const keys = place.keys(HEADERS);
  const set: (readonly [string, string])[] = [];
  for (const name of HEADERS) {
    const choices = HEADER_VALUES[name];
    const value = choices === undefined ? keys[name].text() : keys[name].oneOf(choices, '');
    if (value === '') continue;
    try {
      validateHeaderValue(name, value);
    } catch {
      throw keys[name].error('takes one line of printable characters');
    }
    set.push([name, value]);
  }
  return set;
}

// 18 needs 15 seconds, longer than a scraper waits; 31, which bcrypt allows, would hold a thread for two days.
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|1[0-8])\$[./A-Za-z0-9]{53}$/;
const BCRYPT_ALLOWED =
  'a bcrypt hash ($2a$, $2b$ or $2y$) of cost 4 to 18, such as htpasswd -nBC 10 "" prints';

function readUsers(place: Place): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [name, hash] of place.entries('a mapping of user names to bcrypt hashes')) {
    // The header of basic authentication ends the name at the first colon: nobody could ever log in.
    if (name.includes(':')) throw hash.error('has a colon in the name of the user');
    if (!BCRYPT.test(hash.text(BCRYPT_ALLOWED))) throw hash.error(`takes ${BCRYPT_ALLOWED}`);
    users.set(name, hash.text());
  }
  return users;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const DURATION = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|s|m|h))+$/;
// More would hold no burst back.
const LARGEST_BURST = 1_000_000;

function readRateLimit(place: Place): RateLimit | undefined {
  const keys = place.keys(['interval', 'burst']);
  const duration = keys.interval.text('a duration such as 500ms, 1s or 1m30s');
  if (duration === '' || /^0(?:ns|us|ms|s|m|h)?$/.test(duration)) return undefined;
  if (!DURATION.test(duration)) {
    throw keys.interval.error(
      `does not take ${quoted(duration)}; allowed is a duration such as 500ms, 1s or 1m30s, and 0 for no limit`,
    );
  }
  let interval = 0;
  for (const [, digits, unit] of duration.matchAll(/([\d.]+)(\D+)/g)) {
    interval += Number(digits) * (UNITS[unit ?? ''] ?? 0);
  }
  const digits = keys.burst.text('a whole number');
  const burst = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
  if (burst < 1 || burst > LARGEST_BURST) {
    throw keys.burst.error(`takes a whole number from 1 to ${LARGEST_BURST}`);
  }
  return interval === 0 ? undefined : { interval, burst };
}
