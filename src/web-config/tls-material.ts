// Web file: certificate, key and CA. In: the checked text of the file. Out: what a TLS server needs, proven to work together.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { quoted, type ExporterError } from '../errors.ts';
import { readBounded } from './bounded-file.ts';
import { isThere, type Pem, type TlsText } from './schema.ts';
import type { TlsSettings } from './settings.ts';
import { cipherString, CURVES, VERSIONS } from './tls-names.ts';

const CODE = 'PROCEVENTS_WEB_CONFIG_CERTIFICATE';

export async function loadTls(
  webFile: string,
  text: TlsText,
  stamps: Map<string, string>,
): Promise<TlsSettings> {
  const read = async (pem: Pem, key: string): Promise<string> => {
    if (pem.path === '') return pem.text;
    const path = resolve(dirname(webFile), pem.path);
    const what = `${quoted(webFile)}: tls_server_config.${key}`;
    return readBounded({ path, what, stamps });
  };
  const cert = await read(text.cert, 'cert_file');
  const key = await read(text.key, 'key_file');
  const ca = isThere(text.clientCa) ? await read(text.clientCa, 'client_ca_file') : undefined;

  const leaf = parseCertificate(cert, text.cert);
  if (!leaf.checkPrivateKey(parseKey(key, text.key))) {
    throw problem(text.key, 'does not belong to the certificate');
  }
  if (ca !== undefined) parseCertificate(ca, text.clientCa);

  const ciphers = cipherString(text.suites, text.minVersion);
  const context: TlsSettings['context'] = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: VERSIONS[text.minVersion],
    maxVersion: VERSIONS[text.maxVersion],
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(text.curves === undefined
      ? {}
      : { ecdhCurve: text.curves.map((name) => CURVES.get(name)).join(':') }),
    honorCipherOrder: text.preferServer,
  };
  try {
    createSecureContext(context);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw text.place.error(`is refused by OpenSSL (${code})`, CODE);
  }
  return {
    context,
    clientAuth: text.clientAuth,
    allowedSans: text.allowedSans,
    trust: JSON.stringify([text.clientAuth, ca, text.allowedSans]),
    validFrom: Date.parse(leaf.validFrom),
    validTo: Date.parse(leaf.validTo),
    names: leaf.subjectAltName ?? leaf.subject.replaceAll('\n', ', '),
  };
}

function problem(pem: Pem, why: string): ExporterError {
  return pem.place.error(pem.path === '' ? why : `${quoted(pem.path)} ${why}`, CODE);
}

/** Of several the first: the server's own stands before those that signed it. */
function parseCertificate(text: string, pem: Pem): X509Certificate {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw problem(pem, 'holds no PEM certificate');
  try {
    return new X509Certificate(text);
  } catch {
    throw problem(pem, 'holds a certificate that cannot be read');
  }
}

function parseKey(text: string, pem: Pem): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw problem(pem, 'holds no PEM private key without a passphrase');
  }
}
