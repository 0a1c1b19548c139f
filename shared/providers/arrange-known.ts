import type { SlotOption } from '../domain/decide.ts';

/** A decided list: a slot's `options` as they were answered, in their final order. */
export type DecidedOptions = readonly Pick<SlotOption, 'id' | 'preselected'>[];

/** What a provider calls the shop's options, by the shop's ids. */
export type NameTable<Name extends string = string> = Readonly<Partial<Record<string, Name>>>;

/** A provider's list in the decided order: always a permutation of it. */
export interface Arranged<Method> {
  readonly methods: readonly Method[];
  /** What the decision preselects, where the provider has it by itself. */
  readonly preselected?: Method;
  /** Decided options that the table does not name, or that the provider does not offer here. */
  readonly unplaced: readonly string[];
  /** What the provider offers and nobody decided on: it stays at its place. */
  readonly untouched: readonly Method[];
}

/**
 * Puts what is decided on into the decided order, within the places that it has. Guardrails have corrected that order
 * already, so it is carried over as it is. Where a provider has one method for several options (a `card` for credit and
 * debit), the last of them says where it stands and it is not preselected: what may be credit never moves up.
 *
 * @param namesOf what the provider calls one of its methods, the most exact name first
 * @example
 * arrangeKnown([{ id: 'pix', preselected: true }, { id: 'card', preselected: false }], { pix: 'Pix', card: 'Card' }, ['Card', 'Shop Pay', 'Pix'], (name) => [name])
 * // → { methods: ['Pix', 'Shop Pay', 'Card'], preselected: 'Pix', unplaced: [], untouched: ['Shop Pay'] }
 */
export function arrangeKnown<Method>(
  decided: DecidedOptions,
  table: NameTable,
  offered: readonly Method[],
  namesOf: (method: Method) => readonly string[],
): Arranged<Method> {
  const options = decided.map((option) => ({ ...option, name: nameOf(table, option.id) }));
  const places = new Map(options.map(({ name }, place) => [name, place]));
  const placed = offered.map((method) => {
    const name = namesOf(method).find((one) => places.has(one));
    return { method, name, place: name === undefined ? undefined : places.get(name) };
  });
  const known = placed
    .filter(({ place }) => place !== undefined)
    .sort((left, right) => (left.place ?? 0) - (right.place ?? 0));
  let next = 0;
  const methods = placed.map((one) => (one.place === undefined ? one.method : known[next++]!.method));

  const names = known.map(({ name }) => name);
  const chosen = options.find(({ preselected }) => preselected)?.name;
  const isAlone =
    options.filter(({ name }) => name === chosen).length === 1 &&
    names.filter((name) => name === chosen).length === 1;
  const preselected = isAlone ? known.find(({ name }) => name === chosen)?.method : undefined;
  return {
    methods,
    ...(preselected !== undefined && { preselected }),
    unplaced: options.filter(({ name }) => name === undefined || !names.includes(name)).map(({ id }) => id),
    untouched: placed.filter(({ place }) => place === undefined).map(({ method }) => method),
  };
}

/** What the provider calls an option; undefined: the table does not say. */
export function nameOf<Name extends string>(table: NameTable<Name>, id: string): Name | undefined {
  return Object.hasOwn(table, id) ? table[id] : undefined;
}

/**
 * The shop's id of what somebody chose at the provider, as `payment_method` or `shipping_method` of an event. Undefined
 * where the table names none or several: a guess would be learned as a habit.
 *
 * @example optionNamed({ credit_card: 'card', pix: 'pix' }, 'pix') // 'pix'
 */
export function optionNamed(table: NameTable, name: string): string | undefined {
  const ids = Object.keys(table).filter((id) => table[id] === name);
  return ids.length === 1 ? ids[0] : undefined;
}
