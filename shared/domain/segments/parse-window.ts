import type { Condition, Test } from './condition.ts';
import { at, isPlain, wordHint, type FaultList } from './fault-list.ts';
import { nearestWord } from '../nearest-word.ts';
import type { FieldType } from './fields.ts';
import type { ConditionScope } from './parse-condition.ts';
import { parseDuration, parseTest } from './parse-test.ts';
import { LEDGER_KEPT, MAX_KEPT, windowName, type Window, type WindowOp } from './window.ts';
import { keptIn, LEDGER_EVENTS, WINDOW_EVENTS } from './window-events.ts';

const OPS: Readonly<Record<string, WindowOp>> = {
  $count: 'count',
  $sum: 'sum',
  $first: 'first',
  $last: 'last',
  $distinct: 'distinct',
};
export const WINDOW_OPERATORS: readonly string[] = Object.keys(OPS);
const SETTINGS: readonly string[] = ['event', 'where', 'of', 'currency', 'within', 'is'];
const ROOTS: readonly string[] = ['properties', 'traits', 'context'];

/** `$count: { event, where?, within?, is }`, and so on: a look back at what somebody did. */
export function parseWindow(
  name: string,
  source: unknown,
  path: string,
  scope: ConditionScope,
  inEvent: (source: unknown, path: string) => Condition,
  faults: FaultList,
): Condition {
  const op = OPS[name] ?? 'count';
  if (!isPlain(source)) {
    faults.add('wrong_type', path, 'a window must be an object with "event" and "is"');
    return { kind: 'all', of: [] };
  }
  for (const setting of Object.keys(source)) {
    if (!SETTINGS.includes(setting))
      faults.add(
        'unknown_operator',
        at(path, setting),
        `a window has no ${setting}${wordHint(setting, SETTINGS)}`,
      );
  }
  const event = parseEvent(source.event, at(path, 'event'), scope, faults);
  const where = source.where === undefined ? undefined : inEvent(source.where, at(path, 'where'));
  const of = parseProperty(op, source.of, at(path, 'of'), faults);
  const withinMs =
    source.within === undefined ? undefined : parseDuration(source.within, at(path, 'within'), faults);
  if (op === 'first' && withinMs !== undefined)
    faults.add('wrong_type', at(path, 'within'), '$first is of all time: ask for its time with "is"');
  const currency = parseCurrency(op, source.currency, at(path, 'currency'), faults);
  const type: FieldType = op === 'first' || op === 'last' ? (of === undefined ? 'time' : 'any') : 'number';
  const test = parseTest(source.is, type, at(path, 'is'), { lists: scope.lists, condition: inEvent }, faults);
  const kept = sourceOf(event, op, { of, where, currency }, path, faults);
  const window: Window = {
    op,
    event,
    name: windowName(op, [event, source.where ?? null, of ?? null, currency ?? null]),
    ...(where && { where }),
    ...(of && { of }),
    ...(currency !== undefined && { currency }),
    ...(withinMs !== undefined && { withinMs }),
    source: kept,
    capacity: capacityOf(op, test, kept === 'ledger' ? LEDGER_KEPT : MAX_KEPT, at(path, 'is'), faults),
  };
  return { kind: 'window', window, test };
}

function parseEvent(source: unknown, path: string, { events }: ConditionScope, faults: FaultList): string {
  const known = [...WINDOW_EVENTS, ...events];
  if (typeof source === 'string' && known.includes(source)) return source;
  const nearest = nearestWord(String(source ?? ''), known);
  const hint =
    nearest === null
      ? "; events of the shop's own stand under segments.events"
      : `: did you mean "${nearest}"?`;
  faults.add('unknown_event', path, `there is no event ${JSON.stringify(source ?? null)}${hint}`);
  return '';
}

function parseProperty(
  op: WindowOp,
  source: unknown,
  path: string,
  faults: FaultList,
): readonly string[] | undefined {
  if (source === undefined) {
    if (op === 'distinct')
      faults.add('wrong_type', path, '$distinct needs a property to tell apart, or "$day"');
    return undefined;
  }
  const parts = typeof source === 'string' ? source.split('.') : [];
  if (op === 'count') faults.add('wrong_type', path, '$count counts events: filter them with "where"');
  else if (source === '$day' && op === 'distinct') return ['$day'];
  else if (parts.length > 1 && ROOTS.includes(parts[0] ?? '') && parts.every((part) => part !== ''))
    return parts;
  else
    faults.add(
      'unknown_field',
      path,
      `an event has no ${JSON.stringify(source)}: name "properties.…", "traits.…" or "context.…"${wordHint(parts[0] ?? '', ROOTS)}`,
    );
  return undefined;
}

function parseCurrency(op: WindowOp, source: unknown, path: string, faults: FaultList): string | undefined {
  if (source === undefined) return undefined;
  if (op === 'sum' && typeof source === 'string' && /^[A-Z]{3}$/.test(source)) return source;
  faults.add(
    'wrong_type',
    path,
    op === 'sum' ? 'a currency is three capital letters, e.g. "EUR"' : 'only a sum has a currency',
  );
  return undefined;
}

/** The ledger answers what it can: it counts an order once for ever, and knows which were cancelled. */
function sourceOf(
  event: string,
  op: WindowOp,
  { of, where, currency }: Pick<Window, 'of' | 'where' | 'currency'>,
  path: string,
  faults: FaultList,
): Window['source'] {
  const source = keptIn(event);
  const isPlainLook = of === undefined && where === undefined;
  if (isPlainLook && LEDGER_EVENTS.includes(event)) {
    if (op === 'sum' && event.startsWith('Order ') && currency === undefined)
      faults.add('wrong_type', at(path, 'currency'), 'a sum of money needs its currency, e.g. "EUR"');
    return 'ledger';
  }
  if (source === 'ledger')
    faults.add(
      'unknown_field',
      path,
      `of "${event}" only time, amount and currency are kept: neither "of" nor "where" can be asked`,
    );
  if (op === 'sum' && of === undefined && event !== '')
    faults.add('wrong_type', at(path, 'of'), `$sum of "${event}" needs a property to sum up`);
  return source;
}

/** Of a count as much is kept as tells the numbers asked for apart: whatever lies beyond answers the same. */
function capacityOf(op: WindowOp, test: Test, limit: number, path: string, faults: FaultList): number {
  if (op === 'first' || op === 'last') return 1;
  if (op === 'sum') return limit;
  const capacity = Math.max(1, ...capacitiesOf(test));
  if (capacity <= limit) return capacity;
  faults.add('more_than_kept', path, `this takes ${capacity} events, and of one window ${limit} are kept`);
  return limit;
}

function capacitiesOf(test: Test): readonly number[] {
  const pastIt = (value: unknown): readonly number[] =>
    typeof value === 'number' ? [Math.floor(value) + 1] : [];
  switch (test.kind) {
    case 'number':
    case 'same':
      return pastIt(test.value);
    case 'order':
      // "At least three" is told by three, "more than three" by four.
      return test.order === '>=' || test.order === '<' ? [Math.ceil(Number(test.than))] : pastIt(test.than);
    case 'one-of':
      return test.values.flatMap(pastIt);
    case 'every':
      return test.tests.flatMap(capacitiesOf);
    case 'no':
      return capacitiesOf(test.test);
    default:
      return [];
  }
}
