import { parseOutcomesCommand, runOutcomesCommand } from '../../local/cli/outcomes-command.ts';
import { subjectKeys } from '../../shared/adapters/secrets/subject-keys.ts';
import { decide } from '../../shared/domain/decide.ts';
import { decisionConfigOf } from '../../shared/domain/decision-config.ts';
import { decisionIdOf } from '../../shared/domain/decision-id.ts';
import { NO_SEGMENTS } from '../../shared/domain/segments/compile-segments.ts';
import { store } from '../../store.config.ts';
import { foldInMemory } from '../bench/fold-in-memory.ts';
import { checkoutMoments, type CheckoutMoment } from '../bench/ranking/checkout-moments.ts';
import { seededRandom } from '../bench/ranking/seeded-random.ts';
import { shopCheckouts } from '../bench/ranking/shop-checkouts.ts';
import { realEvents } from '../bench/real-events.ts';

/** The first of the file; `CARTWRIGHT_LONG` lifts it. */
const EVENTS = process.env.CARTWRIGHT_LONG === undefined ? 12_000 : Number.POSITIVE_INFINITY;
const OPTIONS = [
  { id: 'credit_card', kind: 'card' },
  { id: 'boleto', kind: 'voucher' },
  { id: 'voucher', kind: 'voucher' },
  { id: 'debit_card', kind: 'debit' },
] as const;
const METHODS = OPTIONS.map(({ id }) => id);
const DAY = 86_400_000;
const CONFIG = decisionConfigOf(store);
/** Under whose secret `foldInMemory` collects. */
const { keyOf } = subjectKeys('bench');

interface Order {
  readonly checkout: string;
  readonly method: string;
  readonly at: number;
}

/** Olist knows each checkout as a device of its own. */
function ordersByDevice(lines: readonly string[]): ReadonlyMap<string, Order> {
  const orders = new Map<string, Order>();
  for (const line of lines.filter((one) => one.includes('"Order Completed"'))) {
    const { anonymousId, timestamp, properties } = JSON.parse(line) as {
      readonly anonymousId: string;
      readonly timestamp: string;
      readonly properties: { readonly checkout_id: string; readonly payment_method?: string };
    };
    const { checkout_id: checkout, payment_method: method = '' } = properties;
    orders.set(anonymousId, { checkout, method, at: Date.parse(timestamp) });
  }
  return orders;
}

interface Shown {
  readonly rung: string;
  readonly order: readonly string[];
  readonly preselected?: string;
}

/** What the product would have shown a moment before the payment was chosen. */
function shownAt(moment: CheckoutMoment): Shown {
  const { payment } = decide(
    {
      level: 'account',
      isPartial: false,
      payment: OPTIONS,
      shipping: [],
      slots: ['payment'],
      segments: NO_SEGMENTS,
      country: moment.country,
      surroundings: moment.surroundings,
      ...(moment.profile && { profile: moment.profile }),
      consent: { globalPrivacyControl: false },
      consentRegime: 'opt-out',
      now: moment.at,
      explain: false,
    },
    CONFIG,
  ).slots;
  if (payment === undefined) throw new Error('no payment was decided');
  const preselected = payment.options.find((option) => option.preselected)?.id;
  return {
    rung: payment.source,
    order: payment.options.map(({ id }) => id),
    ...(preselected !== undefined && { preselected }),
  };
}

/** A shop whose events look like Olist's: what the test goes through where there is no real data. */
function madeUpShop(): readonly string[] {
  const random = seededRandom(11);
  return Array.from({ length: 600 }, (_, index) => {
    const method = METHODS[Math.floor(random() ** 2 * METHODS.length)];
    const at = Date.UTC(2026, 0, 1) + index * 3_600_000;
    const event = (name: string, later: number, properties: object): string =>
      JSON.stringify({
        type: 'track',
        event: name,
        messageId: `${name} ${index}`,
        userId: `shopper ${index % 250}`,
        anonymousId: `device ${index}`,
        timestamp: new Date(at + later).toISOString(),
        context: { location: { country: 'BR', region: 'SP' } },
        properties: { checkout_id: `c${index}`, payment_method: method, ...properties },
      });
    const order = { order_id: `o${index}`, total: 9, currency: 'BRL' };
    return [event('Payment Info Entered', 0, {}), event('Order Completed', 60_000, order)];
  }).flat();
}

const shops = realEvents()
  .filter(({ name }) => name === 'Olist')
  .map(({ name, lines }) => ({ shop: name as string, lines: lines.slice(0, EVENTS) }));

test.each([...shops, { shop: 'a made-up shop', lines: madeUpShop() }])(
  'of $shop: what the command counts of decisions shown in its checkouts is what a recount of them comes to',
  async ({ shop, lines }) => {
    const history = shopCheckouts(lines, METHODS);
    const orders = ordersByDevice(lines);
    const random = seededRandom(7);
    const sent: { readonly at: number; readonly line: string }[] = [];
    const expected = new Map<string, { shown: number; completed: number; places: number[]; taken: number }>();
    const rowOf = (rung: string) => {
      const row = expected.get(rung) ?? { shown: 0, completed: 0, places: [0, 0, 0, 0], taken: 0 };
      expected.set(rung, row);
      return row;
    };
    let messages = 0;
    const show = (shown: Shown, device: string, checkout: string, at: number): void => {
      const event = {
        type: 'track',
        event: 'Checkout Decision Shown',
        messageId: `shown ${++messages}`,
        anonymousId: device,
        timestamp: new Date(at).toISOString(),
        properties: {
          decision_id: decisionIdOf(`d${messages}`, keyOf),
          checkout_id: checkout,
          slots: {
            payment: {
              source: shown.rung,
              order: shown.order,
              ...(shown.preselected !== undefined && { preselected: shown.preselected }),
            },
          },
        },
      };
      // A client sends again what it has no answer to.
      for (let copies = random() < 0.2 ? 2 : 1; copies > 0; copies--)
        sent.push({ at, line: JSON.stringify(event) });
    };

    let index = 0;
    for await (const moment of checkoutMoments(history)) {
      const { device, at } = history[index++]!;
      const order = orders.get(device);
      if (order === undefined) continue;
      const shown = shownAt(moment);
      show(shown, device, order.checkout, at - 1);
      const row = rowOf(shown.rung);
      row.shown += 1;
      if (order.at >= at - 1 - DAY && order.at <= at - 1 + DAY) {
        row.completed += 1;
        const place = shown.order.indexOf(order.method);
        if (place >= 0) row.places[place] = (row.places[place] ?? 0) + 1;
        if (shown.preselected === order.method) row.taken += 1;
      }
      // Olist tells of no checkout that was left: every fourth shopper leaves one two days before.
      if (random() < 0.25) {
        show(shown, `${device} before`, `${order.checkout} left`, at - 2 * DAY);
        row.shown += 1;
      }
    }
    const all = [
      ...lines.map((line) => ({
        at: Date.parse((JSON.parse(line) as { timestamp: string }).timestamp),
        line,
      })),
      ...sent,
    ].sort((left, right) => left.at - right.at);
    const { items, rejected } = await foldInMemory(all.map(({ line }) => line));
    expect(rejected).toBe(0);

    const said: string[] = [];
    const command = parseOutcomesCommand(['--since', '2016-01-01']);
    if (command.name === 'help') throw new Error('help was asked for');
    await runOutcomesCommand(command, {
      items: async function* () {
        yield* items;
      },
      now: (all.at(-1)?.at ?? 0) + 2 * DAY,
      say: (line) => void said.push(line),
    });
    process.stderr.write(`outcomes, ${shop}:\n${said.join('\n')}\n`);

    const rows = [...expected].map(([rung, { shown, completed, places, taken }]) => ({
      rung,
      shown: [shown, 0, completed].map((count) => count.toLocaleString('en')),
      places: places.map((count) => count.toLocaleString('en')),
      taken: taken.toLocaleString('en'),
    }));
    expect(rows.map(({ rung }) => rung).sort()).toContain('regional');
    for (const { rung, shown, places, taken } of rows) {
      const cells = said.find((line) => line.startsWith(rung))?.split(/ {2,}/) ?? [];
      expect([rung, ...cells.slice(1, 4)]).toEqual([rung, ...shown]);
      expect([rung, ...cells.slice(5, 9)]).toEqual([rung, ...places]);
      if (cells.at(-1) !== '–') expect([rung, cells.at(-1)?.split(' of ')[0]]).toEqual([rung, taken]);
    }
  },
  600_000,
);
