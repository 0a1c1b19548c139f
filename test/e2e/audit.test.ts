import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionInvoker } from '../../local/cli/invoke-function.ts';
import type { StackNames } from '../../local/stack-names.ts';
import { stackParts } from '../../local/stack-parts.ts';
import { dynamodbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts';
import { auditReportSchema } from '../../shared/protocol/audit.ts';
import * as v from 'valibot';
import { realEvents } from '../bench/real-events.ts';
import { BROWSER, eventually, SERVER, startLocalStack, type LocalStack } from './local-stack.ts';

/** Enough for full batches and pages of records; of the excerpt that ships, all. */
const REAL_EVENTS = 10_000;

let stack: LocalStack;
let names: StackNames;
let table: ReturnType<typeof dynamodbClient>;
beforeAll(async () => {
  stack = await startLocalStack();
  names = JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
  table = dynamodbClient({
    endpoint: names.dynamodb ?? '',
    region: names.region ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}, 120_000);
afterAll(() => stack.stop());

const bought = (who: object, order: string, messageId: string) => ({
  type: 'track',
  event: 'Order Completed',
  ...who,
  messageId,
  properties: { order_id: order, total: 12.5, currency: 'EUR', payment_method: 'pix' },
});
/** Counts come first, a line each; what is named follows. */
const COUNTS = 9;
const audit = async () => {
  const { code, output, errors } = await stack.cli('audit', '--distance', '0s');
  const lines = output.split('\n');
  const counts = Object.fromEntries(
    lines.slice(0, COUNTS).map((line) => {
      const [, name = '', count] = /^(\D+?)\s+(\d+)/.exec(line) ?? [];
      return [name, Number(count)];
    }),
  );
  return { code, counts, named: lines.slice(COUNTS), errors };
};
const statusOf = async ({ url }: LocalStack) =>
  (await (await fetch(`${url}/_local/status`)).json()) as {
    readonly metrics: readonly { readonly name: string; readonly sum: number; readonly count: number }[];
  };
/** Asks until what was sent last has arrived. */
const auditOf = (records: number) =>
  eventually(audit, ({ counts }) => counts.records === records && counts.gap === 0);
const keyOf = async (subject: string) => (await stackParts(names).subjectKeys()).keyOf(subject);
const refOf = async (subject: string, item: string) => ({
  TableName: names.profilesTable,
  Key: { pk: { S: await keyOf(subject) }, sk: { S: item } },
});
type Item = Record<string, AttributeValue>;

/** Has an item changed behind the product's back for as long as a test looks. */
async function tampered<Found>(
  subject: string,
  item: string,
  change: (item: Item) => Item | undefined,
  look: () => Promise<Found>,
): Promise<Found> {
  const ref = await refOf(subject, item);
  const { Item: before } = await table.send(new GetItemCommand(ref));
  if (!before) throw new Error(`${subject} has no ${item}`);
  const after = change(before);
  if (after) await table.send(new PutItemCommand({ TableName: names.profilesTable, Item: after }));
  else await table.send(new DeleteItemCommand(ref));
  try {
    return await look();
  } finally {
    await table.send(new PutItemCommand({ TableName: names.profilesTable, Item: before }));
  }
}
const gapLine = (finding: string, key: string, facets: string) =>
  new RegExp(`^gap {2}${finding} {2}(critical|bulk)/shardId-0{12}/\\d+ {2}${key} {2}${facets} {2}\\S+Z$`);

describe('an audit of the local run', () => {
  test('accounts for all that was sent: applied, deduplicated, quarantined', async () => {
    const batch = [
      bought({ userId: 'ann' }, 'o1', 'm1'),
      bought({ userId: 'ann' }, 'o1', 'm1'),
      bought({ userId: 'ann' }, 'o2', 'm2'),
      { ...bought({ userId: 'ann' }, 'o3', 'm3'), properties: { total: 3 } },
      { type: 'page', userId: 'ann', messageId: 'm4' },
      bought({ userId: 'bob' }, 'o4', 'm5'),
    ];
    expect((await stack.post('/v1/batch', { batch }, SERVER)).body).toEqual({ success: true });
    await stack.post('/v1/batch', { batch: [bought({ anonymousId: 'laptop' }, 'o5', 'm6')] }, BROWSER);

    expect(await auditOf(7)).toMatchObject({
      code: 0,
      counts: {
        applied: 5,
        deduplicated: 1,
        quarantined: 1,
        pending: 0,
        gap: 0,
        'profiles compared': 3,
        mismatches: 0,
      },
      named: [],
      errors: '',
    });
  }, 60_000);

  test('names the records of a facet that is gone, and is well again when it is back', async () => {
    const { code, counts, named } = await tampered('u:bob', 'checkout', () => undefined, audit);
    expect([code, counts.gap]).toEqual([1, 1]);
    expect(named).toEqual([
      expect.stringMatching(gapLine('behind', await keyOf('u:bob'), 'orders checkout')),
    ]);
    expect(await audit()).toMatchObject({ code: 0, counts: { gap: 0 } });
  }, 60_000);

  test('names a record above a watermark that was taken back', async () => {
    const earlier = ({ w, ...item }: Item): Item => {
      const bytes = Uint8Array.from(w?.B ?? []);
      bytes.fill(0, bytes.length - 1);
      return { ...item, w: { B: bytes } };
    };
    const { named } = await tampered('u:ann', 'browse', earlier, audit);
    expect(named).toEqual([expect.stringMatching(gapLine('behind', await keyOf('u:ann'), 'browse'))]);
  }, 60_000);

  test('names a record that was skipped, though the watermark went on', async () => {
    const withoutNewest = ({ r, ...item }: Item): Item => ({
      ...item,
      ...(r && { r: { B: (r.B ?? new Uint8Array()).slice(0, -6) } }),
    });
    const { named } = await tampered('u:ann', 'checkout', withoutNewest, audit);
    expect(named).toEqual([
      expect.stringMatching(gapLine('skipped', await keyOf('u:ann'), 'orders checkout')),
    ]);
  }, 60_000);

  test('names a record whose entry is gone from quarantine', async () => {
    const objects = join(stack.dir, 'objects', names.quarantineBucket, 'quarantine');
    const [file = ''] = readdirSync(objects, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.includes('critical'),
    );
    renameSync(join(objects, file), join(stack.dir, 'aside'));
    const { code, counts, named } = await audit();
    renameSync(join(stack.dir, 'aside'), join(objects, file));
    expect([code, counts.gap, counts.quarantined]).toEqual([1, 1, 0]);
    expect(named).toEqual([expect.stringMatching(gapLine('unkept', await keyOf('u:ann'), '-'))]);
  }, 60_000);

  test('names a profile whose state is not what its events say', async () => {
    const dearer = ({ s, ...item }: Item): Item => ({
      ...item,
      s: { S: (s?.S ?? '').replace('1250', '1260') },
    });
    const { code, counts, named } = await tampered('u:bob', 'orders', dearer, audit);
    expect([code, counts.gap, counts.mismatches]).toEqual([1, 0, 1]);
    expect(named).toEqual([
      expect.stringMatching(new RegExp(`^mismatch {2}whole {2}${await keyOf('u:bob')} {2}orders `)),
    ]);
  }, 60_000);

  test('on its schedule says in metrics what it finds, and says a gap again until it is closed', async () => {
    const scheduled = async () => {
      const invoke = functionInvoker(names);
      return v.parse(
        auditReportSchema,
        await invoke(names.auditFunction ?? '', { scheduled: { distanceMs: 0 } }),
      );
    };
    const sums = async () => {
      const { metrics } = await statusOf(stack);
      return Object.fromEntries(metrics.map(({ name, sum, count }) => [name, [sum, count]]));
    };
    const first = await tampered('u:bob', 'checkout', () => undefined, scheduled);
    expect(first).toMatchObject({ records: 7, gap: 1 });
    expect(await sums()).toMatchObject({ ReconciliationGap: [1, 1], RecordsAudited: [7, 1] });

    expect(await scheduled()).toMatchObject({ records: 0, gap: 0 });
    await stack.post('/v1/track', bought({ userId: 'bob' }, 'o6', 'm7'), SERVER);
    await auditOf(8);
    expect(await scheduled()).toMatchObject({ records: 1, applied: 1, gap: 0 });
    expect(await sums()).toMatchObject({
      ReconciliationGap: [1, 3],
      RecordsAudited: [8, 3],
      ProfileMismatches: [0, 3],
      AuditLag: [expect.any(Number), 3],
    });
  }, 60_000);

  test('what it cannot do is one sentence and exit code 1', async () => {
    expect(await stack.cli('audit', '--distance', 'soon')).toEqual({
      code: 1,
      output: '',
      errors: '--distance is "soon", but it is a time like 60s or 10m',
    });
    expect(await stack.cli('audit', '--outputs', '/no/such/file')).toMatchObject({
      code: 1,
      errors: 'there is no file /no/such/file',
    });
    expect((await stack.cli('audit', '--help')).output).toMatch(/^npm run cli -- audit /);
  }, 60_000);
});

test('the local run audits on the schedule of its template', async () => {
  const assembly = join(stack.dir, 'every-minute');
  cpSync(join(stack.dir, 'cdk.out'), assembly, { recursive: true });
  const file = join(assembly, 'Cartwright-dev-Service.template.json');
  const template = readFileSync(file, 'utf8');
  expect(template).toContain('"rate(1 hour)"');
  writeFileSync(file, template.replace('"rate(1 hour)"', '"rate(1 minute)"'));

  const other = await startLocalStack({}, ['--assembly', assembly]);
  try {
    const startedAt = Date.now();
    const audits = async (): Promise<number> => {
      const { metrics } = await statusOf(other);
      return metrics.find(({ name }) => name === 'ReconciliationGap')?.count ?? 0;
    };
    expect(await eventually(audits, (count) => count > 0, 90_000)).toBe(1);
    expect(Date.now() - startedAt).toBeGreaterThan(45_000);
  } finally {
    await other.stop();
  }
}, 150_000);

test('real events, replayed: every record is accounted for, and every profile is what they say', async () => {
  const [{ name, lines } = { name: '', lines: [] }] = realEvents();
  const events = lines.slice(0, REAL_EVENTS);
  const before = (await audit()).counts;
  const { code, output } = await stack.replay('-', events.join('\n'));
  expect([code, output]).toEqual([0, expect.stringMatching(/gap 0$/)]);
  const accepted = Number(/accepted (\d+) /.exec(output)?.[1]);

  const found = await stack.cli('audit', '--distance', '0s', '--profiles', '10000');
  process.stderr.write(`${name}, first ${events.length} events\n${found.output}\n`);
  expect(found.code).toBe(0);
  expect(found.output).toContain(`records ${String(accepted + (before.records ?? 0)).padStart(19)}\n`);
  expect(found.output).toMatch(/\ngap {23}0\nprofiles compared +[1-9]\d* .*\nmismatches {16}0$/);
}, 300_000);

test('the segments of the people in it are said, and why one of them is in one', async () => {
  const check = await stack.cli('segments', 'check');
  expect([check.code, check.errors]).toEqual([0, '']);
  expect(check.output).toMatch(/^[\d,]+ people$/m);
  expect(check.output).toMatch(/^high-value {2}[\d,]+ \(\d+\.\d %\)$/m);

  const explain = await stack.cli('segments', 'explain', 'u:ann');
  expect(explain.output).toContain('journey stage  retention');
});
