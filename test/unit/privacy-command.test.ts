import { parsePrivacyCommand, runPrivacyCommand } from '../../local/cli/privacy-command.ts';
import { memoryProfileStore } from '../../shared/adapters/memory/memory-profile-store.ts';
import { memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const bought = (userId: string, order: string) => ({
  type: 'track',
  userId,
  anonymousId: `${userId}s phone`,
  event: 'Order Completed',
  messageId: order,
  timestamp: new Date(NOW - 1_000).toISOString(),
  properties: { order_id: order, total: 5, currency: 'EUR', payment_method: 'pix' },
});

async function run(stage: MemoryStage, line: string): Promise<string> {
  const said: string[] = [];
  const command = parsePrivacyCommand(line.split(' ').filter((word) => word !== ''));
  if (command.name === 'help') throw new Error('help was asked for');
  await runPrivacyCommand(command, {
    call(method, path) {
      const subject = decodeURIComponent(path.slice('/v1/profiles/'.length));
      return method === 'GET' ? stage.profile(subject) : stage.erase(subject);
    },
    erasing: () => stage,
    say: (text) => void said.push(text),
  });
  return said.join('\n');
}

test.each([
  ['erase', 'privacy erase takes a person: u:USER_ID or a:ANONYMOUS_ID'],
  ['export ann', 'privacy export takes a person: u:USER_ID or a:ANONYMOUS_ID'],
  ['erase u:ann u:bob', '"u:bob" is one word too many'],
  ['reapply u:ann', '"u:ann" is one word too many'],
  ['forget u:ann', 'there is no command "privacy forget"; known are export, erase and reapply'],
  ['erase u:ann --force', "Unknown option '--force'"],
])('%s: %s', (line, message) => {
  expect(() => parsePrivacyCommand(line.split(' '))).toThrow(message);
});

test('help is what nothing and --help ask for, and a stage may be named', () => {
  expect(parsePrivacyCommand([])).toEqual({ name: 'help' });
  expect(parsePrivacyCommand(['erase', '--help'])).toEqual({ name: 'help' });
  expect(parsePrivacyCommand(['reapply', '--outputs', 'o.json'])).toEqual({
    name: 'reapply',
    outputs: 'o.json',
  });
});

test('export prints all that is stored, erase erases it, and says what there was', async () => {
  const stage = memoryStage();
  await stage.learn([bought('ann', 'o1')]);

  const exported = JSON.parse(await run(stage, 'export u:ann')) as { records: { orders: unknown[] }[] };
  expect(exported).toMatchObject({
    subject: 'u:ann',
    exportedAt: '2026-01-15T12:00:00.000Z',
    profile: { exists: true, orders: { count: 1, totals: { EUR: 500 } } },
  });
  expect(exported.records[0]?.orders).toEqual([
    {
      id: expect.any(String) as string,
      kind: 'order',
      at: '2026-01-15T11:59:59.000Z',
      amount: 500,
      currency: 'EUR',
      cancelledAt: null,
      deliveredAt: null,
    },
  ]);

  expect(JSON.parse(await run(stage, 'erase u:ann'))).toMatchObject({ subject: 'u:ann', devices: 1 });
  expect((await stage.profile('u:ann')).body).toMatchObject({ exists: false });
});

test('a stage that cannot do it says so, and so does the command', async () => {
  const stage = memoryStage();
  stage.store.failNext('before', 1);

  await expect(run(stage, 'erase u:ann')).rejects.toThrow(/^the stage answers 503: .*ask again/);
});

test('reapply erases anew what a restored table has again, and leaves whoever came since alone', async () => {
  const stage = memoryStage();
  await stage.learn([bought('ann', 'o1'), bought('bob', 'o2')]);
  const backup = stage.store.items();
  await stage.erase('u:ann');
  const restored = memoryProfileStore();
  backup.forEach(restored.tamper);
  Object.assign(stage.store, restored);
  expect((await stage.profile('u:ann')).body).toMatchObject({ exists: true });

  expect(await run(stage, 'reapply')).toMatch(/^2 subjects were erased; \d items .* again say nothing now$/);

  expect((await stage.profile('u:ann')).body).toMatchObject({ exists: false, links: [] });
  expect((await stage.profile('a:anns phone')).body).toMatchObject({ exists: false });
  expect((await stage.profile('u:bob')).body).toMatchObject({ exists: true });
  stage.clock.advance(60_000);
  await stage.learn([{ ...bought('ann', 'o3'), timestamp: new Date(NOW + 1).toISOString() }]);
  const before = stage.store.items();
  expect(await run(stage, 'reapply')).toMatch(/; 0 items /);
  expect(stage.store.items()).toEqual(before);
});

test('an export holds old orders too, and every device of a user that is nobody else’s', async () => {
  const stage = memoryStage();
  await stage.learn(Array.from({ length: 90 }, (_, index) => bought('ann', `o${index}`)));
  await stage.learn([{ ...bought('bob', 'p1'), anonymousId: 'kiosk' }]);
  await stage.learn([{ ...bought('ann', 'p2'), anonymousId: 'kiosk' }]);
  await stage.learn([
    { type: 'page', anonymousId: 'anns phone', name: 'Home' },
    { type: 'page', anonymousId: 'kiosk', name: 'Home' },
  ]);

  const { records } = JSON.parse(await run(stage, 'export u:ann')) as {
    records: { items: { item: string; rememberedMessages: number }[]; orders: { amount: number }[] }[];
  };
  expect(records).toHaveLength(2);
  expect(records[0]?.orders.map(({ amount }) => amount)).toEqual(Array.from({ length: 91 }, () => 500));
  expect(records[0]?.items.map(({ item }) => item)).toEqual(
    expect.arrayContaining(['checkout', 'orders', 'orders#0']) as string[],
  );
  expect(records[0]?.items.find(({ item }) => item === 'checkout')?.rememberedMessages).toBe(32);
  expect(records[1]?.items.map(({ item }) => item)).toEqual(['browse', 'link']);
});
