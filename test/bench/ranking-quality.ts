/**
 * Whether the answers are worth having: how well shop order, regional and personalized order put what a shopper chose
 * a moment later.
 *
 *   CARTWRIGHT_DATA=FOLDER npm run bench -- ranking-quality
 *
 * Writes its section of docs/benchmarks.md. Without the real data there is nothing to say.
 */
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { store } from '../../store.config.ts';
import { provenance, writeSection } from './benchmark-page.ts';
import { realEvents } from './real-events.ts';
import { checkoutMoments, type CheckoutMoment } from './ranking/checkout-moments.ts';
import { learnWeights, type Learned } from './ranking/learn-weights.ts';
import { pairedBootstrap, type Interval } from './ranking/paired-bootstrap.ts';
import { mean, scoreDecision, scoreOptimum, type Arm, type Score } from './ranking/score-ranking.ts';
import { shopCheckouts, type CheckoutEvents } from './ranking/shop-checkouts.ts';
import { syntheticShoppers, type Preferences } from './ranking/synthetic-shoppers.ts';

const VALIDATION_FROM = Date.parse('2018-02-01T00:00:00Z');
const SPLIT = Date.parse('2018-05-01T00:00:00Z');
/** The order of a shop that knows its numbers: by how often each method paid before the split. */
const OPTIONS = [
  { id: 'credit_card', kind: 'card' },
  { id: 'boleto', kind: 'voucher' },
  { id: 'voucher', kind: 'voucher' },
  { id: 'debit_card', kind: 'debit' },
] as const;
const METHODS = OPTIONS.map(({ id }) => id);
const SEED = 20_180_501;
const CONFIG = decisionConfigOf(store);
const FAITHFULNESS = [0.6, 0.75, 0.9];

async function study(lines: readonly string[]): Promise<void> {
  const checkouts = shopCheckouts(lines, METHODS);
  const moments = await all(checkoutMoments(checkouts));
  const learned = learnWeights(
    moments.filter(({ at }) => at >= VALIDATION_FROM && at < SPLIT),
    OPTIONS,
    CONFIG,
  );
  const shares = sharesOf(checkouts.filter(({ at }) => at < SPLIT));
  const worlds = [
    await syntheticTable('habits', checkouts, shares, FAITHFULNESS),
    await syntheticTable('no habits', checkouts, shares, [0]),
  ];
  await writeSection(
    'ranking-quality',
    [
      '## Ranking quality',
      `\`CARTWRIGHT_DATA=… npm run bench -- ranking-quality\`. ${provenance(new Date())} Seed ${SEED}.`,
      'Olist, 29 thousand checkouts in Brazil. Each checkout’s payment method is predicted just before it is told, by ' +
        '`decide` itself, from what the collector, the fold and the region counts made of all events before it; then it is ' +
        'folded. The checkout knows its user (who has just been identified on a new device) and its state. A checkout paid ' +
        'with several methods counts by the best-placed one. A second checkout within a minute is the other half of a purchase ' +
        'that the shop has split, and not counted again. Regions may be a day old. All four methods are on offer, in the ' +
        'order of how often they paid before the split: the best order that a shop can keep by hand, and the first row. ' +
        'MRR is the mean of 1 / rank; intervals are 95 %, from 2,000 bootstrap samples of whole shoppers.',
      ...constantsPart(learned),
      ...realPart(moments.filter(({ at }) => at >= SPLIT)),
      ...syntheticPart(worlds),
    ].join('\n\n'),
  );
}

function constantsPart({ returning, chosen, best, fits }: Learned): readonly string[] {
  const shipped =
    store.payment.halfLifeMonths === chosen.weights.halfLifeMonths &&
    store.payment.habitPrior === chosen.weights.habitPrior &&
    store.regions.weight === chosen.weights.regionWeight &&
    store.regions.halfLifeMonths === chosen.weights.regionHalfLifeMonths;
  const priors = [...new Set(fits.map(({ weights }) => weights.habitPrior))];
  return [
    `**Constants.** Chosen on February to April 2018 (${returning} checkouts of shoppers with earlier ones) by least ` +
      'surprise (−ln of the probability given to what was chosen), of those within one standard error of the best the ones ' +
      'that assume the fewest habits and still put one own choice above what a whole region chooses: `payment.halfLifeMonths` ' +
      `${chosen.weights.halfLifeMonths}, \`payment.habitPrior\` ${chosen.weights.habitPrior}, \`regions.weight\` ` +
      `${chosen.weights.regionWeight}, \`regions.halfLifeMonths\` ${chosen.weights.regionHalfLifeMonths}: surprise ` +
      `${fixed(chosen.surprise)}, top-1 ${percent(chosen.top1)}; the best had ${fixed(best.surprise)} ± ` +
      `${fixed(best.error)}, top-1 ${percent(best.top1)}. ` +
      (shipped
        ? 'They are the ones in `store.config.ts`, and all below is with them.'
        : '**`store.config.ts` has others**, and all below is with those.'),
    [
      `| assumed share with habits | ${priors.join(' | ')} |`,
      `|---|${priors.map(() => '---:').join('|')}|`,
      `| least surprise | ${priors
        .map((prior) =>
          fixed(
            Math.min(
              ...fits.filter(({ weights }) => weights.habitPrior === prior).map(({ surprise }) => surprise),
            ),
          ),
        )
        .join(' | ')} |`,
    ].join('\n'),
  ];
}

function realPart(moments: readonly CheckoutMoment[]): readonly string[] {
  const slices = [
    ['all', moments],
    ['returning: an earlier checkout', moments.filter(({ earlier }) => earlier > 0)],
    [
      'returning, who had not paid by credit card last',
      moments.filter(({ profile }) => {
        const last = profile?.checkout.payment.at(-1)?.method;
        return last !== undefined && last !== 'credit_card';
      }),
    ],
  ] as const;
  return [
    '**Real shoppers**, checkouts from May 2018 on.',
    [
      '| checkouts | n | arm | top-1 | MRR | difference of MRR to the row above |',
      '|---|---:|---|---:|---:|---:|',
      ...slices.flatMap(([name, slice]) => {
        const [shop, regional, personalized] = (['shop order', 'regional', 'personalized'] as const).map(
          (arm) => scoresOf(slice, arm),
        );
        return [
          row(name, slice, 'shop order', shop!),
          row('', slice, 'regional', regional!, shop),
          row('', slice, 'personalized', personalized!, regional),
        ];
      }),
    ].join('\n'),
    'What it proves: of the few who come back, personalized puts the right method first clearly more often than shop or region ' +
      'do, and the whole gain is theirs. What it does not: that regions help here (one method leads in nearly every state, so ' +
      'region and shop agree), or how much there is to gain in a shop with more regulars: one checkout in seventy is a ' +
      'returning shopper’s.',
  ];
}

interface SyntheticTable {
  readonly world: string;
  readonly slices: readonly {
    readonly earlier: string;
    readonly moments: readonly CheckoutMoment[];
    readonly optimum: readonly Score[];
  }[];
}

const EARLIER = [
  ['0', 0, 0],
  ['1', 1, 1],
  ['2', 2, 2],
  ['3–4', 3, 4],
  ['5–7', 5, 7],
  ['8 and more', 8, Infinity],
] as const;

/** The made-up world's table is of the checkouts after the split, as the real one's is. */
async function syntheticTable(
  world: string,
  checkouts: readonly CheckoutEvents[],
  shares: Preferences,
  faithfulness: readonly number[],
): Promise<SyntheticTable> {
  const history = syntheticShoppers(checkouts, shares, { faithfulness, seed: SEED });
  const moments = (await all(checkoutMoments(history.checkouts))).filter(({ at }) => at >= SPLIT);
  return {
    world,
    slices: EARLIER.map(([earlier, least, most]) => {
      const slice = moments.filter((moment) => moment.earlier >= least && moment.earlier <= most);
      const optimum = slice.map(({ shopper, chosen }) =>
        scoreOptimum(history.preferences.get(shopper) ?? shares, chosen),
      );
      return { earlier, moments: slice, optimum };
    }),
  };
}

function syntheticPart(worlds: readonly SyntheticTable[]): readonly string[] {
  return [
    '**Made-up shoppers** on the same checkouts, times and places: two to sixteen purchases each, preferences known because they ' +
      `were drawn. With habits, each has a favourite, drawn as the country chooses, and takes it ${FAITHFULNESS.map((one) => `${one * 100} %`).join(', ')} ` +
      'of the time, else chooses as the country does; without, all choose as the country does every time. The optimum ' +
      'knows the preferences. Checkouts from May 2018 on; the constants know nothing of these worlds.',
    [
      '| world | earlier purchases | n | top-1: regional | personalized | optimum | MRR: personalized − regional |',
      '|---|---:|---:|---:|---:|---:|---:|',
      ...worlds.flatMap(({ world, slices }) =>
        slices.map(({ earlier, moments, optimum }) => {
          const regional = scoresOf(moments, 'regional');
          const personalized = scoresOf(moments, 'personalized');
          const top1 = (scores: readonly Score[]): string => percent(mean(scores.map((one) => one.top1)));
          return (
            `| ${world} | ${earlier} | ${moments.length.toLocaleString('en-US')} | ${top1(regional)} | ` +
            `${top1(personalized)} | ${top1(optimum)} | ${difference(moments, personalized, regional)} |`
          );
        }),
      ),
    ].join('\n'),
    'What it proves: personalized comes close to the optimum within a few purchases, and a shopper who turns out to have no habits ' +
      'is soon treated as the region is. What it costs: after one or two purchases nobody can tell a habit from chance, and the ' +
      'constants, learned from real shoppers of whom most repeat themselves, believe in habits: in a world entirely without ' +
      'them the first few returns lose what the table says. A shop whose shoppers have none sets `habitPrior` lower: then one own choice no longer leads.',
  ];
}

function row(
  name: string,
  moments: readonly CheckoutMoment[],
  arm: Arm,
  scores: readonly Score[],
  above?: readonly Score[],
): string {
  const top1 = percent(mean(scores.map((one) => one.top1)));
  const mrr = fixed(mean(scores.map(({ reciprocalRank }) => reciprocalRank)), 4);
  const n = name === '' ? '' : moments.length.toLocaleString('en-US');
  return `| ${name} | ${n} | ${arm} | ${top1} | ${mrr} | ${above ? difference(moments, scores, above) : ''} |`;
}

function difference(
  moments: readonly CheckoutMoment[],
  scores: readonly Score[],
  others: readonly Score[],
): string {
  const {
    mean: middle,
    low,
    high,
  }: Interval = pairedBootstrap(
    moments.map(({ shopper }, index) => ({
      cluster: shopper,
      difference: scores[index]!.reciprocalRank - others[index]!.reciprocalRank,
    })),
    SEED,
  );
  return `${signed(middle)} [${signed(low)}, ${signed(high)}]`;
}

function scoresOf(moments: readonly CheckoutMoment[], arm: Arm): readonly Score[] {
  return moments.map((moment) => scoreDecision(moment, arm, OPTIONS, CONFIG));
}

/** How a shop's checkouts divide among the methods. */
function sharesOf(checkouts: readonly CheckoutEvents[]): Preferences {
  const shares = new Map<string, number>(METHODS.map((method) => [method, 0]));
  for (const { chosen } of checkouts) {
    for (const method of chosen)
      shares.set(method, (shares.get(method) ?? 0) + 1 / chosen.size / checkouts.length);
  }
  return shares;
}

async function all<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

function fixed(value: number, digits = 3): string {
  return value.toFixed(digits);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

const olist = realEvents().find(({ name }) => name === 'Olist');
if (olist) await study(olist.lines);
