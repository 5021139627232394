// The real app behind a real web file, for the tests of this folder. In: the file's text. Out: listeners, the file, what was logged.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Scrapes } from '../../../src/http/app.ts';
import type { Limits } from '../../../src/http/limits.ts';
import type { Address } from '../../../src/http/listen.ts';
import { TlsFront } from '../../../src/http/tls-front.ts';
import { WebConfig } from '../../../src/web-config/web-config.ts';
import { LOOPBACK, atOnce, serve } from './serving.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'procevents-web-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Written a minute ago, so that nobody waits for more of it. */
export function write(path: string, text: string): void {
  writeFileSync(path, text);
  const then = Date.now() / 1000 - 60;
  utimesSync(path, then, then);
}

export function logInto(lines: Line[]) {
  const to =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields });
    };
  return { info: to('info'), warn: to('warn'), error: to('error') };
}

export async function openWeb(text: string, at = folder()) {
  const file = join(at, 'web.yml');
  write(file, text);
  const lines: Line[] = [];
  const web = await WebConfig.open(file, logInto(lines));
  return { web, file, lines, rewrite: (changed: string) => write(file, changed) };
}

export async function serveSecured(
  text: string,
  o: {
    readonly scrapes?: Scrapes;
    readonly limits?: Limits;
    readonly addresses?: readonly Address[];
    readonly healthUnprotected?: boolean;
    readonly maxRequests?: number;
  } = {},
) {
  const opened = await openWeb(text);
  const secured = { web: opened.web, healthUnprotected: o.healthUnprotected ?? false, TlsFront };
  const { scrapes = atOnce, addresses = [LOOPBACK], maxRequests = 0, limits } = o;
  const log = logInto(opened.lines);
  const served = await serve(addresses, scrapes, limits, { secured, maxRequests, log });
  return { ...opened, ...served };
}
