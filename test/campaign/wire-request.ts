/** A call of AWS's JSON protocols. */
export interface WireRequest {
  /** `PutItem` */
  readonly operation: string;
  readonly asked: Readonly<Record<string, unknown>>;
}

type Attributes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @param target `DynamoDB_20120810.PutItem`, as the header has it */
export function wireRequest(target: string, body: string): WireRequest {
  return {
    operation: target.split('.').at(-1) ?? '',
    asked: JSON.parse(body) as Readonly<Record<string, unknown>>,
  };
}

/** The items or records that it is about, whatever their table or stream is called. */
export function subjectsOf({ operation, asked }: WireRequest): readonly string[] {
  const keyText = ({ pk, sk }: Attributes): string => `${pk?.S} ${sk?.S}`;
  switch (operation) {
    case 'PutItem':
      return [keyText(asked.Item as Attributes)];
    case 'BatchGetItem': {
      const tables = Object.values(asked.RequestItems as Record<string, { readonly Keys: Attributes[] }>);
      return tables.flatMap(({ Keys }) => Keys.map(keyText));
    }
    case 'PutRecords':
      return (asked.Records as readonly { readonly PartitionKey: string; readonly Data: string }[]).map(
        ({ PartitionKey, Data }) => `${PartitionKey} ${Data}`,
      );
    default: {
      const { TableName: _table, StreamName: _stream, ...rest } = asked;
      return [JSON.stringify(rest)];
    }
  }
}
