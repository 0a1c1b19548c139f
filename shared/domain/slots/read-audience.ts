import { durationMs } from '../segments/duration.ts';
import { windowsIn } from '../segments/compile-segments.ts';
import type { Condition } from '../segments/condition.ts';
import { FaultList, wordHint } from '../segments/fault-list.ts';
import { parseCondition } from '../segments/parse-condition.ts';
import type { Window } from '../segments/window.ts';
import type { AudienceSource, CartSource, ValiditySource } from './audience-source.ts';
import type { Anchor, Audience, AudienceCondition } from './audience.ts';
import { readAmounts } from './read-amounts.ts';
import { note, type Reading } from './reading.ts';

/** Whom an offer or a message is for; what is wrong with it is noted. */
export function readAudience(source: AudienceSource, path: string, reading: Reading): Audience {
  const { validity, cart, segments, when } = source;
  return [
    ...(validity ? readPeriod(validity, `${path}.validity`, reading) : []),
    ...(cart ? readCart(cart, `${path}.cart`, reading) : []),
    ...(segments ? readSegments(segments, `${path}.segments`, reading) : []),
    ...(when === undefined ? [] : readWhen(when, `${path}.when`, reading)),
    ...(validity ? readLasts(validity, `${path}.validity`, reading) : []),
  ];
}

function readPeriod(
  { from, until }: ValiditySource,
  path: string,
  reading: Reading,
): readonly AudienceCondition[] {
  if (from === undefined && until === undefined) return [];
  const start = from === undefined ? -Infinity : readTime(from, `${path}.from`, reading);
  const end = until === undefined ? Infinity : readTime(until, `${path}.until`, reading);
  if (end <= start) note(reading, 'out_of_range', `${path}.until`, `is not after ${path}.from`);
  return [{ kind: 'period', from: start, until: end }];
}

/** Written out, in UTC: what it means must not depend on where the code runs. ms; NaN after a fault. */
function readTime(text: string, path: string, reading: Reading): number {
  const at = Date.parse(text);
  const isWhole = !Number.isNaN(at) && new Date(at).toISOString().replace('.000Z', 'Z') === text;
  if (!isWhole)
    note(
      reading,
      'not_a_time',
      path,
      `is ${JSON.stringify(text)}; write a time in UTC as "2026-12-24T18:00:00Z"`,
    );
  return isWhole ? at : NaN;
}

function readCart(
  { quantity, products, subtotal }: CartSource,
  path: string,
  reading: Reading,
): readonly AudienceCondition[] {
  const conditions: AudienceCondition[] = [];
  if (quantity !== undefined) {
    if (!(Number.isFinite(quantity) && quantity > 0))
      note(reading, 'out_of_range', `${path}.quantity`, `is ${quantity}; write a number above 0`);
    conditions.push({ kind: 'quantity', least: quantity });
  }
  if (products !== undefined) {
    if (products.length === 0) note(reading, 'missing_setting', `${path}.products`, 'names no product');
    conditions.push({ kind: 'products', ids: new Set(products) });
  }
  if (subtotal !== undefined)
    conditions.push({ kind: 'subtotal', least: readAmounts(subtotal, `${path}.subtotal`, reading) });
  return conditions;
}

function readSegments(ids: readonly string[], path: string, reading: Reading): readonly AudienceCondition[] {
  const known = reading.scope.segments;
  if (ids.length === 0) note(reading, 'missing_setting', path, 'names no segment');
  ids.forEach((id, index) => {
    if (!known.includes(id))
      note(
        reading,
        'unknown_segment',
        `${path}[${index}]`,
        `is "${id}", and there is no such segment${wordHint(id, known)}`,
      );
  });
  return [{ kind: 'segments', ids: new Set(ids) }];
}

function readWhen(source: unknown, path: string, reading: Reading): readonly AudienceCondition[] {
  const condition = parsed(source, path, reading);
  // What the fold keeps, segments say: it must not be asked for in two places.
  if (condition !== undefined && windowsIn(condition).length > 0)
    note(
      reading,
      'window_outside_segments',
      path,
      'looks back at events; that stands in a segment, and here { $segment: "…" } names it',
    );
  return condition === undefined ? [] : [{ kind: 'when', condition }];
}

/** Undefined after a fault. */
function parsed(source: unknown, path: string, reading: Reading): Condition | undefined {
  const faults = new FaultList();
  const condition = parseCondition(source, path, reading.scope, faults);
  reading.faults.push(...faults.all);
  return faults.all.length === 0 ? condition : undefined;
}

function readLasts(
  { lasts, after }: ValiditySource,
  path: string,
  reading: Reading,
): readonly AudienceCondition[] {
  if (lasts === undefined && after === undefined) return [];
  const ms = readDuration(lasts, `${path}.lasts`, reading);
  const anchor = readAnchor(after, `${path}.after`, reading);
  return anchor === undefined ? [] : [{ kind: 'lasts', ms, anchor }];
}

/** ms; NaN after a fault */
export function readDuration(source: unknown, path: string, reading: Reading): number {
  const ms = durationMs(source);
  if (ms === undefined)
    note(
      reading,
      'not_a_duration',
      path,
      `is ${JSON.stringify(source) ?? 'missing'}; write e.g. "30m", "2h" or "90d"`,
    );
  return ms ?? NaN;
}

function readAnchor(source: unknown, path: string, reading: Reading): Anchor | undefined {
  if (source === 'orders.lastAt') return { kind: 'last-order' };
  const event =
    typeof source === 'object' && source !== null && '$first' in source ? source.$first : undefined;
  if (typeof event !== 'string') {
    note(
      reading,
      'not_a_choice',
      path,
      `is ${JSON.stringify(source) ?? 'missing'}; write "orders.lastAt" or { $first: "an event" }: a countdown starts at what no visit moves`,
    );
    return undefined;
  }
  const condition = parsed({ $first: { event, is: { $exists: true } } }, path, reading);
  if (condition?.kind !== 'window') return undefined;
  const { window } = condition;
  if (!isKept(window, reading))
    note(
      reading,
      'window_outside_segments',
      path,
      `needs the time of the first "${event}", which is kept only if a segment looks at it: { $first: { event: "${event}", is: … } }`,
    );
  return { kind: 'first', event, window };
}

/** The ledger keeps all that it can be asked for. */
function isKept({ source, name }: Window, { segments }: Reading): boolean {
  return source === 'ledger' || segments.windows[source].some((kept) => kept.name === name);
}
