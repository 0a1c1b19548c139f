import { decodeCheckout } from './checkout-facet.ts';
import type { Completion } from './completions.ts';
import type { StoredItem } from './item.ts';
import { canonicalText, type Json } from './json.ts';
import { ownerOf } from './links.ts';
import type { MethodUses } from './method-uses.ts';
import { compareDated } from './newest.ts';
import {
  methodMark,
  rankOf,
  SHOWN_SLOTS,
  type ShownOrder,
  type ShownRung,
  type ShownSlot,
} from './shown-orders.ts';

/** What one facet knows of checkouts that were shown and completed. */
export interface OutcomeFacet {
  /** Key of the person: the user that a device is proven to belong to, or else the subject itself. */
  readonly person: string;
  readonly shown: readonly ShownOrder[];
  readonly completed: readonly Completion[];
  readonly payment: MethodUses;
  readonly shipping: MethodUses;
}

/** What became of one slot of one checkout, as it was shown last. */
export interface Outcome {
  readonly slot: ShownSlot;
  readonly rung: ShownRung;
  readonly order: readonly string[];
  /** ms; when it was shown */
  readonly at: number;
  /** `open`: not completed, and its time is not over yet. */
  readonly status: 'open' | 'completed' | 'not-completed';
  /** Whether its time is over: only then can it be compared with others. */
  readonly isSettled: boolean;
  /** Digest of what it was completed by. */
  readonly completion?: string;
  /** Place of what was chosen, from 1; null: it was not in the order; absent: nobody said what it was. */
  readonly rank?: number | null;
  /** Whether what was preselected was chosen; absent: nothing was, or nobody said. */
  readonly tookPreselected?: boolean;
}

export interface OutcomeMoment {
  /** ms since the epoch */
  readonly now: number;
  /** How long after it was shown a checkout may be completed, ms. */
  readonly windowMs: number;
}

/** A checkout that is not completed within a day is not completed. */
export const OUTCOME_WINDOW_MS = 86_400_000;

/**
 * How many checkouts one decision speaks for: one. An answer that a browser has kept may be shown again for a few;
 * beyond that somebody makes something up with a decision that was really made.
 */
const CHECKOUTS_A_DECISION = 1;
const CHECKOUTS_A_KEPT_DECISION = 10;

/**
 * A facet's part, from the state of a `checkout` item; undefined if it has nothing to do with outcomes. What somebody
 * entered alone has: the order may have been told of elsewhere. Throws if the state is not the fold's.
 */
export function outcomeFacetOf(person: string, state: string): OutcomeFacet | undefined {
  const { shown, completed, payment, shipping } = decodeCheckout(JSON.parse(state) as Json);
  const isEmpty = [shown, completed, payment, shipping].every((list) => list.length === 0);
  return isEmpty ? undefined : { person, shown, completed, payment, shipping };
}

/**
 * What all stored facets know, a device's under the person it belongs to. Copies of devices are left out: the devices
 * themselves are among the items.
 *
 * @returns and the number of items that could not be read
 */
export async function outcomeFacetsIn(
  items: AsyncIterable<StoredItem> | Iterable<StoredItem>,
): Promise<{ readonly facets: readonly OutcomeFacet[]; readonly unreadable: number }> {
  const owners = new Map<string, string>();
  const facets: OutcomeFacet[] = [];
  let unreadable = 0;
  for await (const item of items) {
    try {
      if (item.item === 'link') {
        const owner = ownerOf(item);
        if (!owner.isShared) owners.set(item.key, owner.user);
      } else if (item.item === 'checkout') {
        const facet = outcomeFacetOf(item.key, item.state);
        if (facet !== undefined) facets.push(facet);
      }
    } catch {
      unreadable += 1;
    }
  }
  return {
    facets: facets.map((facet) => ({ ...facet, person: owners.get(facet.person) ?? facet.person })),
    unreadable,
  };
}

/**
 * Joins what was shown to what was completed: by checkout, wherever the two were told of; and a completion that
 * found none so, to the newest order that its person was shown within the window before it. Each checkout counts
 * once a slot, whoever tells of it how often.
 *
 * @example
 * joinOutcomes(facets, { now: Date.now(), windowMs: OUTCOME_WINDOW_MS }).filter(({ status }) => status === 'completed');
 */
export function joinOutcomes(facets: readonly OutcomeFacet[], moment: OutcomeMoment): readonly Outcome[] {
  const completions = distinct(
    facets.flatMap(({ completed, person }) => completed.map((entry) => ({ entry, person }))),
  );
  const shown = believed(
    distinct(facets.flatMap((facet) => facet.shown.map((entry) => ({ entry, person: facet.person })))),
  );
  const usesOf = usesByPerson(facets);
  return SHOWN_SLOTS.flatMap((slot) => {
    const ofSlot = shown.filter(({ entry }) => entry.slot === slot);
    const joined = joinSlot(ofSlot, completions, moment.windowMs);
    return ofSlot.map((one) => outcomeOf(one.entry, joined.get(one), usesOf, one.person, moment));
  });
}

interface Told<Entry> {
  readonly entry: Entry;
  readonly person: string;
}

/** The last word on each id. */
function distinct<Entry extends ShownOrder | Completion>(
  told: readonly Told<Entry>[],
): readonly Told<Entry>[] {
  const byId = new Map<string, Told<Entry>>();
  for (const one of told) {
    const known = byId.get(one.entry.id);
    if (known === undefined || textOf(one) > textOf(known)) byId.set(one.entry.id, one);
  }
  return [...byId.values()].sort((left, right) => compareDated(left.entry, right.entry));
}

/** Sorts by time, then by anything that does not depend on the order of reading. */
function textOf<Entry extends ShownOrder | Completion>({ entry, person }: Told<Entry>): string {
  return `${String(entry.at).padStart(16, '0')}\n${canonicalText(entry)}\n${person}`;
}

/** Of the checkouts that one decision is said to have been shown in, the newest. */
function believed(shown: readonly Told<ShownOrder>[]): readonly Told<ShownOrder>[] {
  const counts = new Map<string, number>();
  const isBelieved = ({ entry: { decision, slot, rung } }: Told<ShownOrder>): boolean => {
    if (decision === undefined) return true;
    const name = `${slot}\n${rung === 'cached' ? 'kept' : 'made'}\n${decision}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= (rung === 'cached' ? CHECKOUTS_A_KEPT_DECISION : CHECKOUTS_A_DECISION);
  };
  return shown.toReversed().filter(isBelieved).toReversed();
}

type Joined = ReadonlyMap<Told<ShownOrder>, Told<Completion>>;

function joinSlot(
  shown: readonly Told<ShownOrder>[],
  completions: readonly Told<Completion>[],
  windowMs: number,
): Joined {
  const joined = new Map<Told<ShownOrder>, Told<Completion>>();
  const byCheckout = new Map(
    completions.flatMap((one) => (one.entry.isNamed ? [[one.entry.id, one] as const] : [])),
  );
  const used = new Set<Told<Completion>>();
  const byPerson = new Map<string, Told<ShownOrder>[]>();
  for (const one of shown) {
    byPerson.set(one.person, [...(byPerson.get(one.person) ?? []), one]);
    const completion = one.entry.isNamed ? byCheckout.get(one.entry.checkout) : undefined;
    if (completion === undefined) continue;
    used.add(completion);
    if (Math.abs(completion.entry.at - one.entry.at) <= windowMs) joined.set(one, completion);
  }
  for (const completion of completions) {
    if (used.has(completion)) continue;
    const { at, isNamed } = completion.entry;
    // Also one that is completed already: an order told of twice, once without its checkout, completes no other.
    const newest = (byPerson.get(completion.person) ?? [])
      .filter(({ entry }) => entry.at <= at && at <= entry.at + windowMs && !(isNamed && entry.isNamed))
      .sort((one, other) => compareDated(one.entry, other.entry))
      .at(-1);
    if (newest !== undefined && !joined.has(newest)) joined.set(newest, completion);
  }
  return joined;
}

function outcomeOf(
  { slot, rung, order, at, preselected }: ShownOrder,
  completion: Told<Completion> | undefined,
  usesOf: (person: string, slot: ShownSlot) => MethodUses,
  person: string,
  { now, windowMs }: OutcomeMoment,
): Outcome {
  const isSettled = now >= at + windowMs;
  const common = { slot, rung, order, at, isSettled };
  if (completion === undefined) return { ...common, status: isSettled ? 'not-completed' : 'open' };
  const uses = [...new Set([person, completion.person])].flatMap((one) => usesOf(one, slot));
  const chosen = completion.entry[slot] ?? lastUseIn(uses, order, at, completion.entry.at);
  const rank = chosen === undefined ? undefined : (rankOf(order, chosen) ?? null);
  return {
    ...common,
    status: 'completed',
    completion: completion.entry.id,
    ...(rank !== undefined && { rank }),
    ...(rank !== undefined &&
      preselected !== undefined && {
        tookPreselected: rank !== null && order[rank - 1] === preselected,
      }),
  };
}

/** Where the order does not say what was chosen, what was entered last between the two does. */
function lastUseIn(
  uses: MethodUses,
  order: readonly string[],
  from: number,
  until: number,
): string | undefined {
  const last = uses
    .filter(({ at, method }) => at >= from && at <= until && rankOf(order, methodMark(method)) !== undefined)
    .sort(compareDated)
    .at(-1);
  return last && methodMark(last.method);
}

function usesByPerson(facets: readonly OutcomeFacet[]): (person: string, slot: ShownSlot) => MethodUses {
  const byPerson = new Map<string, OutcomeFacet[]>();
  for (const facet of facets) byPerson.set(facet.person, [...(byPerson.get(facet.person) ?? []), facet]);
  return (person, slot) => (byPerson.get(person) ?? []).flatMap((facet) => facet[slot]);
}
