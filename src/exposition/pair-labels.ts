// Exposition: the pairs of a cut in, their labels as bytes out, by slot. Kept from scrape to scrape while the pairs are the
// same ones.
import type { PairLabel } from '../aggregator/aggregator.ts';
import { labelPair } from './label.ts';
import { pieces, type Pieces } from './text-writer.ts';
import type { Slice } from './slice.ts';

/** Pairs between two looks at the clock: tens of microseconds, cold hundreds. */
const PAIRS_A_LOOK = 64;

export class PairLabels {
  /** Never changed, only replaced: renderings under way go on with theirs when others have made new ones. */
  #newest: { readonly labels: readonly PairLabel[]; readonly texts: Pieces } = {
    labels: [],
    texts: pieces([]),
  };

  /** A slot that was given to another pair has another label object. */
  async of(labels: readonly PairLabel[], slice: Slice): Promise<Pieces> {
    const known = this.#newest;
    if (
      known.labels.length === labels.length &&
      labels.every((label, slot) => label === known.labels[slot])
    ) {
      return known.texts;
    }
    const texts: string[] = [];
    for (const { comm, uid } of labels) {
      if (texts.length % PAIRS_A_LOOK === 0 && slice.over()) await slice.next();
      texts.push(`${labelPair('comm', comm)},${labelPair('uid', uid)}`);
    }
    this.#newest = { labels, texts: pieces(texts) };
    return this.#newest.texts;
  }
}
