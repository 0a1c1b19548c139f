/** `median (least to most)` */
export function spreadText(values: readonly number[], text: (value: number) => string): string {
  const sorted = [...values].sort((left, right) => left - right);
  return `${text(medianOf(sorted))} (${text(sorted[0]!)} to ${text(sorted.at(-1)!)})`;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Whether a median ratio keeps to its aim, said either way. */
export function textOfAim(ratios: readonly number[], most: number): string {
  const isMet = medianOf(ratios) <= most;
  return `at most ${most}: ${isMet ? 'met' : '**missed**'}`;
}
