// Page: how it stands with the daemon: live, started anew, upgraded, or gone. Reports in, and that there was none; words about it
// out, and the marks by which what stands on the page is known to be old.
import type { SummaryReport } from '../http/summary-report.ts';
import { byId, setText } from './dom.ts';
import { clockText, durationText, secondAt, timeText } from './format.ts';
import { stormText } from './words.ts';

/** s. Whoever comes back to the page is told of a restart; after that the uptime says it. */
const TOLD_ANEW = 60;

export class Standing {
  readonly #feed = byId('feed', HTMLElement);
  readonly #reload = byId('reload', HTMLElement);
  readonly #uptime = byId('uptime', HTMLElement);
  readonly #storm = byId('storm', HTMLElement);
  readonly #version = byId('version', HTMLElement);
  readonly #marks = document.querySelectorAll<HTMLElement>('.as-of');
  /** Of the daemon that this page came from. */
  readonly #own = this.#version.textContent;
  #last: SummaryReport | undefined;
  #anew: { readonly startTime: number; readonly seen: number } | undefined;
  /** When the daemon was missed first. */
  #missedAt: number | undefined;

  get gone(): boolean {
    return this.#missedAt !== undefined;
  }

  live(now: SummaryReport): void {
    const { startTime, time, host, version, storm } = now;
    if (this.#last !== undefined && this.#last.startTime !== startTime) {
      this.#anew = { startTime, seen: time };
    }
    if (this.#anew !== undefined && time - this.#anew.seen >= TOLD_ANEW) this.#anew = undefined;
    this.#last = now;
    this.#missedAt = undefined;
    const anew =
      this.#anew === undefined ? '' : `, started anew at ${timeText(this.#anew.startTime, time)}`;
    const upgraded = version !== this.#own;
    const other = upgraded ? `. The daemon is ${version} now, this page of ${this.#own}.` : '';
    this.#say('live', `Live${anew}${other}`, upgraded);
    document.title = `${host} · procevents`;
    setText(this.#version, version);
    setText(this.#uptime, `, up ${durationText(time - startTime)}`);
    this.#storm.hidden = storm === null;
    if (storm !== null) setText(this.#storm, stormText(storm));
    for (const mark of this.#marks) mark.hidden = true;
  }

  missed(why: string): void {
    this.#age();
    this.#say('gone', `The daemon ${why}, since ${this.#since()}. Trying again.`, false);
  }

  odd(): void {
    this.#age();
    const text = `The daemon’s answer is not understood, since ${this.#since()}. Trying again.`;
    this.#say('gone', text, true);
  }

  /** Nothing is said of now any more. */
  #age(): void {
    this.#missedAt ??= Date.now() / 1000;
    const last = this.#last;
    document.title = `No answer · ${last?.host ?? 'procevents-exporter'}`;
    if (last === undefined) return;
    const at = clockText(secondAt(last, last.rates.forks.length - 1));
    setText(this.#uptime, `, up ${durationText(last.time - last.startTime)} as of ${at}`);
    if (last.storm !== null) setText(this.#storm, stormText(last.storm, at));
    for (const mark of this.#marks) {
      mark.hidden = false;
      setText(mark, `As of ${at}`);
    }
  }

  #since(): string {
    const now = Date.now() / 1000;
    return timeText(this.#missedAt ?? now, now);
  }

  #say(state: 'live' | 'gone', text: string, reload: boolean): void {
    this.#feed.className = `pill ${state}`;
    setText(this.#feed, text);
    this.#reload.hidden = !reload;
  }
}
