// Watch: which events are shown. What the user asked for in; yes or no for each event out.
import { RE2JS } from 're2js';
import { WATCHED_KINDS, type WatchedKind } from '../config/watched.ts';
import type { LostEvent, ProcEvent, UnknownEvent } from '../library/events.ts';

/** Comms whose answer is remembered; a host has some hundred. */
const ANSWERS_MAX = 4096;

export interface Wanted {
  readonly events: readonly WatchedKind[];
  /** RE2; none: every comm */
  readonly comms: readonly string[];
  /** None: every user. */
  readonly uids: readonly number[];
  readonly threads: boolean;
  /** Our own tgid: what we do in order to look is nobody's business. */
  readonly self: number;
}

/** Whether it tells of one task only, and not of its process. */
export function isOfThread(event: Exclude<ProcEvent, LostEvent | UnknownEvent>): boolean {
  return event.kind === 'exit' ? event.endsProcess !== true : event.isThread;
}

export class Filter {
  readonly #kinds: ReadonlySet<string>;
  readonly #uids: ReadonlySet<number>;
  readonly #threads: boolean;
  readonly #self: number;
  readonly #expressions: readonly RE2JS[];
  readonly #answers = new Map<string, boolean>();
  readonly #all: boolean;

  constructor({ events, comms, uids, threads, self }: Wanted) {
    this.#kinds = new Set(events);
    this.#uids = new Set(uids);
    this.#threads = threads;
    this.#self = self;
    this.#expressions = comms.map((comm) => RE2JS.compile(comm));
    this.#all = events.length === WATCHED_KINDS.length && comms.length + uids.length === 0;
  }

  /** To give up privilege and to start threads takes some two dozen events, of which nobody asked. */
  isOwn(event: ProcEvent): boolean {
    return 'tgid' in event && event.tgid === this.#self;
  }

  /** A loss concerns every question; of an unknown kind nobody can say whether it was asked for. */
  shows(event: ProcEvent): boolean {
    if (event.kind === 'lost') return true;
    if (event.kind === 'unknown') return this.#all;
    if (!this.#kinds.has(event.kind)) return false;
    if (this.isOwn(event)) return false;
    // A crash is its process's, whichever thread it began in.
    if (!this.#threads && event.kind !== 'coredump' && isOfThread(event)) return false;
    if (this.#uids.size > 0 && (event.uid === undefined || !this.#uids.has(event.uid))) {
      return false;
    }
    return this.#expressions.length === 0 || this.#matches(event.comm);
  }

  #matches(comm: string | undefined): boolean {
    if (comm === undefined) return false;
    let answer = this.#answers.get(comm);
    if (answer === undefined) {
      answer = this.#expressions.some((expression) => expression.matches(comm));
      if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
      this.#answers.set(comm, answer);
    }
    return answer;
  }
}
