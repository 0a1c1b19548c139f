import { mergeProfiles } from '../../shared/domain/account.ts';
import { absorb } from '../../shared/domain/absorption.ts';
import { decodeCopy } from '../../shared/domain/device-copy.ts';
import { describeProfile, NO_PROFILE } from '../../shared/domain/profile.ts';
import type { StreamEvent } from '../../shared/domain/stream-event.ts';
import { DEVICE_KEY, purchase, shelf, streamEvent, USER_KEY, type Shelf } from '../events.ts';

/** Long after everything: the device is silent. */
const LATER = Date.UTC(2030, 0, 1);
const deviceOf = (critical: readonly StreamEvent[], bulk: readonly StreamEvent[] = []): Shelf => {
  const device = shelf(DEVICE_KEY);
  if (critical.length > 0) device.fold(critical);
  if (bulk.length > 0) device.fold(bulk, { lane: 'bulk' });
  return device;
};
/** The copy of a device as a fold takes it: pages of old orders do not come with a query. */
const copyOf = (device: Shelf) =>
  absorb({
    user: USER_KEY,
    device: DEVICE_KEY,
    items: device.items().filter(({ item }) => !item.startsWith('orders#')),
    stored: undefined,
    now: LATER,
    retentionMs: 1,
  });
const seen = (profile: Parameters<typeof describeProfile>[1]) => describeProfile('u:ann', profile);

const critical = [
  purchase({ order: 'o1', method: 'pix', of: 'device', properties: { shipping_method: 'express' } }),
  streamEvent({
    event: 'Product Added',
    of: 'device',
    minute: 1,
    properties: { product_id: 'p1', price: 5 },
  }),
  streamEvent({
    type: 'identify',
    of: 'device',
    minute: 2,
    traits: { address: { country: 'BR', city: 'Santos' } },
    context: { locale: 'pt-BR' },
  }),
  streamEvent({
    event: 'Consent Preference Updated',
    of: 'device',
    minute: 3,
    properties: { consent: { ads: false } },
  }),
  streamEvent({ event: 'Support Ticket Opened', of: 'device', minute: 4, properties: { ticket_id: 't1' } }),
  streamEvent({ event: 'Loyalty Tier Changed', of: 'device', minute: 5, properties: { tier: 'gold' } }),
];
const bulk = [
  streamEvent({
    event: 'Product Viewed',
    of: 'device',
    properties: { product_id: 'p1', category: 'shoes' },
  }),
  streamEvent({ event: 'Products Searched', of: 'device', properties: { query: 'hats' } }),
  streamEvent({ event: 'Quiz Finished', of: 'device' }),
];

test.each<[string, Shelf]>([
  ['that did all sorts of things', deviceOf(critical, bulk)],
  ['that only looked around', deviceOf([], bulk)],
  ['that did nothing', deviceOf([])],
  [
    'with orders in pages',
    deviceOf(
      Array.from({ length: 100 }, (_, index) =>
        purchase({ order: `o${index}`, of: 'device', minute: index }),
      ),
    ),
  ],
])('the copy of a device %s says what its items say', (_name, device) => {
  const copy = copyOf(device)!;
  const { facts, takenAt } = decodeCopy(copy);
  // What a reader sees of the device comes by a query, which leaves out the pages.
  const queried = shelf(DEVICE_KEY);
  queried.put(
    device
      .items()
      .filter(({ item }) => !item.startsWith('orders#'))
      .map((item) => ({ ...item, v: 1 })),
  );

  expect(copy).toMatchObject({ key: USER_KEY, item: `device#${DEVICE_KEY}`, v: 1 });
  expect(takenAt).toBe(LATER);
  expect(seen(mergeProfiles(NO_PROFILE, facts))).toEqual(seen(mergeProfiles(NO_PROFILE, queried.profile())));
});

test('a copy says which versions of the facets it was made from, and keeps nothing that no reader needs', () => {
  const device = deviceOf([
    streamEvent({
      event: 'Cart Viewed',
      of: 'device',
      keys: { user: USER_KEY, device: DEVICE_KEY },
      properties: { products: [] },
    }),
  ]);
  device.fold([purchase({ order: 'o1', of: 'device' })]);
  const copy = copyOf(device)!;

  expect(decodeCopy(copy).versions).toEqual({ checkout: 2, orders: 1, browse: 0 });
  expect(device.items().some(({ state }) => state.includes('"d":'))).toBe(true);
  expect(decodeCopy(copy).facts.checkout.links).toEqual([]);
  expect(Object.keys(copy).sort()).toEqual(['item', 'key', 'state', 'v', 'writtenAt']);
});

test('there is no copy of a device that the public has bloated', () => {
  const name = (index: number) => `${index}`.padStart(128, '…');
  const used = (count: number) =>
    deviceOf(
      Array.from({ length: count }, (_, index) =>
        purchase({ order: `o${index}`, method: name(index), of: 'device', minute: index }),
      ),
    );
  expect(copyOf(used(10))).not.toBeNull();
  expect(copyOf(used(64))).toBeNull();
});
