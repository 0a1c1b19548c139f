import { parseAuditCommand, runAuditCommand, type AuditCommand } from '../../local/cli/audit-command.ts';
import { itemOf, keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const bought = (userId: string, order: string) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  messageId: order,
  properties: { order_id: order, total: 5, currency: 'EUR' },
});

async function run(stage: MemoryStage, args: string, remainingMs?: readonly number[]) {
  const said: string[] = [];
  const notes: string[] = [];
  const asked: unknown[] = [];
  const command = parseAuditCommand(args.split(' ').filter(Boolean)) as Extract<
    AuditCommand,
    { name: 'audit' }
  >;
  const code = await runAuditCommand(command, {
    invoke: (event) => {
      asked.push(event);
      return stage.audit(event, remainingMs);
    },
    now: stage.clock.now(),
    say: (line) => void said.push(line),
    note: (line) => void notes.push(line),
  });
  return { code, said, notes, asked };
}

test('all well is a table and exit code 0', async () => {
  const stage = memoryStage();
  await stage.learn([bought('ann', 'o1'), bought('ann', 'o1'), bought('bob', 'o2')]);
  await stage.learn([{ ...bought('bob', 'o3'), properties: {} }]);
  await stage.collect('batch', { batch: [bought('eve', 'o4')] });
  expect(await run(stage, '')).toMatchObject({
    code: 0,
    said: [
      'records                   5',
      'applied                   2',
      'deduplicated              1',
      'quarantined               1',
      'suppressed                0',
      'pending                   1',
      'gap                       0',
      'profiles compared         2  0 of them in their money alone',
      'mismatches                0',
    ],
  });
});

test('a gap and a mismatch are named, and exit code 1', async () => {
  const stage = memoryStage();
  await stage.learn([bought('ann', 'o1')]);
  await stage.collect('batch', { batch: [bought('eve', 'o2')] });
  const { code, said } = await run(stage, '--distance 0s');
  expect([code, said.slice(9)]).toEqual([
    1,
    [
      `gap  behind  critical/shardId-000000000000/9  ${keyOf('u:eve')}  orders checkout  2026-01-15T12:00:00.000Z`,
    ],
  ]);

  await stage.deliver('critical');
  const item = itemOf(stage, 'u:eve', 'orders');
  if (item) stage.store.tamper({ ...item, state: item.state.replace('500', '600') });
  const after = await run(stage, '--distance 0s');
  expect(after.code).toBe(1);
  expect(after.said.slice(8)).toEqual([
    'mismatches                1',
    expect.stringMatching(
      new RegExp(`^mismatch  whole  ${keyOf('u:eve')}  orders  stored [0-9a-f]{16}  expected [0-9a-f]{16}$`),
    ),
  ]);
});

test('of many gaps the first twenty are named, and the others counted', async () => {
  const stage = memoryStage();
  const batch = Array.from({ length: 250 }, (_, index) => bought(`user-${index}`, `o${index}`));
  await stage.collect('batch', { batch });
  const { said } = await run(stage, '--distance 0s', [600_000, 0]);
  expect(said.slice(6, 7)).toEqual(['gap                     250']);
  expect(said.slice(9)).toHaveLength(21);
  expect(said.at(-1)).toBe('… and 230 more');
});

test('an audit that does not end in one call is gone on with, up to the time when it began', async () => {
  const stage = memoryStage();
  const batch = Array.from({ length: 250 }, (_, index) => bought(`user-${index}`, `o${index}`));
  await stage.learn(batch);
  const { code, said, notes, asked } = await run(stage, '--since 24h --profiles 30', [600_000, 0]);
  expect([code, said[0], said[7]]).toEqual([
    0,
    'records                 250',
    'profiles compared        90  0 of them in their money alone',
  ]);
  // One shard or page a call: the quiet shard of the other lane, which is further behind, has its turn too.
  expect(notes.map((line) => Number.parseInt(line, 10))).toEqual([100, 100, 200, 250]);
  expect(asked).toMatchObject([
    { audit: { since: NOW - 86_400_000, profiles: 30 } },
    { audit: { until: NOW, position: { 'critical/shardId-000000000000': { until: NOW - 1 } } } },
    { audit: { until: NOW, position: { 'bulk/shardId-000000000000': { until: NOW } } } },
    { audit: { until: NOW } },
    { audit: { until: NOW } },
  ]);
});

test('an audit that does not get on is given up', async () => {
  await expect(run(memoryStage(), '', [0])).rejects.toThrow(/does not get on/);
});

test('an answer in words of another version is said to be one', async () => {
  const dependencies = { invoke: () => Promise.resolve({ gap: 0 }), now: 0, say: () => {}, note: () => {} };
  await expect(runAuditCommand({ name: 'audit' }, dependencies)).rejects.toThrow(/another version/);
});

test.each<[string, AuditCommand | RegExp]>([
  ['', { name: 'audit' }],
  ['--help', { name: 'help' }],
  [
    '--since 7d --distance 10m --profiles 5 --outputs o.json',
    { name: 'audit', since: '7d', distanceMs: 600_000, profiles: 5, outputs: 'o.json' },
  ],
  ['--distance 2h', { name: 'audit', distanceMs: 7_200_000 }],
  ['--distance soon', /--distance is "soon"/],
  ['--distance 5', /--distance is "5"/],
  ['--profiles all', /--profiles is "all"/],
  ['--profiles 10001', /from 0 to 10000/],
  ['--all', /Unknown option '--all'/],
  ['now', /Unexpected argument 'now'/],
])('%j is understood, or refused in a sentence', (args, expected) => {
  const words = args.split(' ').filter(Boolean);
  if (expected instanceof RegExp) expect(() => parseAuditCommand(words)).toThrow(expected);
  else expect(parseAuditCommand(words)).toEqual(expected);
});
