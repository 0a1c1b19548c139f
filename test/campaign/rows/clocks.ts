import { isDeepStrictEqual } from 'node:util';
import { seededRandom, shuffled, type Random } from '../../bench/ranking/seeded-random.ts';
import { factsOf, type AccountFacts } from '../../property/account-model.ts';
import { memoryStage, NOW, type MemoryStage } from '../../memory-stage.ts';
import { pureRow, type Row, type Trial } from '../row.ts';
import { shopEvents } from '../shop-events.ts';

/** As many as any ring remembers: shuffling must not put a repetition out of its reach. */
const EVENTS_A_RUN = 32;
const DAY_MS = 86_400_000;
const DECADE_MS = 3_652 * DAY_MS;
const OFFSETS = [0, -DAY_MS, DAY_MS, -DECADE_MS, DECADE_MS];

/** An event as it left a device: when it happened by the sun, and how wrong the device's clock is. */
interface Sent {
  readonly event: object;
  readonly happenedAt: number;
  readonly offsetMs: number;
}

export const clocks: Row = pureRow({
  name: 'clocks',
  input: 'clocks wrong by ± 1 day and ± 10 years, events late and in any order',
  holds:
    'facts are those of right clocks and events in order of time (merge law); a future clock pins nothing',
  runs: { short: 60, long: 5_000 },
  async run(seed): Promise<Trial> {
    const random = seededRandom(seed);
    const sent = shopEvents(random, { events: EVENTS_A_RUN, users: ['ann'], devices: ['phone'] }).map(
      (event): Sent => ({
        event,
        happenedAt: Date.parse((event as { readonly timestamp: string }).timestamp),
        offsetMs: OFFSETS[Math.floor(random() * OFFSETS.length)]!,
      }),
    );
    const right = memoryStage();
    for (const one of [...sent].sort((a, b) => a.happenedAt - b.happenedAt))
      await send(right, { ...one, offsetMs: 0 });
    const wrong = memoryStage();
    for (const one of shuffled(sent, random)) await send(wrong, one);

    const violations: string[] = [];
    for (const subject of ['u:ann', 'a:phone']) {
      const [wanted, found] = [await factsIn(right, subject), await factsIn(wrong, subject)];
      if (!isDeepStrictEqual(found, wanted))
        violations.push(`${subject} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
    }
    violations.push(...(await pinned(random)));
    return { counts: { events: sent.length }, violations };
  },
});

/** A request of its own, on its way for no time, whose device says by its own clock when things were. */
async function send(
  { collect, deliver, clock }: MemoryStage,
  { event, happenedAt, offsetMs }: Sent,
): Promise<void> {
  const own = (at: number): string => new Date(at + offsetMs).toISOString();
  const { status } = await collect('batch', {
    batch: [{ ...event, timestamp: own(happenedAt) }],
    sentAt: own(clock.now()),
  });
  const failed = [await deliver('critical'), await deliver('bulk')];
  if (status !== 200 || failed.some((sequence) => sequence !== null)) throw new Error('not taken');
}

async function factsIn(stage: MemoryStage, subject: string): Promise<AccountFacts> {
  return factsOf((await stage.profile(subject)).body);
}

/** What a clock ten years ahead said, with nothing beside it to correct it, must give way to what is said after. */
async function pinned(random: Random): Promise<readonly string[]> {
  const stage = memoryStage();
  const say = async (word: string, at: number): Promise<void> => {
    await stage.learn(
      [
        { type: 'identify', traits: { address: { country: word } }, context: { locale: word } },
        { type: 'track', event: 'Loyalty Tier Changed', properties: { tier: word } },
        { type: 'track', event: 'Support Ticket Opened', properties: { ticket_id: word } },
        {
          type: 'track',
          event: 'Cart Viewed',
          properties: { products: [{ product_id: word, quantity: 1 }] },
        },
        {
          type: 'track',
          event: 'Consent Preference Updated',
          properties: { consent: { personalization: word === 'SE' } },
        },
      ].map((event) => ({ ...event, userId: 'ann', timestamp: new Date(at).toISOString() })),
    );
  };
  await say('BR', NOW + DECADE_MS);
  stage.clock.advance(1 + Math.floor(random() * DAY_MS));
  await say('SE', stage.clock.now());
  const { checkout, consent } = (await stage.profile('u:ann')).body as {
    readonly checkout: {
      readonly address: { readonly country: string };
      readonly locale: string;
      readonly loyaltyTier: string;
      readonly cart: { readonly lines: readonly { readonly productId: string }[] };
    };
    readonly consent: { readonly personalization: boolean };
  };
  const said = [
    checkout.address.country,
    checkout.locale,
    checkout.loyaltyTier,
    checkout.cart.lines.map(({ productId }) => productId).join(),
    consent.personalization ? 'SE' : 'BR',
  ];
  return said.every((word) => word === 'SE') ? [] : [`a future clock pins ${said.join(', ')}`];
}
