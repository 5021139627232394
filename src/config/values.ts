// Configuration: readers of single values. In: the text that a user typed. Out: the value, or NotAllowed.

import { resolve } from 'node:path';
import { quoted } from '../errors.ts';

/** The text is not a value of this flag. The parser knows which flag, and begins the message with it. */
export class NotAllowed extends Error {
  constructor(text: string, allowed: string) {
    super(`does not take ${quoted(text)}; allowed is ${allowed}`);
  }
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function integer(bounds: Bounds): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(value >= bounds.min && value <= bounds.max)) {
      throw new NotAllowed(text, `a whole number from ${bounds.min} to ${bounds.max}`);
    }
    return value;
  };
}

export function powerOfTwo(bounds: Bounds): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(value >= bounds.min && value <= bounds.max) || !Number.isInteger(Math.log2(value))) {
      throw new NotAllowed(text, `a power of two from ${bounds.min} to ${bounds.max}`);
    }
    return value;
  };
}

/** `from` and `to` are the bounds as one would type them. */
export function bytes(from: string, to: string): (text: string) => number {
  const min = size(from);
  const max = size(to);
  return (text) => {
    const value = size(text);
    if (!(value >= min && value <= max)) {
      throw new NotAllowed(
        text,
        `a size from ${from} to ${to}, such as 65536, 64KiB, 64MiB or 64MB`,
      );
    }
    return value;
  };
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1000 };

/** Bounds in ms. */
export function milliseconds(bounds: Bounds): (text: string) => number {
  return (text) => {
    const [, digits, unit] = /^(\d{1,9})(us|ms|s)$/.exec(text) ?? [];
    const value = text === '0' ? 0 : Number(digits) * (MILLISECONDS[unit ?? ''] ?? NaN);
    if (!(value >= bounds.min && value <= bounds.max)) {
      const to = `${bounds.max / 1000}s`;
      throw new NotAllowed(text, `a time from ${bounds.min} to ${to}, such as 500us, 5ms or 1s`);
    }
    return value;
  };
}

const PERIODS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** A timer of Node's ends at 2^31 ms. */
const LONGEST_HOURS = 500;

/** In ms. */
export function durationMs(text: string): number {
  const [, digits, unit] = /^(\d{1,10})(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(digits) * (PERIODS[unit ?? ''] ?? NaN);
  if (!(value >= 1 && value <= LONGEST_HOURS * 3_600_000)) {
    throw new NotAllowed(
      text,
      `a time from 1ms to ${LONGEST_HOURS}h, such as 500ms, 10s, 5m or 1h`,
    );
  }
  return value;
}

function size(text: string): number {
  const [, digits, unit] = /^(\d{1,15})([A-Za-z]{0,3})$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined || !Object.hasOwn(UNITS, unit)) return NaN;
  return Number(digits) * (UNITS[unit] ?? NaN);
}

export function oneOf<const T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new NotAllowed(text, `one of ${choices.join(', ')}`);
    return choice;
  };
}

/** A daemon's working directory is nobody's business: only absolute paths. */
export function absolutePath(text: string): string {
  if (!text.startsWith('/') || text.includes('\0')) {
    throw new NotAllowed(text, 'an absolute path, such as /proc');
  }
  return text;
}

/** As other exporters take it: relative to where the command is typed. */
export function filePath(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new NotAllowed(text, 'a path without control characters');
  return resolve(text);
}

// useradd's own rule, and room for what directories such as LDAP have; (uid_t)-1 is nobody's.
const USER_NAME = /^[a-z_A-Z][\w.@-]{0,254}\$?$/;
const LAST_UID = 4_294_967_294;

export function userName(text: string): string {
  const isUid = /^\d{1,10}$/.test(text) && Number(text) <= LAST_UID;
  if (!isUid && !USER_NAME.test(text)) throw new NotAllowed(text, 'the name of a user, or a uid');
  return text;
}

const TRUE = ['1', 'true', 'yes', 'on'];
const FALSE = ['0', 'false', 'no', 'off'];

export function boolean(text: string): boolean {
  const word = text.toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new NotAllowed(text, `one of ${TRUE.join(', ')}, ${FALSE.join(', ')}`);
}
