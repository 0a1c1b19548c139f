import fc from 'fast-check';
import { addChoices, cellOf, type RegionCell } from '../../shared/domain/region-cell.ts';
import { countsOf, sharesAround } from '../../shared/domain/region-counts.ts';
import type { RegionalChoice } from '../../shared/domain/regional-choices.ts';
import { monthOf } from '../../shared/domain/time.ts';
import { store } from '../../store.config.ts';

const NOW = Date.UTC(2026, 6, 15);
const MONTH = monthOf(NOW);

const choice = fc.record({
  place: fc.constant('BR#SP' as const),
  month: fc.integer({ min: MONTH - 3, max: MONTH }),
  slot: fc.constantFrom('payment' as const, 'shipping' as const),
  option: fc.constantFrom('boleto', 'pix', '__proto__', 'constructor'),
  subject: fc.nat({ max: 60 }).map((index) => `subject-${index}`),
});
const choices = fc.array(choice, { maxLength: 120 });

function byPart(portion: readonly RegionalChoice[]): ReadonlyMap<string, readonly RegionalChoice[]> {
  const parts = new Map<string, RegionalChoice[]>();
  for (const one of portion) {
    const { part } = cellOf(one);
    const own = parts.get(part) ?? [];
    own.push(one);
    parts.set(part, own);
  }
  return parts;
}

/** Adds portions to cells, each with one write as the function does. */
function counted(portions: readonly (readonly RegionalChoice[])[]): readonly RegionCell[] {
  const cells = new Map<string, RegionCell>();
  for (const portion of portions) {
    for (const [part, own] of byPart(portion)) {
      const ref = { place: 'BR#SP', part } as const;
      const next = addChoices(cells.get(part), ref, own, NOW);
      if (next) cells.set(part, next);
    }
  }
  return [...cells.values()];
}

test('a place is counted as a list of who chose what would count it, whatever is delivered again', () => {
  fc.assert(
    fc.property(choices, fc.nat(), (said, cut) => {
      const at = said.length === 0 ? 0 : cut % said.length;
      const counts = countsOf(counted([said.slice(at), said.slice(0, at), said]));

      for (const slot of ['payment', 'shipping'] as const) {
        const own = said.filter((one) => one.slot === slot);
        const expected = new Map<string, Map<number, Set<string>>>();
        for (const { option, month, subject } of own) {
          const months = expected.get(option) ?? new Map<number, Set<string>>();
          months.set(month, (months.get(month) ?? new Set()).add(subject));
          expected.set(option, months);
        }
        const sizes = [...expected].map(
          ([option, months]) =>
            [option, new Map([...months].map(([month, who]) => [month, who.size]))] as const,
        );
        expect(counts[slot].byOption).toEqual(new Map(sizes));
        expect(counts[slot].population).toBe(new Set(own.map(({ subject }) => subject)).size);
      }
    }),
  );
});

test('shares sum up to one or are silent, and are silent below the minimum population', () => {
  const config = { ...store.regions, minimumPopulation: 5 };
  fc.assert(
    fc.property(choices, choices, fc.subarray(['boleto', 'pix', 'card']), (near, around, offered) => {
      const surroundings = { region: countsOf(counted([near])), country: countsOf(counted([around])) };
      const shares = sharesAround(surroundings, 'payment', offered, NOW, config);

      const speaks = (level: 'region' | 'country') => {
        const { population, byOption } = surroundings[level].payment;
        return population >= config.minimumPopulation && offered.some((option) => byOption.has(option));
      };
      expect(shares?.level).toBe(speaks('region') ? 'region' : speaks('country') ? 'country' : undefined);
      if (shares === undefined) return;
      expect([...shares.byOption.keys()]).toEqual(offered);
      expect([...shares.byOption.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }),
  );
});

test('subjects spread evenly over the cells of a month', () => {
  const parts = Array.from({ length: 4_000 }, (_, index) =>
    cellOf({ place: 'BR#SP', month: MONTH, slot: 'payment', option: 'pix', subject: `subject-${index}` }),
  ).map(({ part }) => part);
  const sizes = [...new Set(parts)].map((part) => parts.filter((one) => one === part).length);
  expect(sizes).toHaveLength(4);
  for (const size of sizes) expect(Math.abs(size - 1_000)).toBeLessThan(120);
});

test('a place of 50,000 shoppers is counted within a few percent, in items of a few hundred bytes an option', () => {
  const said = Array.from({ length: 50_000 }, (_, index): RegionalChoice => ({
    place: 'BR#SP',
    month: MONTH,
    slot: 'payment',
    option: index % 4 === 0 ? 'pix' : 'boleto',
    subject: `subject-${index}`,
  }));
  const cells = counted([said]);
  const { byOption, population } = countsOf(cells).payment;

  expect(Math.abs(population / 50_000 - 1)).toBeLessThan(0.2);
  expect(Math.abs((byOption.get('pix')?.get(MONTH) ?? 0) / 12_500 - 1)).toBeLessThan(0.2);
  for (const { state } of cells) expect(state.length).toBeLessThan(2 * 360);
});

test('names from the public are bounded a cell, and those known go on being counted', () => {
  const junk = Array.from({ length: 500 }, (_, index): RegionalChoice => ({
    place: 'BR#SP',
    month: MONTH,
    slot: 'payment',
    option: `junk-${index}`,
    subject: 'one',
  }));
  const [full] = counted([junk]);
  const known = { ...junk[0], option: 'junk-0', subject: 'another' } as RegionalChoice;
  const cells = counted([junk, [known]]);

  expect(JSON.parse(full?.state ?? '')).toMatchObject({ payment: { length: 48 } });
  expect(countsOf(cells).payment.byOption.get('junk-0')?.get(MONTH)).toBe(2);
});
