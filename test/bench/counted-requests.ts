import { itemBytes, readUnits, writeUnits, type WireItem } from '../../local/capacity.ts';

/** What one table was asked for. */
export interface TableCounts {
  readonly writes: number;
  /** Of further writes, those that their condition refused: charged, and without effect. */
  readonly refused: number;
  readonly writeUnits: number;
  readonly queries: number;
  readonly gets: number;
  /** Items asked for by BatchGetItem. */
  readonly batchKeys: number;
  readonly readUnits: number;
}

export type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] };

export const NO_COUNTS: TableCounts = {
  writes: 0,
  refused: 0,
  writeUnits: 0,
  queries: 0,
  gets: 0,
  batchKeys: 0,
  readUnits: 0,
};

interface Keys {
  readonly Keys: readonly WireItem[];
  readonly ConsistentRead?: boolean;
}

/** As much of the requests and replies that are counted as counting needs. */
interface Request {
  readonly TableName: string;
  readonly Item?: WireItem;
  readonly Key?: WireItem;
  readonly ConsistentRead?: boolean;
  readonly ExpressionAttributeValues?: WireItem;
  readonly UpdateExpression?: string;
  readonly RequestItems?: Readonly<Record<string, Keys>>;
}

interface Reply {
  readonly Item?: WireItem;
  readonly Items?: readonly WireItem[];
  readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
}

export interface RequestCounter {
  /** @param body,reply JSON as it was on the wire */
  note(operation: string, body: string, status: number, reply: string): void;
  counts(): Readonly<Record<string, TableCounts>>;
  /** Bytes of every item that a table holds now, by the item's sort key. */
  sizes(table: string): Readonly<Record<string, readonly number[]>>;
}

/** Counts what DynamoDB would charge for the requests it is told of; all writes to a table must be among them. */
export function requestCounter(): RequestCounter {
  const tables = new Map<string, Mutable<TableCounts>>();
  const held = new Map<string, Map<string, number>>();
  const at = (table: string): Mutable<TableCounts> => {
    const counts = tables.get(table) ?? { ...NO_COUNTS };
    tables.set(table, counts);
    return counts;
  };

  const noteWrite = (table: string, item: WireItem, status: number): void => {
    const items = held.get(table) ?? new Map<string, number>();
    held.set(table, items);
    const name = `${item.pk?.S}\0${item.sk?.S}`;
    const bytes = itemBytes(item);
    const counts = at(table);
    counts.writeUnits += writeUnits(Math.max(bytes, items.get(name) ?? 0));
    if (status === 200) {
      counts.writes += 1;
      items.set(name, bytes);
    } else counts.refused += 1;
  };

  return {
    note(operation, body, status, reply) {
      const isRefusal = status === 400 && reply.includes('ConditionalCheckFailedException');
      if (status !== 200 && !isRefusal) return;
      switch (operation) {
        case 'PutItem': {
          const { TableName, Item = {} } = JSON.parse(body) as Request;
          noteWrite(TableName, Item, status);
          return;
        }
        case 'UpdateItem': {
          const request = JSON.parse(body) as Request;
          noteWrite(request.TableName, updated(request), status);
          return;
        }
        case 'GetItem': {
          const { TableName, ConsistentRead = false } = JSON.parse(body) as Request;
          const { Item } = JSON.parse(reply) as Reply;
          at(TableName).gets += 1;
          at(TableName).readUnits += readUnits(Item ? itemBytes(Item) : 0, ConsistentRead);
          return;
        }
        case 'Query': {
          const { TableName, ConsistentRead = false } = JSON.parse(body) as Request;
          const { Items = [] } = JSON.parse(reply) as Reply;
          const bytes = Items.reduce((sum, item) => sum + itemBytes(item), 0);
          at(TableName).queries += 1;
          at(TableName).readUnits += readUnits(bytes, ConsistentRead);
          return;
        }
        case 'BatchGetItem': {
          const { RequestItems = {} } = JSON.parse(body) as Request;
          const { Responses = {} } = JSON.parse(reply) as Reply;
          for (const [table, { Keys, ConsistentRead = false }] of Object.entries(RequestItems)) {
            const found = Responses[table] ?? [];
            const counts = at(table);
            counts.batchKeys += Keys.length;
            for (const item of found) counts.readUnits += readUnits(itemBytes(item), ConsistentRead);
            counts.readUnits += (Keys.length - found.length) * readUnits(0, ConsistentRead);
          }
          return;
        }
        case 'DescribeTable':
        case 'CreateTable':
        case 'ListTables':
          return;
        default:
          throw new Error(`${operation} is not counted`);
      }
    },
    counts: () => Object.fromEntries([...tables].map(([table, counts]) => [table, { ...counts }])),
    sizes(table) {
      const sizes: Record<string, number[]> = {};
      for (const [name, bytes] of held.get(table) ?? []) {
        const [, item = ''] = name.split('\0');
        (sizes[item] ??= []).push(bytes);
      }
      return sizes;
    },
  };
}

/** The item after an update that sets all attributes it has: `SET s = :s, t = :t` and the key. */
function updated({ Key = {}, ExpressionAttributeValues = {}, UpdateExpression = '' }: Request): WireItem {
  const attributes = Object.entries(ExpressionAttributeValues).map(
    ([name, value]) => [name.slice(1), value] as const,
  );
  if (attributes.some(([name]) => !UpdateExpression.includes(`${name} = :${name}`)))
    throw new Error('only updates that set whole attributes are counted');
  return { ...Key, ...Object.fromEntries(attributes) };
}
