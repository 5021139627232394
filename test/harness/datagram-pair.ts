// A source of datagrams in place of the kernel's. Input: bytes. Output: the descriptor that a collector drains.
import { createRequire } from 'node:module';
import { program } from './programs.ts';

interface Addon {
  pair(type: number): [number, number];
  /** Waits while the queue is full: the collector empties it on its own thread. */
  send(fd: number, bytes: Uint8Array): void;
  close(fd: number): void;
}

const SOCK = { stream: 1, dgram: 2, seqpacket: 5 } as const;

export class DatagramPair {
  /** Whoever takes it closes it. */
  readonly source: number;
  readonly #addon: Addon;
  readonly #end: number;

  constructor(type: keyof typeof SOCK = 'dgram') {
    this.#addon = createRequire(import.meta.url)(program('datagrams.node')) as Addon;
    [this.#end, this.source] = this.#addon.pair(SOCK[type]);
  }

  send(bytes: Uint8Array): void {
    this.#addon.send(this.#end, bytes);
  }

  [Symbol.dispose](): void {
    this.#addon.close(this.#end);
  }
}
