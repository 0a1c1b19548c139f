import fc from 'fast-check';
import { habitLikelihood } from '../../shared/domain/habit-evidence.ts';
import { rankOptions } from '../../shared/domain/rank-options.ts';
import type { RegionalShares } from '../../shared/domain/region-counts.ts';

const choices = (uses: readonly number[], shares: readonly number[]) =>
  uses.map((count, index) => ({ uses: count, share: shares[index] ?? 0 }));

describe('whether somebody has habits', () => {
  test('one choice, whatever it is, tells nothing', () => {
    expect(habitLikelihood(choices([1, 0], [0.2, 0.8]), 0.7, 1)).toBeCloseTo(0.7);
    expect(habitLikelihood(choices([0, 1], [0.2, 0.8]), 0.7, 1)).toBeCloseTo(0.7);
    expect(habitLikelihood(choices([0, 0], [0.2, 0.8]), 0.7, 1)).toBeCloseTo(0.7);
  });

  test('a rare choice made again and again tells much, a common one little', () => {
    // The urn: 0.2·1.2·2.2 / (1·2·3) against 0.2³ = 11; odds of evens become 11 : 1.
    expect(habitLikelihood(choices([3, 0], [0.2, 0.8]), 0.5, 1)).toBeCloseTo(11 / 12);
    expect(habitLikelihood(choices([0, 3], [0.2, 0.8]), 0.5, 1)).toBeLessThan(0.6);
  });

  test('choices that differ as the region differs speak against it', () => {
    expect(habitLikelihood(choices([4, 4], [0.5, 0.5]), 0.5, 0.25)).toBeLessThan(0.1);
  });

  test('whoever is sure beforehand stays sure', () => {
    expect(habitLikelihood(choices([4, 4], [0.5, 0.5]), 1, 0.25)).toBe(1);
  });

  test('is a share for any choices, and the order of choices does not matter', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ uses: fc.nat({ max: 64 }), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
          {
            maxLength: 8,
          },
        ),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.05, max: 64, noNaN: true }),
        (all, assumed, weight) => {
          const likelihood = habitLikelihood(all, assumed, weight);
          expect(likelihood).toBeGreaterThanOrEqual(0);
          expect(likelihood).toBeLessThanOrEqual(1);
          expect(habitLikelihood([...all].reverse(), assumed, weight)).toBeCloseTo(likelihood, 6);
        },
      ),
    );
  });
});

describe('an order between one’s own habits and the region', () => {
  const NOW = Date.UTC(2026, 6, 15);
  const WEIGHTS = { halfLifeMonths: 6, regionWeight: 0.5, habitPrior: 0.7 };
  const regional: RegionalShares = {
    level: 'region',
    byOption: new Map([
      ['card', 0.75],
      ['invoice', 0.25],
    ]),
  };
  const order = (...methods: readonly string[]) =>
    rankOptions(
      ['card', 'invoice'],
      { uses: methods.map((method, index) => ({ method, id: `${index}`, at: NOW + index })), regional },
      NOW,
      WEIGHTS,
    ).map(({ id }) => id);

  test('follows the first own choice, where most people repeat themselves', () => {
    expect(order('invoice')).toEqual(['invoice', 'card']);
  });

  test('goes back to the region for somebody who chooses as everybody does', () => {
    expect(order('invoice', 'card', 'card', 'invoice', 'card', 'card', 'invoice')).toEqual([
      'card',
      'invoice',
    ]);
  });

  test('scores add up to one, so that they can be read as probabilities', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('card', 'invoice'), { maxLength: 64 }), (methods) => {
        const ranked = rankOptions(
          ['card', 'invoice'],
          { uses: methods.map((method, index) => ({ method, id: `${index}`, at: NOW })), regional },
          NOW,
          WEIGHTS,
        );
        expect(ranked.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1);
      }),
    );
  });
});
