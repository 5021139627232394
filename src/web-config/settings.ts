// Web file: what it says, after everything is checked. Pure data; made by load.ts, read by http/.

export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export interface TlsSettings {
  /** As tls.createServer takes them; proven to make a context. Holds the key: never to be logged. */
  readonly context: {
    readonly cert: string;
    readonly key: string;
    readonly ca?: string;
    readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
    readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
    readonly ciphers?: string;
    readonly ecdhCurve?: string;
    readonly honorCipherOrder: boolean;
  };
  readonly clientAuth: ClientAuthType;
  /** One of the certificate's own names must be among these. */
  readonly allowedSans: readonly string[] | undefined;
  /** Equal as long as the same clients are let in: type, CA and names. */
  readonly trust: string;
  /** ms since 1970, of the server's certificate. */
  readonly validFrom: number;
  readonly validTo: number;
  /** The certificate's names, for people. */
  readonly names: string;
}

export interface RateLimit {
  /** ms between two requests. */
  readonly interval: number;
  readonly burst: number;
}

export interface WebSettings {
  readonly tls: TlsSettings | undefined;
  readonly http2: boolean;
  /** Names and values that Node takes. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly rateLimit: RateLimit | undefined;
  /** Names and bcrypt hashes. Empty: no password is asked for. */
  readonly users: ReadonlyMap<string, string>;
}

/** Whether nobody gets in without a password or a certificate that was verified. */
export function authenticates(settings: WebSettings): boolean {
  return settings.users.size > 0 || settings.tls?.clientAuth === 'RequireAndVerifyClientCert';
}
