import type { Json } from './json.ts';
import type { EntryKind, Ledger, LedgerEntry, LedgerTotals } from './ledger.ts';
import { NO_CURRENCY } from './money.ts';

const KIND_LETTER: Readonly<Record<EntryKind, string>> = { order: 'o', refund: 'r', points: 'p' };
const LETTER_KIND: ReadonlyMap<string, EntryKind> = new Map([
  ['o', 'order'],
  ['r', 'refund'],
  ['p', 'points'],
]);

/** `[letter + id, at, amountAt, amount, currency, cancelled?, delivered?]`, without what is empty at the end. */
export function encodeEntries(entries: readonly LedgerEntry[]): Json {
  return entries.map((entry) => {
    const tuple: (string | number)[] = [
      KIND_LETTER[entry.kind] + entry.id,
      entry.at,
      entry.amountAt,
      entry.amount,
      entry.currency,
      entry.cancelledAt,
      entry.deliveredAt,
    ];
    while (tuple.at(-1) === 0) tuple.pop();
    return tuple;
  });
}

export function decodeEntries(stored: Json | undefined): readonly LedgerEntry[] {
  if (!Array.isArray(stored)) return [];
  return (stored as readonly (readonly (string | number)[])[]).map((tuple) => ({
    id: String(tuple[0]).slice(1),
    kind: LETTER_KIND.get(String(tuple[0]).charAt(0)) ?? 'order',
    at: Number(tuple[1]),
    amountAt: Number(tuple[2] ?? 0),
    amount: Number(tuple[3] ?? 0),
    currency: String(tuple[4] ?? NO_CURRENCY),
    cancelledAt: Number(tuple[5] ?? 0),
    deliveredAt: Number(tuple[6] ?? 0),
  }));
}

type TotalsTuple = [
  number,
  number,
  number,
  number,
  number,
  [string, number][],
  [string, number][],
  number,
  number,
];

export function encodeLedger(ledger: Ledger): Json {
  return {
    e: encodeEntries(ledger.entries),
    ...(ledger.pages.size > 0 && {
      p: [...ledger.pages].map(([page, totals]) => [page, totalsTuple(totals)]),
    }),
  };
}

export function decodeLedger(stored: Json | undefined): Ledger {
  const { e, p = [] } = (stored ?? {}) as { e?: Json; p?: readonly (readonly [string, TotalsTuple])[] };
  return {
    entries: decodeEntries(e),
    pages: new Map(p.map(([page, tuple]) => [page, totalsOfTuple(tuple)])),
  };
}

function totalsTuple(totals: LedgerTotals): TotalsTuple {
  const { orders, cancelled, delivered, refunds, points, spent, refunded, firstAt, lastAt } = totals;
  return [orders, cancelled, delivered, refunds, points, [...spent], [...refunded], firstAt, lastAt];
}

function totalsOfTuple(tuple: TotalsTuple): LedgerTotals {
  const [orders, cancelled, delivered, refunds, points, spent, refunded, firstAt, lastAt] = tuple;
  return {
    orders,
    cancelled,
    delivered,
    refunds,
    points,
    spent: new Map(spent),
    refunded: new Map(refunded),
    firstAt,
    lastAt,
  };
}
