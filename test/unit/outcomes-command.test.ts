import { parseOutcomesCommand, runOutcomesCommand } from '../../local/cli/outcomes-command.ts';
import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const HOUR = 3_600_000;

async function run(stage: MemoryStage, ...args: readonly string[]): Promise<readonly string[]> {
  const said: string[] = [];
  const command = parseOutcomesCommand(args);
  if (command.name === 'help') throw new Error('help was asked for');
  await runOutcomesCommand(command, {
    items: async function* () {
      yield* stage.store.items();
    },
    now: stage.clock.now(),
    say: (line) => void said.push(line),
  });
  return said;
}

/** A shop's checkouts, one every ten minutes until `hoursAgo`; every other is completed, every third of those not by the first method. */
async function shop(hoursAgo: number, rung = 'personalized', order: readonly string[] = ['pix', 'card']) {
  const stage = memoryStage();
  for (let index = 0; index < 12; index++) {
    const at = NOW - hoursAgo * HOUR - index * 600_000;
    const who = { anonymousId: `device ${index}` };
    const checkout_id = `c${index}`;
    await stage.learn([
      {
        type: 'track',
        event: 'Checkout Decision Shown',
        ...who,
        messageId: `s${index}`,
        timestamp: new Date(at).toISOString(),
        properties: {
          decision_id: decisionIdOf(`d${index}`, keyOf),
          checkout_id,
          slots: { payment: { source: rung, order, preselected: order[0] } },
        },
      },
      ...(index % 2 === 0
        ? [
            {
              type: 'track',
              event: 'Order Completed',
              ...who,
              messageId: `o${index}`,
              timestamp: new Date(at + 60_000).toISOString(),
              properties: {
                order_id: `o${index}`,
                checkout_id,
                total: 5,
                currency: 'EUR',
                payment_method: order[index % 6 === 0 ? 1 : 0],
              },
            },
          ]
        : []),
    ]);
  }
  return stage;
}

test('a line for each rung: counts, the share with its interval, and the places of what was chosen', async () => {
  const [head, personalized, all, ...words] = await run(await shop(30));

  expect(head).toMatch(
    /^payment, by rung +shown +open +completed +share of those whose time is over \(95 %\) +1st +2nd/,
  );
  expect(personalized?.split(/ {2,}/)).toEqual([
    'personalized',
    '12',
    '0',
    '6',
    '50.0 % (25.4–74.6) of 12',
    '4',
    '2',
    '0',
    '0',
    '0',
    '1.33',
    '0.83',
    '4 of 6',
  ]);
  expect(all?.split(/ {2,}/).slice(1)).toEqual(personalized?.split(/ {2,}/).slice(1));
  expect(words.join('\n')).toContain('shown less than 24 h ago');
  expect(words.join('\n')).not.toContain('store-default');
});

test('what is still open takes no part in a share', async () => {
  const [, personalized] = await run(await shop(1));
  expect(personalized?.split(/ {2,}/).slice(0, 5)).toEqual(['personalized', '12', '6', '6', '–']);
  const [, sooner] = await run(await shop(1), '--window', '30m');
  expect(sooner?.split(/ {2,}/).slice(0, 5)).toEqual([
    'personalized',
    '12',
    '0',
    '6',
    '50.0 % (25.4–74.6) of 12',
  ]);
});

test('by order and by day, since a time', async () => {
  const stage = await shop(30);
  expect((await run(stage, '--by', 'order'))[1]).toMatch(/^pix > card +12 /);
  expect((await run(stage, '--by', 'day'))[1]).toMatch(/^2026-01-14 +12 /);
  const recent = await run(stage, '--since', '31h');
  expect(recent[1]).toMatch(/^personalized +7 /);
});

test('nothing shown is said, with what would be needed', async () => {
  const said = await run(await shop(30), '--slot', 'shipping');
  expect(said[0]).toBe('no shipping order was shown since 2026-01-08T12:00:00.000Z');
  expect(said[1]).toContain('Checkout Decision Shown');
});

test('of the shop’s own order it is said that only pages say it', async () => {
  expect((await run(await shop(30, 'store-default'))).at(-1)).toContain('only what pages say');
});

test('what the public calls its options moves no cursor and fills no line', async () => {
  const lines = await run(
    await shop(30, 'default', ['\u001b[2J\u202epix', 'y'.repeat(100)]),
    '--by',
    'order',
  );
  expect(lines.join('\n')).not.toContain('\u001b');
  expect(lines.join('\n')).not.toContain('\u202e');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(240);
});

test.each([
  [['--by', 'person'], 'one of rung, order, day'],
  [['--slot', 'offers'], 'one of payment, shipping'],
  [['--window', '1y'], 'a time like 30m'],
  [['--sinse', '7d'], '--sinse'],
  [['today'], 'today'],
])('%j is refused', (args, message) => {
  expect(() => parseOutcomesCommand(args)).toThrow(message);
});

test('--since that is no time is refused', async () => {
  await expect(run(await shop(30), '--since', 'yesterday')).rejects.toThrow('--since is "yesterday"');
});
