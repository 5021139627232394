// Web file: what is in force now. In: the file as it changes. Out: settings, verdicts on passwords, and a line for health.
import { oneLine, quoted } from '../errors.ts';
import { look } from './bounded-file.ts';
import { certificateProblem, load, type Loaded, type Stamps } from './load.ts';
import { Passwords, type Verdict } from './passwords.ts';
import { authenticates, type WebSettings } from './settings.ts';

/** ms. Four stats cost 0.1 ms, off the loop; nothing happens while nobody asks. */
const LOOK_INTERVAL = 1000;
/** ms that a request waits for a look: a file server that is gone must not hold up the scrapes. */
const LONGEST_LOOK = 500;
/** ms since the last write. The first half of a file may be good YAML without its passwords; the next request looks again. */
const SETTLED = 200;

export interface WebConfigLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  /** At most one a minute of each message. */
  error(fields: object, message: string): void;
}

export class WebConfig {
  readonly #path: string;
  readonly #log: WebConfigLog;
  readonly #passwords = new Passwords();
  #inForce: WebSettings;
  /** Of the files as they were read last. */
  #stamps: Stamps;
  /** Why what stands in the files now is not in force. */
  #broken: string | undefined;
  #lookedAt = performance.now();
  #looking: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(path: string, log: WebConfigLog, settings: WebSettings, stamps: Stamps) {
    this.#path = path;
    this.#log = log;
    this.#inForce = settings;
    this.#stamps = stamps;
  }

  /** Rejects with an ExporterError. */
  static async open(path: string, log: WebConfigLog): Promise<WebConfig> {
    const stamps: Stamps = new Map();
    const { settings } = await load(path, stamps);
    const problem = certificateProblem(settings, Date.now());
    if (problem !== undefined) log.warn({ file: path }, problem);
    return new WebConfig(path, log, settings, stamps);
  }

  get settings(): WebSettings {
    return this.#inForce;
  }

  authenticates(): boolean {
    return authenticates(this.#inForce);
  }

  authenticate(header: string | undefined): Verdict | Promise<Verdict> {
    return this.#passwords.check(header, this.#inForce.users);
  }

  /** Called with each connection and request. A promise when the files are being looked at: then wait for it. */
  look(): Promise<void> | undefined {
    if (this.#looking === undefined) {
      const now = performance.now();
      if (now - this.#lookedAt < LOOK_INTERVAL) return undefined;
      this.#lookedAt = now;
      const looking = this.#lookAtFiles().finally(() => {
        this.#looking = undefined;
      });
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LONGEST_LOOK);
      });
      this.#looking = Promise.race([looking, enough]).finally(() => clearTimeout(timer));
    }
    return this.#looking;
  }

  async #lookAtFiles(): Promise<void> {
    for (const [path, stamp] of this.#stamps) {
      const now = await look(path);
      if (now.stamp === stamp) continue;
      if (now.age >= 0 && now.age < SETTLED) this.#lookedAt = Number.NEGATIVE_INFINITY;
      else await this.reload();
      return;
    }
  }

  /** Reads all anew, changed or not: SIGHUP. Never rejects; what is broken is logged, and the old stays. */
  reload(): Promise<void> {
    // One under way may have read what has changed since: one more begins after it, and serves all who ask until then.
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      this.#reading = this.#read();
      return this.#reading;
    });
    return this.#next;
  }

  async #read(): Promise<void> {
    const stamps: Stamps = new Map();
    try {
      const loaded = await load(this.#path, stamps);
      const changed = [...stamps].some(([path, stamp]) => this.#stamps.get(path) !== stamp);
      if (changed || this.#broken !== undefined) this.#take(loaded);
    } catch (error) {
      this.#refuse(oneLine(error).replace(/^procevents-exporter: /, ''));
    }
    this.#stamps = stamps;
  }

  #take(loaded: Loaded): void {
    const { settings } = loaded;
    const file = quoted(this.#path);
    if ((settings.tls === undefined) !== (this.#inForce.tls === undefined)) {
      const turned = settings.tls === undefined ? 'off' : 'on';
      this.#refuse(`${file} turns TLS ${turned}, which takes a restart`);
      return;
    }
    if (loaded.empty && this.authenticates()) {
      this.#refuse(`${file} is empty, which would let everybody in; to do so write {}`);
      return;
    }
    const problem = certificateProblem(settings, Date.now());
    if (problem !== undefined && certificateProblem(this.#inForce, Date.now()) === undefined) {
      this.#refuse(`${file}: ${problem}`);
      return;
    }
    this.#broken = undefined;
    // Connections hold on to the object: it stays the same as long as TLS does.
    const same = JSON.stringify(settings.tls) === JSON.stringify(this.#inForce.tls);
    this.#inForce = same ? { ...settings, tls: this.#inForce.tls } : settings;
    this.#log.info({ file: this.#path }, 'web configuration read anew');
  }

  #refuse(why: string): void {
    this.#broken = why;
    this.#log.error(
      { reason: why },
      'the web configuration is broken; the former one stays in force',
    );
  }

  /** For /healthz. */
  check(): { readonly status: 'ok' | 'degraded'; readonly detail: string } {
    if (this.#broken !== undefined) {
      return { status: 'degraded', detail: `the former one stays in force: ${this.#broken}` };
    }
    const problem = certificateProblem(this.#inForce, Date.now());
    if (problem !== undefined) return { status: 'degraded', detail: problem };
    const { tls } = this.#inForce;
    const until = tls === undefined ? '' : `; certificate until ${day(tls.validTo)}`;
    return { status: 'ok', detail: `as the file says${until}` };
  }
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
