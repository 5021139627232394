// Configuration: for a name that does not exist, the known name that was most likely meant.

// No name of ours is longer than 40 characters; what is longer than this is no typing error, and must cost nothing.
const LONGEST = 64;

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      ) {
        best = Math.min(best, (before[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    before = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The first of the nearest. `known` is not empty. */
export function nearest<T extends string>(word: string, known: readonly [T, ...T[]]): T {
  const typed = word.slice(0, LONGEST).toLowerCase();
  let best = known[0];
  let least = Infinity;
  for (const name of known) {
    const edits = distance(typed, name);
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}
