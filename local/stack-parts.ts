import { dynamodbClient } from '../shared/adapters/dynamodb/dynamodb-client.ts';
import { dynamodbProfileStore } from '../shared/adapters/dynamodb/dynamodb-profile-store.ts';
import {
  dynamodbSuppressionReader,
  dynamodbSuppressions,
} from '../shared/adapters/dynamodb/dynamodb-suppressions.ts';
import { everyItem } from '../shared/adapters/dynamodb/every-item.ts';
import { kinesisClient } from '../shared/adapters/kinesis/kinesis-client.ts';
import { kinesisEventLogReader } from '../shared/adapters/kinesis/kinesis-event-log-reader.ts';
import { kinesisEventLog } from '../shared/adapters/kinesis/kinesis-event-log.ts';
import { s3Client } from '../shared/adapters/s3/s3-client.ts';
import { s3QuarantineReader } from '../shared/adapters/s3/s3-quarantine-reader.ts';
import { s3RedriveMarks } from '../shared/adapters/s3/s3-redrive-marks.ts';
import { loadKeys, secretsClient } from '../shared/adapters/secrets/load-keys.ts';
import { subjectKeys } from '../shared/adapters/secrets/subject-keys.ts';
import type { StoredItem } from '../shared/domain/item.ts';
import type { EventLog, EventLogReader } from '../shared/ports/event-log.ts';
import type { SubjectKeys } from '../shared/ports/identity.ts';
import type { ProfileStore } from '../shared/ports/profile-store.ts';
import type { QuarantineReader, RedriveMarks } from '../shared/ports/quarantine.ts';
import type { Announcement } from '../shared/protocol/announcement.ts';
import { followChanges } from './cli/follow-changes.ts';
import type { SuppressionReader, Suppressions } from '../shared/ports/suppressions.ts';
import { LocalFault } from './fault.ts';
import type { StackNames } from './stack-names.ts';

export interface StackParts {
  readonly store: ProfileStore;
  /** Reads everybody's profile. */
  readonly items: () => AsyncIterable<StoredItem>;
  readonly log: EventLog & EventLogReader;
  /** What is told of memberships, from a time (ms) on and without an end; null: nothing is. */
  readonly changes: ((since: number) => AsyncIterable<Announcement>) | null;
  readonly quarantine: QuarantineReader;
  readonly marks: RedriveMarks;
  /** Who was erased, all of them. */
  readonly suppressions: () => Suppressions & SuppressionReader;
  readonly subjectKeys: () => Promise<SubjectKeys>;
  /** Of the server source. */
  readonly secretKey: () => Promise<string>;
}

/** Opens the parts of a stack: of the local run, or with the AWS credentials and region of whoever asks. */
export function stackParts(names: StackNames): StackParts {
  const local =
    names.api === undefined
      ? {}
      : { region: names.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const at = (endpoint: string | undefined) => ({ ...local, ...(endpoint !== undefined && { endpoint }) });
  const streams = { client: kinesisClient(at(names.kinesis)), streams: names.streams };
  const { changesStream } = names;
  const profiles = dynamodbClient(at(names.dynamodb));
  const bucket = { bucket: names.quarantineBucket, client: () => s3Client(at(names.s3)) };
  return {
    store: dynamodbProfileStore({ client: profiles, table: names.profilesTable }),
    items: () => everyItem(profiles, names.profilesTable),
    log: { ...kinesisEventLog(streams), ...kinesisEventLogReader(streams) },
    changes:
      changesStream === undefined
        ? null
        : (since) =>
            followChanges({
              since,
              // It has no lanes: it is the one stream, whichever is asked for.
              reader: kinesisEventLogReader({
                client: streams.client,
                streams: { critical: changesStream, bulk: changesStream },
              }),
            }),
    quarantine: s3QuarantineReader({ ...bucket, streams: names.streams }),
    marks: s3RedriveMarks(bucket),
    suppressions() {
      const table = named(names.suppressionsTable, 'erasings');
      return {
        ...dynamodbSuppressions({ client: profiles, table }),
        ...dynamodbSuppressionReader({ client: profiles, table }),
      };
    },
    async subjectKeys() {
      const arn = named(names.subjectSecret, 'subject keys');
      const { subject } = await loadKeys({ subject: arn }, secretsClient(at(names.secretsManager)));
      return subjectKeys(subject.subjectSecret);
    },
    async secretKey() {
      const arn = named(names.apiKeysSecret, 'API keys');
      const { apiKeys } = await loadKeys({ apiKeys: arn }, secretsClient(at(names.secretsManager)));
      return apiKeys.secretKey;
    },
  };
}

function named(arn: string | undefined, what: string): string {
  if (arn === undefined)
    throw new LocalFault(`the stack does not say where its ${what} are: deploy or start it anew`);
  return arn;
}
