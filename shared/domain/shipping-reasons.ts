import type { RankedOption, Reason } from './rank-options.ts';

interface Priced {
  readonly id: string;
  readonly price?: number;
  readonly etaDays?: number;
}

/**
 * Ranked shipping options with what sets them apart: `cheapest` and `fastest`, where the options differ in it and each
 * of them says it.
 */
export function withTradeOff(
  ranked: readonly RankedOption[],
  offered: readonly Priced[],
): readonly RankedOption[] {
  const cheapest = leastIn(offered, ({ price }) => price);
  const fastest = leastIn(offered, ({ etaDays }) => etaDays);
  return ranked.map((option) => {
    const reasons: Reason[] = option.reasons.filter((reason) => reason !== 'store-default');
    if (cheapest.has(option.id)) reasons.push('cheapest');
    if (fastest.has(option.id)) reasons.push('fastest');
    return { ...option, reasons: reasons.length > 0 ? reasons : ['store-default'] };
  });
}

function leastIn(
  offered: readonly Priced[],
  measure: (option: Priced) => number | undefined,
): ReadonlySet<string> {
  const measured = offered.map((option) => ({ id: option.id, by: measure(option) ?? NaN }));
  const least = Math.min(...measured.map(({ by }) => by));
  const first = measured.filter(({ by }) => by === least);
  return new Set(first.length === measured.length ? [] : first.map(({ id }) => id));
}
