// Aggregator: --comm.fold. A comm in; the comm that it is counted as out, remembered, as a regular expression costs a
// hundred times what a look does.
import { RE2JS } from 're2js';
import { commText, isUnknownComm } from './comm-text.ts';

export interface FoldRule {
  /** RE2; matches the comm's text as in the label, as a whole. */
  readonly regexp: string;
  /** 1 to 15 bytes. */
  readonly name: string;
}

/** Comms remembered, a power of two: ten times what busy hosts have. Two that share a place only push each other out. */
const PLACES = 8192;
const KEY_WORDS = 4;
/** Of a place: never asked, and no fold; above, the index of the fold. */
const EMPTY = 0;
const NONE = 1;
const FIRST = 2;

export class Folds {
  /** Four words for each fold: what it is counted as. */
  readonly names: Uint32Array;
  readonly #expressions: readonly RE2JS[];
  readonly #keys = new Uint32Array(PLACES * KEY_WORDS);
  readonly #answers = new Uint32Array(PLACES);

  constructor(rules: readonly FoldRule[]) {
    this.#expressions = rules.map(({ regexp }) => RE2JS.compile(regexp));
    this.names = new Uint32Array(rules.length * KEY_WORDS);
    for (const [rule, { name }] of rules.entries()) {
      for (const [i, byte] of Buffer.from(name).entries()) {
        const word = rule * KEY_WORDS + (i >> 2);
        this.names[word] = this.names[word]! | (byte << ((i & 3) * 8));
      }
    }
  }

  /** Where in `names` the comm at words[at .. at + 4) is found counted, or -1: as itself. */
  find(words: Uint32Array, at: number): number {
    if (this.#expressions.length === 0) return -1;
    const w0 = words[at]!;
    const w1 = words[at + 1]!;
    const w2 = words[at + 2]!;
    const w3 = words[at + 3]!;
    const mixed =
      Math.imul(w0, 0x9e3779b1) ^
      Math.imul(w1, 0x85ebca77) ^
      Math.imul(w2, 0xc2b2ae3d) ^
      Math.imul(w3, 0x27d4eb2f);
    const place = (mixed ^ (mixed >>> 15)) & (PLACES - 1);
    const key = place * KEY_WORDS;
    const keys = this.#keys;
    let answer = this.#answers[place]!;
    if (
      answer === EMPTY ||
      keys[key] !== w0 ||
      keys[key + 1] !== w1 ||
      keys[key + 2] !== w2 ||
      keys[key + 3] !== w3
    ) {
      for (let i = 0; i < KEY_WORDS; i++) keys[key + i] = words[at + i]!;
      answer = this.#answers[place] = this.#match(words, at);
    }
    return answer < FIRST ? -1 : (answer - FIRST) * KEY_WORDS;
  }

  #match(words: Uint32Array, at: number): number {
    // What is unknown has no name that could match.
    if (isUnknownComm(words, at)) return NONE;
    const text = commText(words, at);
    const rule = this.#expressions.findIndex((expression) => expression.matches(text));
    return rule < 0 ? NONE : FIRST + rule;
  }
}
