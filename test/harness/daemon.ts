// Runs the daemon as a user would. Input: flags. Output: its address, log, scrapes, end.
import path from 'node:path';
import { deferred } from './deferred.ts';
import { Exposition } from './exposition.ts';
import { LineProcess, type End } from './line-process.ts';
import { root } from './programs.ts';

const MAIN = path.join(root, 'dist', 'main.js');
const SOMEWHERE = '--web.listen-address=127.0.0.1:0';

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface DaemonOptions {
  readonly flags?: readonly string[];
  /** A command to run it under, such as unshare --net. */
  readonly under?: readonly string[];
  /** Another daemon than that of the clone: an installed one, one in a container. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class Daemon {
  readonly log: LogLine[] = [];
  readonly #process: LineProcess;
  readonly #listening = deferred<string>();
  #url = '';

  private constructor(options: DaemonOptions) {
    const [command, args] = commandLine(options);
    this.#process = new LineProcess(command, args, {
      env: { ...cleanEnvironment(), ...options.environment },
      onLine: (text) => this.#take(text),
    });
  }

  static launch(options: DaemonOptions = {}): Daemon {
    return new Daemon(options);
  }

  static async start(options: DaemonOptions = {}): Promise<Daemon> {
    const daemon = Daemon.launch(options);
    await daemon.listening();
    return daemon;
  }

  /** Throws with what it said when it ends instead. */
  async listening(): Promise<void> {
    const early = this.ended.then(({ code, signal }) => {
      throw new Error(`the daemon ended with ${code ?? signal}: ${this.stderr}`);
    });
    this.#url = await Promise.race([this.#listening.promise, early]);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get url(): string {
    return this.#url;
  }

  get stderr(): string {
    return this.#process.stderr;
  }

  get ended(): Promise<End> {
    return this.#process.ended;
  }

  get(target: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.#url + target, { headers });
  }

  async scrapeText(headers: Record<string, string> = {}): Promise<string> {
    const response = await this.get('/metrics', headers);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`/metrics answers ${response.status}: ${text}`);
    return text;
  }

  async scrape(headers: Record<string, string> = {}): Promise<Exposition> {
    return new Exposition(await this.scrapeText(headers));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.child.kill(signal);
  }

  /** Ends it as a service manager does; anything but exit code 0 throws. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const { code, signal } = await this.ended;
    if (code !== 0) throw new Error(`the daemon ended with ${code ?? signal}: ${this.stderr}`);
  }

  #take(text: string): void {
    if (!text.startsWith('{')) {
      // --log.format=pretty
      const address = /"(http:[^"]+)"/.exec(text)?.[1];
      if (address !== undefined) this.#listening.resolve(address);
      return;
    }
    const line = JSON.parse(text) as LogLine;
    this.log.push(line);
    if (line.msg === 'listening') this.#listening.resolve((line['addresses'] as string[])[0] ?? '');
  }
}

export interface Run extends End {
  readonly stdout: string;
  readonly stderr: string;
}

/** For starts that must fail: runs the daemon until it ends by itself. */
export async function runToEnd(options: DaemonOptions): Promise<Run> {
  const [command, args] = commandLine(options);
  const lines: string[] = [];
  const process = new LineProcess(command, args, {
    env: { ...cleanEnvironment(), ...options.environment },
    onLine: (line) => lines.push(line),
  });
  const end = await process.ended;
  return { ...end, stdout: lines.join('\n'), stderr: process.stderr };
}

function commandLine(options: DaemonOptions): [string, string[]] {
  const { flags = [], under = [], command: own = [process.execPath, MAIN] } = options;
  const [command = '', ...args] = [...under, ...own, SOMEWHERE, ...flags];
  return [command, args];
}

// A variable of whoever runs the tests (CI may be a service itself) must not steer the daemon.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.filter(([name]) => !/^(PROCEVENTS_|NOTIFY_SOCKET|WATCHDOG_|LISTEN_)/.test(name)),
  );
}
