/** The known word that `word` was probably meant to be; `null` when none is closer than half of its letters. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let leastEdits = Infinity;
  for (const candidate of known) {
    const lower = word.slice(0, 40).toLowerCase();
    const target = candidate.toLowerCase();
    const abbreviates = lower.length > 1 && (target.startsWith(lower) || lower.startsWith(target));
    // Of several that it begins, the one with the fewest letters more or less.
    const edits = abbreviates ? Math.abs(target.length - lower.length) / 1_000 : editDistance(lower, target);
    if (edits < leastEdits && edits <= candidate.length / 2) {
      nearest = candidate;
      leastEdits = edits;
    }
  }
  return nearest;
}

/** Levenshtein's: single letters inserted, removed or replaced. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
