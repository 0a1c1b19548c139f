import { itemBytes, readUnits, type WireItem, writeUnits } from './capacity.ts';

/** What a request to DynamoDB costs. */
export interface ConsumedUnits {
  readonly table: string;
  readonly kind: 'Read' | 'Write';
  readonly units: number;
}

interface Request {
  readonly TableName?: string;
  readonly Item?: WireItem;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys: readonly WireItem[]; readonly ConsistentRead?: boolean }>
  >;
}

interface Reply {
  readonly Item?: WireItem;
  readonly Items?: readonly WireItem[];
  readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
}

/**
 * What DynamoDB charges for one answered request, of the {@link COUNTED_OPERATIONS}. A write that makes an item smaller
 * is charged by the former size, which is not known here.
 *
 * @param request,reply JSON as it was on the wire
 */
export function consumedUnits(operation: string, request: string, reply: string): readonly ConsumedUnits[] {
  const {
    TableName: table = '',
    Item: item = {},
    ConsistentRead = false,
    RequestItems = {},
  } = JSON.parse(request) as Request;
  if (operation === 'PutItem') return [{ table, kind: 'Write', units: writeUnits(itemBytes(item)) }];
  const { Item, Items = Item ? [Item] : [], Responses = {} } = JSON.parse(reply) as Reply;
  if (operation !== 'BatchGetItem') {
    const bytes = Items.reduce((sum, one) => sum + itemBytes(one), 0);
    return [{ table, kind: 'Read', units: readUnits(bytes, ConsistentRead) }];
  }
  return Object.entries(RequestItems).map(([name, { Keys, ConsistentRead: consistent = false }]) => {
    const found = Responses[name] ?? [];
    const units = found.map((one) => readUnits(itemBytes(one), consistent));
    const missed = (Keys.length - found.length) * readUnits(0, consistent);
    return { table: name, kind: 'Read', units: units.reduce((sum, one) => sum + one, missed) };
  });
}

/** Those that the functions use. */
export const COUNTED_OPERATIONS: ReadonlySet<string> = new Set([
  'PutItem',
  'GetItem',
  'Query',
  'BatchGetItem',
]);

/** Tables that a request names. */
export function tablesIn(request: string): readonly string[] {
  const { TableName, RequestItems = {} } = JSON.parse(request) as Request;
  return TableName === undefined ? Object.keys(RequestItems) : [TableName];
}

export function isRead(operation: string): boolean {
  return /^(Get|BatchGet|Query|Scan)/.test(operation);
}
