// Watch: the live table's numbers. Events by comm and user in; rows with rates of the last interval and totals, sorted,
// out. Counts processes, as the metrics do.
import { OTHER_TEXT } from '../aggregator/comm-text.ts';

export const SORT_COLUMNS = [
  { name: 'forks', key: 'f' },
  { name: 'execs', key: 'e' },
  { name: 'exits', key: 'x' },
  { name: 'failures', key: 'a' },
  { name: 'coredumps', key: 'd' },
  { name: 'comm', key: 'c' },
  { name: 'user', key: 'u' },
] as const;

export type SortColumn = (typeof SORT_COLUMNS)[number]['name'];
/** Failures: ended with a status other than 0, or by a signal. */
export type Counted = 'forks' | 'execs' | 'exits' | 'failures' | 'coredumps';

export interface Row {
  readonly comm: string;
  /** undefined: unknown, or of many */
  readonly uid: number | undefined;
  readonly user: string;
  readonly perSecond: Readonly<Record<Counted, number>>;
  /** Since the start. */
  readonly total: Readonly<Record<Counted, number>>;
}

interface Entry {
  readonly comm: string;
  readonly uid: number | undefined;
  readonly since: Record<Counted, number>;
  readonly perSecond: Record<Counted, number>;
  readonly total: Record<Counted, number>;
  idle: number;
}

/** Four times the pairs that the metrics have by default; a screen shows fifty. */
const ROWS_MAX = 4096;
/** Intervals without an event, after which a row that has neither failures nor core dumps goes. */
const IDLE_MAX = 60;
const COUNTED: readonly Counted[] = ['forks', 'execs', 'exits', 'failures', 'coredumps'];

export class TopTable {
  sort: SortColumn = 'forks';
  reversed = false;
  readonly #userName: (uid: number | undefined) => string;
  readonly #byUid = new Map<number | undefined, Map<string, Entry>>();
  readonly #other = newEntry(OTHER_TEXT, undefined);
  #size = 0;

  constructor(userName: (uid: number | undefined) => string) {
    this.#userName = userName;
  }

  get size(): number {
    return this.#size;
  }

  count(what: Counted, comm: string, uid: number | undefined): void {
    this.#entry(comm, uid).since[what]++;
  }

  /** Ends an interval of so many seconds. */
  tick(seconds: number): void {
    settle(this.#other, seconds);
    for (const entries of this.#byUid.values()) {
      for (const [comm, entry] of entries) {
        settle(entry, seconds);
        const { failures, coredumps } = entry.total;
        if (entry.idle < IDLE_MAX || failures + coredumps > 0) continue;
        entries.delete(comm);
        this.#size--;
      }
    }
  }

  /** At most `limit`; what found no place of its own is the last. */
  rows(limit: number): Row[] {
    const rows: Row[] = [];
    for (const entries of this.#byUid.values()) {
      for (const entry of entries.values()) rows.push(this.#row(entry));
    }
    const direction = this.reversed ? -1 : 1;
    rows.sort((a, b) => direction * compare(a, b, this.sort) || compareNames(a, b));
    const hasOther = COUNTED.some((what) => this.#other.total[what] > 0);
    if (!hasOther) return rows.slice(0, limit);
    return [...rows.slice(0, Math.max(0, limit - 1)), this.#row(this.#other)];
  }

  #row(entry: Entry): Row {
    const { comm, uid, perSecond, total } = entry;
    const user = entry === this.#other ? OTHER_TEXT : this.#userName(uid);
    return { comm, uid, user, perSecond, total };
  }

  #entry(comm: string, uid: number | undefined): Entry {
    let entries = this.#byUid.get(uid);
    if (entries === undefined) this.#byUid.set(uid, (entries = new Map()));
    let entry = entries.get(comm);
    if (entry === undefined) {
      if (this.#size >= ROWS_MAX) return this.#other;
      entry = newEntry(comm, uid);
      entries.set(comm, entry);
      this.#size++;
    }
    return entry;
  }
}

function zeros(): Record<Counted, number> {
  return { forks: 0, execs: 0, exits: 0, failures: 0, coredumps: 0 };
}

function newEntry(comm: string, uid: number | undefined): Entry {
  return { comm, uid, since: zeros(), perSecond: zeros(), total: zeros(), idle: 0 };
}

function settle(entry: Entry, seconds: number): void {
  let any = false;
  for (const what of COUNTED) {
    const count = entry.since[what];
    any ||= count > 0;
    entry.perSecond[what] = count / seconds;
    entry.total[what] += count;
    entry.since[what] = 0;
  }
  entry.idle = any ? 0 : entry.idle + 1;
}

/** Numbers from large to small, names from a to z. */
function compare(a: Row, b: Row, by: SortColumn): number {
  if (by === 'comm') return compareText(a.comm, b.comm);
  if (by === 'user') return compareText(a.user, b.user);
  // Failures and core dumps are rare: what was is what one looks for.
  if (by === 'failures' || by === 'coredumps') return b.total[by] - a.total[by];
  return b.perSecond[by] - a.perSecond[by] || b.total[by] - a.total[by];
}

function compareNames(a: Row, b: Row): number {
  return compareText(a.comm, b.comm) || compareText(a.user, b.user);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
