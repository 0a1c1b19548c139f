import type { DecisionInput, Rung } from '../decide.ts';
import { askedCart } from './asked-cart.ts';
import { explainAudience, type Audience, type ExplainedCondition, type Moment } from './audience.ts';
import type { KnownPerson } from './known-person.ts';

/** Of each thing that the shop has for some: what it asks. */
export interface ExplainedItem {
  readonly id: string;
  readonly applies: boolean;
  readonly conditions: readonly ExplainedCondition[];
}

/** Something the shop has for those whom it is meant for: an offer, a message. */
interface ForSome {
  readonly id: string;
  readonly audience: Audience;
}

/** What a kind of them makes of one at a checkout. */
export interface AudienceRules<Of extends ForSome, Item> {
  /** Undefined: it is for somebody, or something, else. */
  show(of: Of, moment: Moment): Item | undefined;
  /** Whether its being shown comes of the profile. */
  isPersonal(of: Of): boolean;
  /** What it asks beside its audience. */
  explain(of: Of, moment: Moment): readonly ExplainedCondition[];
}

export interface ShownItems<Item> {
  readonly source: Extract<Rung, 'personalized' | 'default'>;
  readonly items: readonly Item[];
  /** With `explain` only. */
  readonly explain?: readonly ExplainedItem[];
}

/** Of what the shop has, what is for this person and cart, in the shop's order. */
export function showToAudience<Of extends ForSome, Item>(
  all: readonly Of[],
  input: DecisionInput,
  person: KnownPerson | undefined,
  rules: AudienceRules<Of, Item>,
): ShownItems<Item> {
  const moment = momentOf(input, person);
  const shown = all.flatMap((of) => {
    const item = rules.show(of, moment);
    return item === undefined ? [] : [{ of, item }];
  });
  return {
    source: shown.some(({ of }) => rules.isPersonal(of)) ? 'personalized' : 'default',
    items: shown.map(({ item }) => item),
    ...(input.explain && {
      explain: all.map((of) => ({
        id: of.id,
        applies: shown.some((one) => one.of === of),
        conditions: [...explainAudience(of.audience, moment), ...rules.explain(of, moment)],
      })),
    }),
  };
}

function momentOf(input: DecisionInput, person: KnownPerson | undefined): Moment {
  const { now, currency, lines } = input;
  return { now, currency, cart: askedCart(lines), person };
}
