/**
 * Stands in for how lib-dynamodb turns values into attributes and back. It does so within a call of its client, but it is no
 * work of the SDK's, which deals in attributes: ours turns them into what it needs outside, too.
 */
import {
  marshallInput as marshall,
  unmarshallOutput as unmarshall,
} from '@aws-sdk/lib-dynamodb/dist-types/commands/utils';
import { outsideSdk } from './sdk-time.ts';

export * from '@aws-sdk/lib-dynamodb/dist-types/commands/utils';

export const marshallInput: typeof marshall = (...args) => outsideSdk(() => marshall(...args) as unknown);
export const unmarshallOutput: typeof unmarshall = (...args) =>
  outsideSdk(() => unmarshall(...args) as unknown);
