import { PutObjectCommand } from '@aws-sdk/client-s3';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StackNames } from '../../local/stack-names.ts';
import { stackParts } from '../../local/stack-parts.ts';
import { s3Client } from '../../shared/adapters/s3/s3-client.ts';
import { messageKeys, streamEventOf } from '../../shared/domain/accept.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { discardedBatch } from '../contract/discarded-batch.ts';
import { BROWSER, eventually, startLocalStack, type LocalStack } from './local-stack.ts';

let stack: LocalStack;
let names: StackNames;
beforeAll(async () => {
  stack = await startLocalStack();
  names = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
}, 120_000);
afterAll(() => stack.stop());

/** What a shop's server says, as the collector would put it into the stream. */
async function recordOf(event: object): Promise<{ readonly key: string; readonly data: string }> {
  const parsed = parseMessage({ type: 'track', ...event });
  if (!parsed.ok) throw new Error(parsed.rejection.message);
  const { keyOf } = await stackParts(names).subjectKeys();
  const { message } = parsed.value;
  const arrival = { source: 'server', receivedAt: Date.now() } as const;
  const made = streamEventOf(message, arrival, messageKeys(message, keyOf)).event;
  return { key: made.subject.key, data: JSON.stringify(made) };
}

/** A record under another's key: nothing is wrong with its event, so that it lands once it is where it belongs. */
const misplace = (data: string) =>
  stackParts(names).log.append('critical', [{ partitionKey: 'x'.repeat(22), data }]);

const list = (...args: readonly string[]) => stack.cli('quarantine', 'list', ...args);
const idsOf = (output: string) =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('  ')[4] ?? '');
const redrive = (...args: readonly string[]) => stack.cli('quarantine', 'redrive', ...args);
const profileOf = async (userId: string) => (await stack.get(`/v1/profiles/u%3A${userId}`)).body;
/** As if a redrive had been killed before it said that it was done; its entries look as they did before it. */
const forgetMarks = () =>
  rmSync(join(stack.dir, 'objects', names.quarantineBucket, 'redrive'), { recursive: true });

const bought = (userId: string, order: string) => ({
  event: 'Order Completed',
  userId,
  properties: { order_id: order, total: 12.5, currency: 'EUR', payment_method: 'pix' },
});

describe('from poison to profile', () => {
  test('an event is listed, shown and redriven; the profile has it once, however often it is redriven', async () => {
    const { data } = await recordOf(bought('fay', 'o1'));
    await misplace(data);
    const listed = await eventually(
      () => list('--code', 'wrong_partition'),
      ({ output }) => idsOf(output).length === 1,
    );
    expect(listed.output).toMatch(
      /^\d{4}-\S+Z {2}fold-profiles-critical {2}wrong_partition {2}subject\.key {2}critical\/shardId-\d+\/\d+\n1 entry: wrong_partition 1$/,
    );
    expect((await profileOf('fay')).exists).toBe(false);

    const [id = ''] = idsOf(listed.output);
    const shown = await stack.cli('quarantine', 'show', id);
    expect(shown.output).toContain(`id           ${id}\n`);
    expect(JSON.parse(shown.output.split('\n\n')[1] ?? '')).toEqual(JSON.parse(data));

    const tried = await redrive(id, '--dry-run');
    expect(tried.output.split('\n')[0]).toBe(`to be redriven  ${id}`);
    expect((await redrive(id)).output).toBe(
      `redriven  ${id}\nredriven 1, already-applied 0, window-passed 0, refused 0`,
    );
    const profile = await eventually(
      () => profileOf('fay'),
      ({ checkout }) => checkout?.payment?.pix !== undefined,
    );
    expect(profile).toMatchObject({
      orders: { count: 1, totals: { EUR: 1250 } },
      checkout: { payment: { pix: { uses: 1 } } },
    });

    expect((await redrive(id)).output).toMatch(/^redriven before {2}critical/);
    forgetMarks();
    expect((await redrive(id)).output).toMatch(/^already-applied {2}critical/);
    expect(await profileOf('fay')).toEqual(profile);
    expect((await list()).output).toBe('nothing is in quarantine');
    expect((await list('--redriven')).output).toMatch(/\(redriven\)\n1 entry: wrong_partition 1$/);
  }, 60_000);

  test('money that was quarantined twice, and redriven twice, counts once', async () => {
    const { data } = await recordOf({
      event: 'Order Refunded',
      userId: 'gus',
      properties: { order_id: 'o2', refund_id: 'r1', total: 3, currency: 'EUR' },
    });
    await misplace(data);
    await misplace(data);
    await eventually(list, ({ output }) => idsOf(output).length === 2);

    expect((await redrive('--code', 'wrong_partition')).output).toMatch(/redriven 2, already-applied 0/);
    forgetMarks();
    expect((await redrive('--all')).output).toMatch(/redriven 2, already-applied 1/);
    await stack.post('/v1/track', bought('gus', 'o3'));
    const profile = await eventually(
      () => profileOf('gus'),
      ({ orders }) => orders.count === 1,
    );
    expect(profile.orders.refunds).toEqual({ count: 1, totals: { EUR: 300 } });
  }, 60_000);

  test('the records of a batch that Lambda discarded are entries, and are redriven like any other', async () => {
    const { key, data } = await recordOf(bought('hal', 'o4'));
    const object = discardedBatch({
      stream: names.streams.critical,
      condition: 'RecordAgeExceeded',
      discardedAt: Date.now(),
      records: [{ sequence: '1', partitionKey: key, data: Buffer.from(data), arrivedAt: Date.now() - 1_000 }],
    });
    const client = await s3Client({
      endpoint: names.s3 ?? '',
      region: names.region ?? '',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await client.send(
      new PutObjectCommand({ Bucket: names.quarantineBucket, Key: object.key, Body: object.body }),
    );

    expect((await list('--function', 'fold-critical')).output).toMatch(
      / {2}fold-critical {2}record_age_exceeded {2}- {2}critical\/shardId-0{12}\/1\n1 entry: record_age_exceeded 1$/,
    );
    expect((await redrive('--code', 'record_age_exceeded')).output).toMatch(/redriven 1,/);
    const profile = await eventually(
      () => profileOf('hal'),
      ({ exists }) => exists,
    );
    expect(profile.orders.count).toBe(1);
  }, 60_000);

  test('what the collector turned down stays with its reason, a forged stream record too', async () => {
    const { data } = await recordOf(bought('ivy', 'o5'));
    const { body } = await stack.post('/v1/batch', { batch: [JSON.parse(data)] }, BROWSER);
    expect(body.rejected).toMatchObject([{ index: 0, code: 'missing', path: 'type' }]);

    const { output } = await redrive('--function', 'collect-events');
    expect(output).toMatch(/^refused {2}collect-events\/\S+ {2}missing: type is missing\n.*refused 1$/);
    expect((await list()).output).toMatch(/1 entry: missing 1$/);
    expect((await profileOf('ivy')).exists).toBe(false);
  }, 60_000);

  test('what cannot be done is one sentence and exit code 1', async () => {
    expect(await stack.cli('quarantine', 'show', 'nobody')).toEqual({
      code: 1,
      output: '',
      errors: 'there is no entry "nobody" in quarantine',
    });
    expect(await stack.cli('quarantine', 'list', '--outputs', '/no/such/file')).toMatchObject({
      code: 1,
      errors: 'there is no file /no/such/file',
    });
    expect(await stack.cli('sweep')).toMatchObject({
      code: 1,
      errors:
        'there is no command "sweep"; known are quarantine, audit, segments, decide, outcomes and privacy',
    });
    expect((await stack.cli()).output).toMatch(/^npm run cli -- quarantine list/);
  }, 60_000);
});
