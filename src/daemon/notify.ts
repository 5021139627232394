// Daemon: what the service manager is told. Start, reload, end and figures in; sd_notify messages out, to NOTIFY_SOCKET.
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { native } from '../collector/native.ts';
import { rarely, type Logger } from './log.ts';

/** The queue of a service manager that is busy is full for moments: a state is told again so soon, ... */
const RETRY_MS = 100;
/** ...and so often. A socket that nobody reads for longer is tried with each later message only. */
const RETRIES = 50;
/** The longest that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Notifier {
  readonly #address: string | undefined;
  readonly #errors: ReturnType<typeof rarely>;
  readonly #watchdogMs: number | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #status = '';
  #retry: NodeJS.Timeout | undefined;
  /** A state that has not arrived. */
  #untold: string | undefined;
  /** Said once, until a message arrives again. */
  #failed = false;

  constructor(o: { readonly environment: NodeJS.ProcessEnv; readonly log: Logger }) {
    const address = o.environment['NOTIFY_SOCKET'];
    this.#address = address === '' ? undefined : address;
    this.#errors = rarely(o.log);
    this.#watchdogMs = this.#address === undefined ? undefined : watchdogOf(o);
  }

  /** It serves. From now on `alive` is asked in time for the watchdog, which is fed only while the answer is true. */
  ready(status: string, alive: () => boolean): void {
    this.#status = status;
    this.#tellState(`READY=1\nSTATUS=${status}`);
    if (this.#watchdogMs === undefined) return;
    // That this timer fires proves the event loop.
    this.#watchdog = setInterval(() => {
      if (alive() && this.#deliver()) this.#send('WATCHDOG=1');
    }, this.#watchdogMs).unref();
  }

  /** To be called as often as the status may be shown; told when it has changed. */
  status(text: () => string): void {
    if (this.#address === undefined || !this.#deliver()) return;
    const status = text();
    if (status !== this.#status && this.#send(`STATUS=${status}`)) this.#status = status;
  }

  /** The configuration is read again: the service manager waits for reloaded(). */
  reloading(): void {
    // systemd takes it only with the time, by which it tells this reload from the one before.
    this.#tellState(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  reloaded(): void {
    this.#tellState('READY=1');
  }

  stopping(): void {
    clearInterval(this.#watchdog);
    this.#tellState('STOPPING=1');
  }

  /** A state must arrive: without READY=1 the service manager ends us. Only the newest counts. */
  #tellState(message: string): void {
    if (this.#address === undefined) return;
    this.#untold = message;
    this.#retryDelivery(RETRIES);
  }

  #retryDelivery(retries: number): void {
    clearTimeout(this.#retry);
    if (this.#deliver()) return;
    if (retries > 0) {
      this.#retry = setTimeout(() => this.#retryDelivery(retries - 1), RETRY_MS).unref();
    } else {
      this.#complain(constants.errno.EAGAIN);
    }
  }

  /** Whether no state waits any more. */
  #deliver(): boolean {
    if (this.#untold !== undefined && this.#send(this.#untold)) this.#untold = undefined;
    return this.#untold === undefined;
  }

  #send(message: string): boolean {
    const errno = native().notify(this.#address ?? '', message);
    if (errno === 0) this.#failed = false;
    // A full queue is no news before it has stayed so.
    else if (errno !== constants.errno.EAGAIN) this.#complain(errno);
    return errno === 0;
  }

  /** Whoever set the variable may be gone, or never was there. It serves all the same. */
  #complain(errno: number): void {
    if (this.#failed) return;
    this.#failed = true;
    const fields = { NOTIFY_SOCKET: this.#address?.slice(0, 120), why: getSystemErrorName(-errno) };
    this.#errors.error(fields, 'NOTIFY_SOCKET takes no message: the service manager is not told');
  }
}

/** Between two signs of life, in ms; undefined: none are wanted. */
function watchdogOf(o: {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Logger;
}): number | undefined {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = o.environment;
  if (usec === undefined || usec === '') return undefined;
  // Meant for the process that started us, or for one that it started before.
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  const time = /^\d{1,20}$/.test(usec) ? Number(usec) : 0;
  if (time === 0) {
    o.log.warn(
      { WATCHDOG_USEC: usec.slice(0, 40) },
      'WATCHDOG_USEC is no time: no watchdog is fed',
    );
    return undefined;
  }
  // Twice as often as demanded, as sd_watchdog_enabled(3) advises.
  return Math.min(Math.max(1, Math.floor(time / 2000)), LONGEST_TIMER_MS);
}
