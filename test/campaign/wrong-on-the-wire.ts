import {
  PutItemCommand,
  type BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { dynamodbProfileStore } from '../../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import { toAttributes } from '../../shared/adapters/dynamodb/item-attributes.ts';
import { unavailable } from '../../shared/adapters/dynamodb/write-outcome.ts';
import { manualPauses } from '../../shared/adapters/memory/manual-pauses.ts';
import { StoreUnavailable, type ProfileStore } from '../../shared/ports/profile-store.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import type { OnTheWire } from './rows/wire-fold.ts';

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** What is not known to be written is written again, and nothing may be in its way this time. */
function takesSilenceForFailure({ client, table }: Table): ProfileStore {
  const store = dynamodbProfileStore({ client, table, pauses: manualPauses() });
  return {
    ...store,
    async write(item) {
      try {
        return await store.write(item);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: toAttributes(item) }));
        return 'written';
      } catch (cause) {
        throw unavailable('write', cause);
      }
    },
  };
}

/** Takes what a read left undone for what is not there. */
function forgetsUnprocessedKeys({ client, table }: Table): ProfileStore {
  const send = async (command: BatchGetItemCommand): Promise<BatchGetItemCommandOutput> => {
    const { UnprocessedKeys: _, ...reply } = await client.send(command);
    return reply;
  };
  const forgetful = Object.assign(Object.create(client) as DynamoDBClient, { send });
  return dynamodbProfileStore({ client: forgetful, table, pauses: manualPauses() });
}

export interface WrongOnTheWire extends OnTheWire {
  readonly name: string;
}

/** Stores that are wrong in what only a wire has. */
export const WRONG_ON_THE_WIRE: readonly WrongOnTheWire[] = [
  {
    name: 'a time-out that is taken for a failure',
    store: takesSilenceForFailure,
    odds: { late: 0.1, lost: 0.1 },
  },
  {
    // Writes find out by the version; what is only joined, as links are, goes by what was read.
    name: 'UnprocessedKeys that are forgotten',
    store: forgetsUnprocessedKeys,
    odds: { partial: 0.5, lost: 0.1 },
  },
];

/** Logs that are wrong: each lets the collector acknowledge too early. */
export const WRONG_LOGS: readonly { readonly name: string; readonly change: (log: EventLog) => EventLog }[] =
  (['critical', 'bulk'] as const).map((early) => ({
    name: `a 200 that does not wait for the ${early} lane`,
    change: (log) => ({
      append(lane, entries, limits) {
        const appended = log.append(lane, entries, limits);
        if (lane !== early) return appended;
        appended.catch(() => undefined);
        return Promise.resolve();
      },
    }),
  }));
