import fc from 'fast-check';
import { manualTimer } from '../../shared/adapters/memory/manual-timer.ts';
import { StoreUnavailable } from '../../shared/ports/profile-store.ts';
import { AS_BROWSER, AS_SERVER, keyOf, memoryStage, type MemoryStage } from '../memory-stage.ts';

const DEVICES = Array.from({ length: 22 }, (_, index) => `device ${index}`);
const METHODS = ['card', 'pix', 'boleto'];
const day = (index: number): string => `2026-01-${String(1 + (index % 12)).padStart(2, '0')}T12:00:00Z`;

interface DeviceSketch {
  readonly proof: 'proven' | 'claimed';
  readonly says: boolean | null;
  /** The day of what it says. */
  readonly at: number;
  /** The day on which it was last seen with its user: what it says may be older or newer. */
  readonly seen: number;
}

async function learnAnn(
  stage: MemoryStage,
  devices: readonly DeviceSketch[],
  says: boolean | null,
): Promise<void> {
  const consent = (ids: object, value: boolean, index: number) => ({
    type: 'track',
    event: 'Consent Preference Updated',
    messageId: `consent ${index}`,
    timestamp: day(index),
    properties: { consent: { personalization: value } },
    ...ids,
  });
  const bought = (ids: object, index: number) => ({
    type: 'track',
    event: 'Order Completed',
    messageId: `order ${index}`,
    timestamp: day(index),
    properties: { order_id: `o${index}`, total: 9, currency: 'EUR', payment_method: METHODS[index % 3] },
    ...ids,
  });
  await stage.learn([bought({ userId: 'ann' }, 30)]);
  if (says !== null) await stage.learn([consent({ userId: 'ann' }, says, 5)]);
  for (const [index, { proof, says: choice, at, seen }] of devices.entries()) {
    const anonymousId = DEVICES[index];
    const link = {
      type: 'identify',
      messageId: `link ${index}`,
      userId: 'ann',
      anonymousId,
      timestamp: day(seen),
    };
    await stage.learn([link], proof === 'proven' ? AS_SERVER : AS_BROWSER);
    const own = [
      bought({ anonymousId }, index),
      ...(choice === null ? [] : [consent({ anonymousId }, choice, at)]),
    ];
    await stage.learn(own, AS_BROWSER);
  }
}

const device = fc.record({
  proof: fc.constantFrom('proven' as const, 'proven' as const, 'claimed' as const),
  says: fc.constantFrom(true, false, null, null),
  at: fc.nat({ max: 11 }),
  seen: fc.nat({ max: 11 }),
});

test('what cannot be read never opens more than all of it would: a refusal may be unread (fails closed)', async () => {
  const seen = { personal: 0, partial: 0, closed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 3, arbitrary: fc.array(device, { maxLength: 5 }) },
        { weight: 1, arbitrary: fc.array(device, { minLength: 6, maxLength: DEVICES.length, size: 'max' }) },
      ),
      fc.constantFrom(true, null, null, false),
      fc.constantFrom('opt-in' as const, 'opt-out' as const),
      fc.constantFrom(undefined, true),
      fc.option(fc.constantFrom(...DEVICES.slice(0, 5)), { nil: undefined }),
      fc.infiniteStream(fc.boolean()),
      async (devices, says, consentRegime, stated, anonymousId, fates) => {
        const broken = new Set<string>();
        const decisionStore: Parameters<typeof memoryStage>[0] = {
          consentRegime,
          // Nothing is late, however busy this machine is.
          timer: manualTimer(),
          decisionStore: {
            query: (key, options) =>
              broken.has(key)
                ? Promise.reject(new StoreUnavailable('told to fail'))
                : stage.store.query(key, options),
          },
        };
        const stage: MemoryStage = memoryStage(decisionStore);
        await learnAnn(stage, devices, says);
        const ask = async () => {
          const reply = await stage.decide({
            userId: 'ann',
            anonymousId,
            context: { ...(stated !== undefined && { consent: { personalization: stated } }) },
            checkout: { payment: METHODS.map((id) => ({ id })) },
          });
          return reply.body as {
            readonly source: string;
            readonly profile: { readonly level: string; readonly segments: readonly string[] };
          };
        };
        for (const name of DEVICES) if (fates.next().value) broken.add(keyOf(`a:${name}`));
        const answer = await ask();
        broken.clear();
        const unbroken = await ask();

        const isPersonal = (of: typeof answer): boolean =>
          of.source === 'personalized' || of.source === 'partial' || of.profile.segments.length > 0;
        if (isPersonal(answer)) expect(isPersonal(unbroken)).toBe(true);
        // The request itself proves the device that asks.
        const proven = devices.filter(
          ({ proof }, index) => proof === 'proven' || DEVICES[index] === anonymousId,
        );
        const isRefused = refusedBy(proven, says);
        if (isRefused) expect([isPersonal(answer), isPersonal(unbroken)]).toEqual([false, false]);
        if (isPersonal(answer)) seen[answer.source === 'partial' ? 'partial' : 'personal'] += 1;
        else seen.closed += 1;
      },
    ),
    { numRuns: 150 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
});

/** The last word of the user and the devices that are proven to be hers, by their days. */
function refusedBy(proven: readonly DeviceSketch[], says: boolean | null): boolean {
  const words = proven
    .filter(({ says: choice }) => choice !== null)
    .map(({ says: choice, at }) => ({ choice, at }));
  if (says !== null) words.push({ choice: says, at: 5 });
  const last = Math.max(...words.map(({ at }) => at));
  const final = new Set(words.filter(({ at }) => at === last).map(({ choice }) => choice));
  // Of two words of one day either may count, as the names of the messages decide.
  return final.size === 1 && final.has(false);
}
