import type * as v from 'valibot';
import type { Reason } from '../../shared/domain/rank-options.ts';
import type { StoreConfig } from '../../shared/domain/store-config.ts';
import type { decisionResponseSchema } from '../../shared/protocol/responses.ts';
import { FALLBACK_WORDS, ITEM_REASON_WORDS } from '../decision-words.ts';
import type { DecisionQuestion } from './decide-command.ts';
import { printable } from './entry-text.ts';

type Decision = v.InferOutput<typeof decisionResponseSchema>;
type Slots = Decision['slots'];
type OrderedSlot = NonNullable<Slots['payment']>;
type OrderedOption = OrderedSlot['options'][number];
type ItemSlot = NonNullable<Slots['offers'] | Slots['messages']>;

/**
 * A decision in sentences, for whoever keeps the shop.
 *
 * @param question what was asked: its order is what personal knowledge is compared with
 * @param decision the answer, with `explain`
 * @param now ms since the epoch
 */
export function decisionText(
  subject: string,
  question: DecisionQuestion,
  decision: Decision,
  config: Pick<StoreConfig, 'payment' | 'shipping' | 'offers'>,
  now: number,
): readonly string[] {
  const { payment, shipping, prefill, offers, messages } = decision.slots;
  const place = [question.context.country, question.context.region].filter(Boolean).join(', ');
  return [
    `The checkout of ${subject}${place ? ` in ${place}` : ''}, as of ${question.at ?? 'now'}`,
    ...profileLines(decision, now),
    ...orderedLines('Payment', payment, question.checkout.payment, config.payment.guardrails, place),
    ...orderedLines('Shipping', shipping, question.checkout.shipping, config.shipping.guardrails, place),
    ...(prefill ? ['', 'Prefilled, when the shopper asks for it', ...prefillLines(prefill.fields)] : []),
    ...itemLines('Offers', offers, config.offers.guardrails),
    ...itemLines('Messages', messages, []),
    '',
    `decision ${decision.decisionId}, version ${decision.version}`,
  ].map(printable);
}

const LEVELS = {
  none: 'Nobody is known here, or they did not agree to it',
  device: 'What this device did is known, nothing of a person',
  account: 'The account is known, with the devices that are proven to be its own',
} as const;

function profileLines({ profile, asOf, lagMs, source, degraded }: Decision, now: number): readonly string[] {
  const isUnheard = asOf === null && profile.level !== 'none';
  const lines = [isUnheard ? 'Nothing has been heard of it yet.' : `${LEVELS[profile.level]}.`];
  if (asOf !== null)
    lines.push(
      `Its newest event was taken ${agoText(now - Date.parse(asOf))} ago (${asOf})` +
        (lagMs === null ? '.' : ` and stood in the profile ${Math.round(lagMs)} ms later.`),
    );
  if (profile.journeyStage !== null) lines.push(`Stage of its journey: ${profile.journeyStage}.`);
  if (profile.segments.length > 0) lines.push(`In the segments ${profile.segments.join(', ')}.`);
  if (source === 'partial')
    lines.push('Some of its devices could not be read in time: the answer is partial.');
  if (degraded) lines.push('Something went wrong on the way: this is less than it could be.');
  return lines;
}

const RUNGS = {
  personalized: 'by what this person did',
  regional: 'by what others choose there',
  default: "in the shop's own order: nothing is known that would change it",
} as const;

interface Rule {
  readonly id: string;
  readonly source: string;
}

function orderedLines(
  title: string,
  slot: OrderedSlot | undefined,
  asked: readonly { readonly id: string }[] = [],
  rules: readonly Rule[],
  place: string,
): readonly string[] {
  if (slot === undefined) return [];
  const { options, source, fallbackReason, guardrails } = slot;
  const width = Math.max(0, ...options.map(({ id }) => id.length));
  const by = fallbackReason === null ? RUNGS[source] : `${RUNGS[source]} (${FALLBACK_WORDS[fallbackReason]})`;
  return [
    '',
    `${title}, ${by}`,
    ...(options.length === 0 ? ['  no options were given'] : []),
    ...options.map((option) => {
      const chance =
        option.explain && option.explain.score > 0 ? `  ${percent(option.explain.score)} likely` : '';
      const mark = option.preselected ? '  preselected' : '';
      return `  ${option.rank}. ${option.id.padEnd(width)}  ${reasonsText(option, place)}${chance}${mark}`;
    }),
    ...correctionLines(options, asked, guardrails, rules),
  ];
}

function reasonsText(option: OrderedOption, place: string): string {
  return option.reasons.map((reason) => REASON_TEXTS[reason](option, place)).join(', ');
}

/** Every reason there is, so that a new one does not compile until it can be said. */
const REASON_TEXTS: Readonly<Record<Reason, (option: OrderedOption, place: string) => string>> = {
  'used-most': ({ explain }) => `used most${explain ? ` (${timesText(explain.uses)})` : ''}`,
  'used-last': ({ explain }) => `used last${explain?.lastAt ? ` (${explain.lastAt.slice(0, 10)})` : ''}`,
  'used-before': ({ explain }) =>
    `used before${explain ? ` (${timesText(explain.uses)}, last ${explain.lastAt?.slice(0, 10) ?? ''})` : ''}`,
  'popular-in-region': (option, place) => `popular${shareText(option)} in the region ${place}`,
  'chosen-in-region': (option, place) => `chosen by some${shareText(option)} in the region ${place}`,
  'popular-in-country': (option, place) => `popular${shareText(option)} in the country of ${place}`,
  'chosen-in-country': (option, place) => `chosen by some${shareText(option)} in the country of ${place}`,
  cheapest: () => 'the cheapest',
  fastest: () => 'the fastest',
  'store-default': () => "the shop's own order",
};

function shareText({ explain }: OrderedOption): string {
  return explain ? ` (${percent(explain.share)} of the shoppers)` : '';
}

/** What guardrails did to the order that the scores alone would have given, and which rules hold there. */
function correctionLines(
  options: readonly OrderedOption[],
  asked: readonly { readonly id: string }[],
  guardrails: readonly string[],
  rules: readonly Rule[],
): readonly string[] {
  if (guardrails.length === 0) return [];
  const places = new Map(asked.map(({ id }, place) => [id, place]));
  const scoreOf = ({ explain }: OrderedOption): number => explain?.score ?? 0;
  const byScore = [...options].sort(
    (left, right) =>
      scoreOf(right) - scoreOf(left) || (places.get(left.id) ?? 0) - (places.get(right.id) ?? 0),
  );
  const moved = byScore.flatMap(({ id }, place) => {
    const now = options.findIndex((option) => option.id === id);
    return now === place ? [] : [`${id} from ${place + 1} to ${now + 1}`];
  });
  const [likeliest] = byScore;
  const isUnchosen = likeliest !== undefined && (likeliest.explain?.uses ?? 0) > 0 && !likeliest.preselected;
  const done = [
    ...(moved.length > 0 ? [`moved ${moved.join(', ')}`] : []),
    ...(isUnchosen ? [`did not let ${likeliest.id} be preselected, though it is the likeliest`] : []),
  ];
  return [
    `  Rules that hold here ${done.length > 0 ? `${done.join('; ')}:` : 'had nothing to correct:'}`,
    ...guardrails.map(
      (id) => `    ${id}: ${rules.find((rule) => rule.id === id)?.source ?? 'of the deployed configuration'}`,
    ),
  ];
}

function prefillLines({
  address,
  locale,
  currency,
}: NonNullable<Slots['prefill']>['fields']): readonly string[] {
  const where = address && [address.city, address.region, address.country].filter(Boolean).join(', ');
  return [
    ...(where ? [`  address   ${where}`] : []),
    ...(locale === undefined ? [] : [`  language  ${locale}`]),
    ...(currency === undefined ? [] : [`  currency  ${currency}`]),
  ];
}

function itemLines(title: string, slot: ItemSlot | undefined, rules: readonly Rule[]): readonly string[] {
  if (slot === undefined) return [];
  const { items, explain = [], guardrails, fallbackReason } = slot;
  return [
    '',
    `${title}${fallbackReason === null ? '' : ` (${FALLBACK_WORDS[fallbackReason]})`}`,
    ...(items.length === 0 ? ['  none'] : []),
    ...items.map((item) => {
      const why = item.reasons.map((reason) => ITEM_REASON_WORDS[reason]).join(', ');
      return `  ${item.id}: “${'title' in item ? item.title : item.text}”${valueText(item)}  because ${why}`;
    }),
    ...explain
      .filter(({ applies }) => !applies)
      .map(
        ({ id, conditions }) =>
          `  not ${id}, which asks: ${conditions
            .filter(({ holds }) => !holds)
            .map(({ asks }) => asks)
            .join('; ')}`,
      ),
    ...guardrails.map(
      (id) => `    ${id}: ${rules.find((rule) => rule.id === id)?.source ?? 'of the deployed configuration'}`,
    ),
  ];
}

function valueText(item: ItemSlot['items'][number]): string {
  if (!('title' in item))
    return item.cart ? `, ${item.cart.lines.length} lines of ${item.cart.updatedAt.slice(0, 10)}` : '';
  const { missing, endsAt } = item;
  return (
    (missing ? `, ${missing.amount} ${missing.currency} (minor units) are missing` : '') +
    (endsAt === null ? '' : `, until ${endsAt}`)
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function timesText(uses: number): string {
  return uses === 1 ? 'once' : `${uses} times`;
}

function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
