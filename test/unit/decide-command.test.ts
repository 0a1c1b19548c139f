import { parseDecideCommand, runDecideCommand } from '../../local/cli/decide-command.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { store as config } from '../../store.config.ts';
import { memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const OPTIONS = '--payment=credit_card:card,invoice:invoice,bank:transfer';

async function run(stage: MemoryStage, ...args: readonly string[]): Promise<string> {
  const said: string[] = [];
  const command = parseDecideCommand(args);
  if (command.name === 'help') throw new Error('help was asked for');
  await runDecideCommand(command, {
    post: async (body) => JSON.parse(JSON.stringify(await stage.decide(JSON.stringify(body)))),
    config,
    now: stage.clock.now() + 5_000,
    say: (line) => void said.push(line),
  });
  return said.join('\n');
}

const paid = (order: string, method: string, properties: object = {}) => ({
  type: 'track',
  userId: 'ann',
  event: 'Order Completed',
  messageId: order,
  timestamp: new Date(NOW - 86_400_000).toISOString(),
  properties: { order_id: order, total: 5, currency: 'EUR', payment_method: method, ...properties },
});

/** Ann has paid twice by invoice, then by card, and had it sent by express. */
async function annsStage(): Promise<MemoryStage> {
  const stage = memoryStage();
  await stage.learn([
    paid('o1', 'invoice'),
    paid('o2', 'invoice', { shipping_method: 'express' }),
    { ...paid('o3', 'credit_card'), timestamp: new Date(NOW - 3_600_000).toISOString() },
  ]);
  return stage;
}

test('says who is known and how fresh that is', async () => {
  const said = await run(await annsStage(), 'u:ann', OPTIONS);

  expect(said).toContain('The checkout of u:ann, as of now\nThe account is known');
  expect(said).toContain('Its newest event was taken 5 s ago (2026-01-15T12:00:00.000Z)');
  expect(said).toMatch(/stood in the profile \d+ ms later\./);
  expect(said).toContain('Stage of its journey: retention.');
});

test('says why each option stands where it stands', async () => {
  const said = await run(await annsStage(), 'u:ann', OPTIONS, '--shipping=post:390:5,express:990:1');

  expect(said).toContain(
    [
      'Payment, by what this person did',
      '  1. invoice      used most (2 times)  62 % likely  preselected',
      '  2. credit_card  used last (2026-01-15)  31 % likely',
      "  3. bank         the shop's own order",
    ].join('\n'),
  );
  expect(said).toContain(
    [
      'Shipping, by what this person did',
      '  1. express  used most (once), used last (2026-01-14), the fastest  80 % likely',
      '  2. post     the cheapest  preselected',
      '  Rules that hold here did not let express be preselected, though it is the likeliest:',
      '    cheapest-preselected: Shopify, Delivery Customization Function API',
    ].join('\n'),
  );
});

test('says what the law moved, and where it is written', async () => {
  const said = await run(await annsStage(), 'u:ann', OPTIONS, '--country=SE');

  expect(said).toContain('The checkout of u:ann in SE, as of now');
  expect(said).toContain(
    [
      "  1. bank         the shop's own order",
      '  2. credit_card  used last (2026-01-15)  31 % likely',
      '  3. invoice      used most (2 times)  62 % likely',
      '  Rules that hold here moved invoice from 1 to 3, bank from 3 to 1; did not let invoice be preselected, though it is the likeliest:',
      '    se-debit-before-credit: Swedish Payment Services Act (2010:751) ch. 7 a § 1',
    ].join('\n'),
  );
});

test('a law that had nothing to correct is named all the same', async () => {
  const said = await run(memoryStage(), 'u:nobody', '--payment=bank:transfer,card:card', '--country=FI');

  expect(said).toContain('Nothing has been heard of it yet.');
  expect(said).toContain("Payment, in the shop's own order");
  expect(said).toContain('  Rules that hold here had nothing to correct:\n    fi-credit-last: ');
});

test('what went wrong is said, and that it is less for it', async () => {
  const stage = memoryStage({
    decisionStore: { query: () => Promise.reject(new StoreUnavailable('down')) },
  });
  const said = await run(stage, 'u:ann', OPTIONS);

  expect(said).toContain('Something went wrong on the way');
  expect(said).toContain(
    'nothing is known that would change it (the profile could not be read: its store is out of reach)',
  );
});

test('others of the region are told by their share', async () => {
  const stage = memoryStage();
  await stage.learn(
    Array.from({ length: 40 }, (_, at) => ({
      ...paid(`r${at}`, at % 4 === 0 ? 'bank' : 'invoice'),
      userId: `shopper-${at}`,
      context: { location: { country: 'DE', region: 'BY' } },
    })),
  );
  await stage.countRegions();
  const said = await run(stage, 'u:new', OPTIONS, '--country=DE', '--region=BY', '--slots=payment');

  expect(said).toContain('Payment, by what others choose there');
  expect(said).toContain('  1. invoice      popular (75 % of the shoppers) in the region DE, BY');
  expect(said).toContain('  2. bank         chosen by some (25 % of the shoppers) in the region DE, BY');
});

test('offers and messages are told with why, and what is missing of the others', async () => {
  const stage = await annsStage();
  await stage.learn([
    {
      type: 'track',
      userId: 'ann',
      event: 'Support Ticket Opened',
      messageId: 't1',
      properties: { ticket_id: 'T-7' },
    },
  ]);
  const said = await run(stage, 'u:ann', OPTIONS, '--currency=EUR', '--lines=p1:2:1000', '--country=DE');

  expect(said).toContain('Offers');
  expect(said).toContain(
    'free-shipping: “Free shipping”, 3000 EUR (minor units) are missing  because little is missing',
  );
  expect(said).toMatch(/ {2}not gold-gift, which asks: .*loyalty-gold/);
  expect(said).toContain('    no-preticked-add-ons: Directive 2011/83/EU art. 22');
  expect(said).toMatch(/support-follow-up: “.*T-7.*” {2}because a support ticket is open/);
});

test('only the slots that were asked for are answered', async () => {
  const said = await run(await annsStage(), 'u:ann', OPTIONS, '--slots=payment');

  expect(said).toContain('Payment');
  expect(said).not.toContain('Offers');
});

test('another time can be asked about', async () => {
  const said = await run(await annsStage(), 'u:ann', OPTIONS, '--at=2030-01-01T00:00:00Z');

  expect(said).toContain('as of 2030-01-01T00:00:00Z');
  expect(said).not.toContain('62 % likely');
});

test('with --json the answer comes as it is', async () => {
  const said = await run(await annsStage(), 'a:laptop', OPTIONS, '--json');

  expect(JSON.parse(said)).toMatchObject({ profile: { level: 'device' }, slots: { payment: {} } });
});

test('nothing that a shopper sent steers the terminal', async () => {
  const said = await run(await annsStage(), 'u:ann\u001b[2J', OPTIONS);

  expect(said).not.toContain('\u001b');
});

test('the API’s own refusal is passed on with its path', async () => {
  await expect(run(memoryStage(), 'u:ann', '--payment=a:bogus')).rejects.toThrow(
    /^answered 400: .*one of card.*\(checkout\.payment\[0\]\.kind\)$/,
  );
  await expect(run(memoryStage(), 'u:ann', '--slots=upsell')).rejects.toThrow('slots[0]');
});

test.each([
  ['no person', ['ann'], 'u:USER_ID'],
  ['a word too many', ['u:ann', 'bob'], '"bob"'],
  ['a flag that there is none of', ['u:ann', '--bogus'], '--bogus'],
  ['a price that is none', ['u:ann', '--shipping=post:cheap'], '"cheap"'],
  ['two places to ask', ['u:ann', '--url=http://x', '--outputs=y'], 'one of them'],
])('%s is refused', (_what, args, said) => {
  expect(() => parseDecideCommand(args)).toThrow(said);
});

test('without a person it says how it is used', () => {
  expect(parseDecideCommand([])).toEqual({ name: 'help' });
  expect(parseDecideCommand(['u:ann', '--help'])).toEqual({ name: 'help' });
});
