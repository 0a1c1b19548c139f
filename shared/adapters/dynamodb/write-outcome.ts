import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { StoreUnavailable, type WriteOutcome } from '../../ports/profile-store.ts';

/** The condition of a write on top of version `expected`; 0: nothing is there yet. */
export function whenIsVersion(
  expected: number,
): Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'> {
  return expected === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'v = :expected',
        ExpressionAttributeValues: { ':expected': { N: String(expected) } },
      };
}

/** What an error says about the item; `null` if it says nothing. */
export function writeOutcome(error: unknown): WriteOutcome | null {
  if (error instanceof ConditionalCheckFailedException) return 'conflict';
  if (!(error instanceof DynamoDBServiceException)) return null;
  if (error.$metadata.httpStatusCode === 413) return 'refused';
  if (error.name === 'SerializationException') return 'refused';
  // A table with other keys than ours is a deployment gone wrong: no reason to give up on any item.
  const isAboutTheTable = /Missing the key|Type mismatch for key/i.test(error.message);
  return error.name === 'ValidationException' && !isAboutTheTable ? 'refused' : null;
}

export function unavailable(call: string, cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  const name = cause instanceof Error ? cause.name : 'unknown error';
  return new StoreUnavailable(`DynamoDB ${call}: ${name}`, { cause });
}
