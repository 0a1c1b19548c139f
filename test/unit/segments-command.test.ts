import { parseSegmentsCommand, runSegmentsCommand } from '../../local/cli/segments-command.ts';
import type { SegmentsConfig } from '../../shared/domain/segments/segment-source.ts';
import { announcementOf, type Announcement } from '../../shared/protocol/announcement.ts';
import { store } from '../../store.config.ts';
import { keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const DAY = 86_400_000;
const bought = (who: object, order: string, daysAgo = 0) => ({
  type: 'track',
  ...who,
  event: 'Order Completed',
  messageId: order,
  timestamp: new Date(NOW - daysAgo * DAY).toISOString(),
  properties: { order_id: order, total: 5, currency: 'EUR', payment_method: 'pix' },
});

async function run(
  stage: MemoryStage,
  args: readonly string[],
  config: SegmentsConfig = store.segments,
  changes: ((since: number) => AsyncIterable<Announcement>) | null = null,
) {
  const said: string[] = [];
  const command = parseSegmentsCommand(args);
  if (command.name === 'help') throw new Error('help was asked for');
  const code = await runSegmentsCommand(command, {
    items: async function* () {
      yield* stage.store.items();
    },
    store: stage.store,
    subjectKeys: () => Promise.resolve({ keyOf }),
    config,
    now: stage.clock.now(),
    say: (line) => void said.push(line),
    changes,
  });
  return { code, said: said.join('\n') };
}

const three = (who: object) => [bought(who, 'o1', 40), bought(who, 'o2', 20), bought(who, 'o3', 10)];

test('check says each segment in a sentence, with its size', async () => {
  const stage = memoryStage();
  await stage.learn([...three({ userId: 'ann' }), bought({ userId: 'bob' }, 'o4')]);
  const { code, said } = await run(stage, ['check']);

  expect(code).toBe(0);
  expect(said).toContain('2 people');
  expect(said).toContain(
    'high-value  1 (50.0 %)\n' +
      '  Three orders, or 200 EUR, within 90 days, the last at most 30 days ago.\n' +
      '  In if (the number of “Order Completed” within 90 days is at least 3, or the sum of “Order Completed” within 90 days is at least 200.00 EUR), and the last order lies less than 30 days back.',
  );
  expect(said).toContain('retention  1 (50.0 %)');
});

test('a user and their devices are one person, a device of nobody is another', async () => {
  const stage = memoryStage();
  await stage.learn([
    { type: 'identify', userId: 'ann', anonymousId: 'laptop', messageId: 'i1' },
    { type: 'page', anonymousId: 'laptop', messageId: 'p1' },
    { type: 'page', anonymousId: 'kiosk', messageId: 'p2' },
  ]);

  expect((await run(stage, ['check'])).said).toContain('2 people');
});

test('explain says what is asked, what the profile answers, and when it changes by itself', async () => {
  const stage = memoryStage();
  await stage.learn(three({ userId: 'ann' }));
  const { said } = await run(stage, ['explain', 'u:ann']);

  expect(said).toContain('journey stage  retention');
  // The first of the three orders is 90 days old in 50 days, the last 30 days old in 20: the sooner counts.
  const leaves = new Date(NOW + 20 * DAY).toISOString();
  expect(said).toContain(
    `yes high-value  ${store.segments.named['high-value']?.description}  [leaves by itself at ${leaves}, in 20 days]`,
  );
  expect(said).toContain('    yes the number of “Order Completed” within 90 days is at least 3: 3');
  expect(said).toContain('    no  the sum of “Order Completed” within 90 days');
  expect(said).toContain(
    `no  lapsing  ${store.segments.named.lapsing?.description}  [enters by itself at ${new Date(NOW + 80 * DAY).toISOString()}, in 80 days]`,
  );
});

test('of whom nothing is known nothing is explained', async () => {
  expect((await run(memoryStage(), ['explain', 'u:nobody'])).said).toBe(
    'nothing is known of u:nobody: in no segment',
  );
});

test('preview counts who would be in, and of whom it cannot be told', async () => {
  const stage = memoryStage();
  await stage.learn([...three({ userId: 'ann' }), bought({ userId: 'bob' }, 'o4')]);

  expect((await run(stage, ['preview', '{"orders.count":{"$gte":3}}'])).said).toBe(
    'In if the number of orders is at least 3.\nin              1 (50.0 %)\nout             1 (50.0 %)\ncannot be told  0 (0.0 %)',
  );
  const { said } = await run(stage, ['preview', '{"$count":{"event":"Coupon Applied","is":{"$gte":1}}}']);
  expect(said).toContain('cannot be told  2 (100.0 %)');
  expect(said).toContain('kept from its deployment on');
});

test('what is wrong with a condition is said with its path, and exit code 1', async () => {
  expect(await run(memoryStage(), ['preview', '{"orders.cuont":1}'])).toEqual({
    code: 1,
    said: 'unknown_field  condition.orders.cuont: a profile has no orders.cuont: did you mean "orders.count"?',
  });
  const named = { a: { description: '', when: { $segment: 'b' } } };
  expect((await run(memoryStage(), ['check'], { ...store.segments, named })).code).toBe(1);
});

test('watch tells who enters and leaves, each once however often it is told, and why if not by events', async () => {
  const entered = announcementOf('key-of-ann', {
    segment: 'high-value',
    isIn: true,
    at: NOW,
    version: 1,
    because: 'events',
  });
  const left = announcementOf('key-of-ann', {
    segment: 'high-value',
    isIn: false,
    at: NOW + DAY,
    version: 3,
    because: 'definition',
  });
  const asked: number[] = [];
  async function* changes(since: number) {
    asked.push(since);
    yield* [entered, entered, left];
  }
  const { code, said } = await run(memoryStage(), ['watch', '--since', '2h'], store.segments, changes);

  expect(code).toBe(0);
  expect(asked).toEqual([NOW - 2 * 3_600_000]);
  expect(said).toBe(
    '2026-01-15T12:00:00.000Z  enters high-value  key-of-ann\n' +
      '2026-01-16T12:00:00.000Z  leaves high-value  key-of-ann  (the segment is announced or means something else only now)',
  );
});

test('watch says what is missing where nothing is announced', async () => {
  await expect(run(memoryStage(), ['watch'])).rejects.toThrow('set announce: true in a segment');
});

test.each([
  [['explain'], 'takes a person'],
  [['explain', 'ann'], 'u:USER_ID'],
  [['preview'], 'as JSON'],
  [['watch', '--since', 'soon'], '"soon" is no duration'],
  [['preview', '{a'], 'no JSON'],
  [['preview', '{}', 'x'], 'one word too many'],
  [['chekc'], 'known are check, explain, preview and watch'],
  [['check', '--otuputs', 'x'], '--otuputs'],
])('%j is refused', (args, message) => {
  expect(() => parseSegmentsCommand(args)).toThrow(message);
});
