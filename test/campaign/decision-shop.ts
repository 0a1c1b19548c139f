import { draw, seededRandom, type Random } from '../bench/ranking/seeded-random.ts';
import { AS_BROWSER, AS_SERVER, memoryStage, tokenFor, type MemoryStage } from '../memory-stage.ts';
import { shopEvents } from './shop-events.ts';

export const USERS = Array.from({ length: 8 }, (_, index) => `user ${index}`);
export const DEVICES = Array.from({ length: 8 }, (_, index) => `device ${index}`);
/** Buys like the others, and refused to be known, on a device that is hers. */
export const REFUSING = 'user who refuses';
const REFUSED_ON = 'device of refusal';
const REGULARS = 40;

/** What has happened in a shop: by whom a batch was sent, and what it said. */
export interface SentBatch {
  readonly source: 'server' | 'browser';
  readonly batch: readonly object[];
}

/** Shoppers with devices of their own and shared ones, and a region in which boleto is liked best. */
export function shopHistory(): readonly SentBatch[] {
  const bought = (userId: string, method: string, more: object = {}): object => ({
    type: 'track',
    event: 'Order Completed',
    messageId: `${userId} buys`,
    userId,
    properties: {
      order_id: `order of ${userId}`,
      total: 10,
      currency: 'BRL',
      payment_method: method,
      shipping_method: 'express',
    },
    ...more,
  });
  const SP = { context: { location: { country: 'BR', region: 'SP' } } };
  const regulars = Array.from({ length: REGULARS }, (_, index) => bought(`regular ${index}`, 'boleto', SP));
  const habits = USERS.map((user, index) => bought(user, ['card', 'pix', 'boleto'][index % 3] ?? 'card'));
  const refusal = {
    type: 'track',
    event: 'Consent Preference Updated',
    messageId: 'refusal',
    anonymousId: REFUSED_ON,
    properties: { consent: { personalization: false } },
  };
  const events = shopEvents(seededRandom(7), { events: 300, users: USERS, devices: DEVICES });
  return [
    {
      source: 'server',
      batch: [...regulars, bought(REFUSING, 'pix', { anonymousId: REFUSED_ON }), ...habits],
    },
    { source: 'browser', batch: [refusal] },
    ...Array.from({ length: Math.ceil(events.length / 50) }, (_, index) => ({
      source: 'server' as const,
      batch: events.slice(index * 50, (index + 1) * 50),
    })),
  ];
}

/** A shop in memory that has that history. */
export async function decisionShop(): Promise<MemoryStage> {
  const stage = memoryStage();
  for (const { source, batch } of shopHistory()) {
    await stage.collect('batch', { batch }, source === 'server' ? AS_SERVER : AS_BROWSER);
    await stage.deliver('critical');
    await stage.deliver('bulk');
  }
  await stage.countRegions();
  return stage;
}

export interface AskedDecision {
  readonly body: {
    readonly context: { readonly country?: string; readonly region?: string };
    readonly checkout: {
      readonly payment: readonly { readonly id: string; readonly kind?: string }[];
      readonly shipping: readonly { readonly id: string; readonly price: number }[];
    };
  };
  readonly headers: Readonly<Record<string, string>>;
  /** Names somebody of whom something may be read. */
  readonly isNamed: boolean;
  readonly userId?: string;
}

const PAYMENT = [
  { id: 'card', kind: 'card' },
  { id: 'pix', kind: 'transfer' },
  { id: 'boleto', kind: 'voucher' },
  { id: 'invoice', kind: 'invoice' },
  { id: 'debit', kind: 'debit' },
  { id: '__proto__' },
] as const;
const SHIPPING = [
  { id: 'express', price: 990 },
  { id: 'post', price: 390 },
  { id: 'pickup', price: 0 },
] as const;
const PLACES = [{}, { country: 'SE' }, { country: 'FI' }, { country: 'BR', region: 'SP' }] as const;
const CALLERS: ReadonlyMap<string, number> = new Map([
  ['nobody', 0.1],
  ['device', 0.2],
  ['token', 0.4],
  ['server', 0.3],
]);

/** How callers show who they are. */
export interface Doors {
  readonly asServer: Readonly<Record<string, string>>;
  readonly asBrowser: Readonly<Record<string, string>>;
  readonly tokenFor: (userId: string) => string;
}

const IN_MEMORY: Doors = { asServer: AS_SERVER, asBrowser: AS_BROWSER, tokenFor };

/** A checkout of anybody, anywhere, with anything on offer. */
export function askedDecision(random: Random, doors: Doors = IN_MEMORY): AskedDecision {
  const one = <Value>(of: readonly Value[]): Value => of[Math.floor(random() * of.length)]!;
  const some = <Value>(of: readonly Value[]): readonly Value[] =>
    of.filter(() => random() < 0.7).sort(() => random() - 0.5);
  const userId = random() < 0.15 ? REFUSING : one([...USERS, 'somebody new']);
  const anonymousId = one([...DEVICES, 'new device']);
  const withDevice = random() < 0.5 && { anonymousId };
  const caller = draw(CALLERS, random);
  const who = {
    nobody: {},
    device: { anonymousId },
    token: { token: doors.tokenFor(userId), ...withDevice },
    server: { userId, ...withDevice },
  }[caller];
  const events = random() < 0.2 && {
    events: [
      {
        type: 'track',
        event: 'Payment Info Entered',
        anonymousId,
        properties: { payment_method: 'pix', checkout_id: 'c1' },
      },
    ],
  };
  return {
    body: {
      ...who,
      ...events,
      context: one(PLACES),
      checkout: { payment: some(PAYMENT), shipping: some(SHIPPING) },
    },
    headers: caller === 'server' ? doors.asServer : doors.asBrowser,
    isNamed: caller !== 'nobody',
    ...(caller !== 'nobody' && caller !== 'device' && { userId }),
  };
}
