// Doctor: what it says. In: checks. Out: lines for people, or a JSON document for programs.
import type { Check, Status } from './check.ts';

const MARKS: Readonly<Record<Status, string>> = { ok: '✓', degraded: '!', failing: '✗' };

export function eventsFlow(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'failing');
}

export function textReport(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, detail, remedy }) => {
    const line = `${MARKS[status]} ${name.padEnd(width)}  ${detail}`;
    return remedy === undefined ? [line] : [line, `${' '.repeat(width + 4)}→ ${remedy}`];
  });
  return `${[...lines, '', conclusion(checks)].join('\n')}\n`;
}

function conclusion(checks: readonly Check[]): string {
  if (!eventsFlow(checks)) return 'Events will not flow: mend what has ✗ before it.';
  const less = checks.filter(({ status }) => status === 'degraded').length;
  return less === 0 ? 'Events will flow.' : 'Events will flow, with less where ! stands.';
}

/** Field names are fixed: scripts read them. */
export function jsonReport(checks: readonly Check[]): string {
  const fields = checks.map(({ name, status, detail, remedy }) => ({
    name,
    status,
    detail,
    ...(remedy === undefined ? {} : { remedy }),
  }));
  return `${JSON.stringify({ ok: eventsFlow(checks), checks: fields }, null, 2)}\n`;
}
