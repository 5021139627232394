// Attribution: what keeps a scan of /proc and the events that overtake it, or lag behind it, from counting a task twice.
//
// While the window is open, the live tasks of a process are a set, and both witnesses only ever say "this tid lives" or
// "this tid has ended". So their order does not matter: a FORK whose task the scan has seen already changes nothing,
// nor does the EXIT of a task that the scan no longer saw. The window closes when every event from before the scan's
// end has been consumed; then the sizes stand.

/** Ended tids at most, 20 MB: what matters ended within the microseconds before /proc was read. */
const ENDED_LIMIT = 262_144;

export class ScanWindow {
  /** Processes that the scan put into the table, with more than their leader. */
  readonly #live = new Map<number, Set<number>>();
  /** ...and those with just their leader: most, so no set for them. */
  readonly #single = new Set<number>();
  /** Tids whose last event since the window opened was EXIT. */
  readonly #ended = new Set<number>();

  /** Whether the process came from the scan; its task count is then what this window says. */
  has(tgid: number): boolean {
    return this.#single.has(tgid) || this.#live.has(tgid);
  }

  /** Takes a scanned process. Returns its live tasks: 0 when events have said meanwhile that all are gone. */
  add(tgid: number, tids: readonly number[]): number {
    this.forget(tgid);
    const live = tids.filter((tid) => !this.#ended.has(tid));
    if (live.length === 1 && live[0] === tgid) this.#single.add(tgid);
    else if (live.length > 0) this.#live.set(tgid, new Set(live));
    return live.length;
  }

  /** A task was born. Returns the live tasks of its process, if that came from the scan. */
  born(tid: number, tgid: number): number | undefined {
    this.#ended.delete(tid);
    if (this.#single.has(tgid)) {
      if (tid === tgid) return 1;
      this.#single.delete(tgid);
      this.#live.set(tgid, new Set([tgid, tid]));
      return 2;
    }
    return this.#live.get(tgid)?.add(tid).size;
  }

  /** A task has ended. Returns the live tasks that its process is left with, if that came from the scan. */
  died(tid: number, tgid: number): number | undefined {
    if (this.#ended.size >= ENDED_LIMIT) this.#ended.clear();
    this.#ended.add(tid);
    if (this.#single.has(tgid)) {
      if (tid !== tgid) return 1;
      this.#single.delete(tgid);
      return 0;
    }
    const live = this.#live.get(tgid);
    if (live === undefined) return undefined;
    live.delete(tid);
    if (live.size === 0) this.#live.delete(tgid);
    return live.size;
  }

  /** An event was missed: a tid that ended may have been given to a task whose FORK was it. */
  missed(): void {
    this.#ended.clear();
  }

  /** The process has become another one (FORK of its tgid), or its tasks are known from an event (EXEC). */
  forget(tgid: number): void {
    this.#single.delete(tgid);
    this.#live.delete(tgid);
  }
}
