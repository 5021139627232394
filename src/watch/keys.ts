// Watch: the keyboard of the live table. Bytes of a terminal in raw mode in; what the person wants out.
import { SORT_COLUMNS, type SortColumn } from './top-table.ts';

export type Wish =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'sort'; readonly column: SortColumn };

const CTRL_C = '\u0003';
const CTRL_BACKSLASH = '\u001c';
const CTRL_L = '\u000c';
const CTRL_Z = '\u001a';
/** Cursor keys and the like come as one escape sequence, of which no byte is a key of its own. */
// oxlint-disable-next-line no-control-regex -- that is what they are
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/gs;

/** One that has only begun: the rest comes with the next read. */
// oxlint-disable-next-line no-control-regex -- that is what they are
const BEGUN = /\u001b(?:\[[0-?]*[ -/]*|O)?$/;
/** A terminal sends the rest at once; what comes later than over any line is another key after a lone Escape. */
const REST_MS = 100;
/** No terminal's sequence is longer. */
const BEGUN_MAX = 32;

export class Keys {
  #begun = '';
  #at = 0;

  /** In the order typed; what means nothing is left out. `now`: ms. */
  wishes(typed: string, now: number): Wish[] {
    const text = now - this.#at > REST_MS ? typed : this.#begun + typed;
    const [begun = ''] = BEGUN.exec(text) ?? [];
    this.#begun = begun.length > BEGUN_MAX ? '' : begun;
    this.#at = now;
    const keys = text.slice(0, text.length - begun.length).replaceAll(SEQUENCE, '');
    return Array.from(keys).flatMap((key) => wish(key) ?? []);
  }
}

function wish(key: string): Wish | undefined {
  if (key === 'q' || key === 'Q' || key === CTRL_C || key === CTRL_BACKSLASH) {
    return { kind: 'quit' };
  }
  if (key === CTRL_Z) return { kind: 'suspend' };
  if (key === CTRL_L) return { kind: 'redraw' };
  if (key === 'r') return { kind: 'reverse' };
  const column = SORT_COLUMNS.find((one) => one.key === key);
  return column === undefined ? undefined : { kind: 'sort', column: column.name };
}
