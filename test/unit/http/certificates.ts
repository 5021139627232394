// Real certificates by the openssl program, made once in a temporary folder. Out: their paths.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificates {
  readonly folder: string;
  readonly path: (file: string) => string;
  readonly text: (file: string) => string;
  readonly remove: () => void;
}

/** ca, other-ca; server (and its renewal), expired, client, stranger: each as .crt and .key. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'procevents-tls-'));
  const path = (file: string): string => join(folder, file);
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const key = (name: string): void =>
    openssl(
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      `${name}.key`,
    );
  const authority = (name: string): void => {
    key(name);
    const subject = `/CN=procevents ${name}`;
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      `${name}.key`,
      '-subj',
      subject,
      '-days',
      '2',
      '-out',
      `${name}.crt`,
    );
  };
  const signed = (name: string, sans: string, ca = 'ca', days = '2'): void => {
    key(name);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    writeFileSync(path(`${name}.ext`), `subjectAltName=${sans}\n`);
    const by = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial'];
    const how = ['-days', days, '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...how, '-out', `${name}.crt`);
  };
  const loopback = 'DNS:localhost,IP:127.0.0.1';
  authority('ca');
  authority('other-ca');
  signed('server', loopback);
  signed('renewed', loopback);
  signed('expired', loopback, 'ca', '-1');
  signed('client', 'DNS:scraper.example,IP:2001:db8::1,email:a@example.org,URI:spiffe://x/scraper');
  signed('stranger', 'DNS:scraper.example', 'other-ca');
  return {
    folder,
    path,
    text: (file) => readFileSync(path(file), 'utf8'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
