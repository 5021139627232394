// Library: what callers give. In: a value, and what it is called. Out: the same, of the type that it must have, or an error
// that names it.
import { nearest } from '../config/nearest.ts';
import { ExporterError, quoted } from '../errors.ts';

type Fields<Name extends string> = Readonly<Record<Name, unknown>>;

/** The options of a call: an object, of which each field is known. What the fields hold, their own checks say. */
export function fieldsOf<Name extends string>(
  call: string,
  value: unknown,
  known: readonly [Name, ...Name[]],
): Fields<Name> {
  if (value === undefined) return {} as Fields<Name>;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(`the argument of ${call}`, `is no object but ${shown(value)}`);
  }
  for (const name of Object.keys(value)) {
    if ((known as readonly string[]).includes(name)) continue;
    refuse(`the option ${quoted(name)}`, `is unknown; the nearest is ${nearest(name, known)}`);
  }
  return value as Fields<Name>;
}

export function integer(what: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  return refuse(what, `is not an integer from ${min} to ${max} but ${shown(value)}`);
}

/** Of the kernel's: a C int. */
export function descriptor(what: string, value: unknown): number {
  return integer(what, value, 0, 2 ** 31 - 1);
}

/** At least one of the known names. */
export function names<Name extends string>(
  what: string,
  value: unknown,
  known: readonly [Name, ...Name[]],
): readonly Name[] {
  if (!Array.isArray(value)) return refuse(what, `is no array but ${shown(value)}`);
  if (value.length === 0) refuse(what, 'names no kind');
  return Array.from(value, (name: unknown) => {
    const at = (known as readonly unknown[]).indexOf(name);
    if (at >= 0) return known[at]!;
    const meant = typeof name === 'string' ? `; the nearest is ${nearest(name, known)}` : '';
    return refuse(what, `has ${shown(name)}, no kind${meant}`);
  });
}

export function refuse(what: string, why: string): never {
  throw new ExporterError('PROCEVENTS_OPTION', `${what} ${why}`);
}

/** A value in a message: what is short as it is, else what it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    return String(value);
  return typeof value;
}
