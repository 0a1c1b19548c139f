import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  SplitShardCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { kinesisClient } from '../../shared/adapters/kinesis/kinesis-client.ts';
import { listen, type Emulator } from './emulator.ts';

type StartKinesalite = (options: {
  createStreamMs: number;
  deleteStreamMs: number;
  updateStreamMs: number;
  shardLimit: number;
}) => Server;
const kinesalite = createRequire(import.meta.url)('kinesalite') as StartKinesalite;

const MIDDLE_HASH = (2n ** 127n).toString();

export interface KinesaliteStreams extends Emulator {
  /** Answers the protocol of whatever is given to it as a request, be it by a socket or not. */
  readonly server: Server;
  readonly client: KinesisClient;
  /** Makes an empty stream and gives its name. */
  createStream(shards?: number): Promise<string>;
  /** Splits the stream's only shard in the middle. */
  split(stream: string): Promise<void>;
  /** Merges the two shards that {@link split} made. */
  merge(stream: string): Promise<void>;
}

/** Kinesis' wire protocol in this process, on a free port. */
export async function kinesaliteStreams(): Promise<KinesaliteStreams> {
  const server = kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 1_000 });
  const emulator = await listen(server);
  const client = kinesisClient({
    endpoint: emulator.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let created = 0;

  const untilActive = async (StreamName: string) => {
    for (;;) {
      const { StreamDescriptionSummary } = await client.send(
        new DescribeStreamSummaryCommand({ StreamName }),
      );
      if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
      await new Promise(setImmediate);
    }
  };

  return {
    endpoint: emulator.endpoint,
    server,
    client,
    async createStream(shards = 1) {
      created += 1;
      const StreamName = `stream-${created}`;
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
      await untilActive(StreamName);
      return StreamName;
    },
    async split(StreamName) {
      const ShardToSplit = 'shardId-000000000000';
      await client.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey: MIDDLE_HASH }));
      await untilActive(StreamName);
    },
    async merge(StreamName) {
      await client.send(
        new MergeShardsCommand({
          StreamName,
          ShardToMerge: 'shardId-000000000001',
          AdjacentShardToMerge: 'shardId-000000000002',
        }),
      );
      await untilActive(StreamName);
    },
    async close() {
      client.destroy();
      await emulator.close();
    },
  };
}
