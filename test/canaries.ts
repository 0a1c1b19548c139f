/** What a person or a shop would not want to read in a log; each is found nowhere else in the product. */
export const CANARIES = {
  email: 'canary.person@example.com',
  card: '4111111111111111',
  name: 'Zephyrine Canarybird',
  address: '17 Canary Wharf Mews',
  phone: '+4915112345678',
  userId: 'user-canary-7731',
  anonymousId: 'anon-canary-7731',
  token: 'eyJjYW5hcnkiOjF9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlQ2FuYXJ5',
  secret: 'sk_canary_secret_7731',
  order: 'order-canary-7731',
} as const;

const ALL = Object.values(CANARIES);

/** All of them in one text, as an error's message might quote them. */
export const CANARY_TEXT = ALL.join(' | ');

/** The canaries that a text holds: as they are, or in base64 or percent-encoded as transports write them. */
export function canariesIn(text: string): readonly string[] {
  return ALL.filter((canary) =>
    [
      canary,
      encodeURIComponent(canary),
      // The middle of what base64 makes of it, wherever in a text it stands.
      ...[0, 1, 2].map((shift) =>
        Buffer.from(' '.repeat(shift) + canary)
          .toString('base64')
          .slice(4, -4),
      ),
    ].some((form) => text.includes(form)),
  );
}

/** An event that names them all. */
export const canaryEvent = (extra: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: CANARIES.userId,
  anonymousId: CANARIES.anonymousId,
  properties: {
    order_id: CANARIES.order,
    total: 10,
    currency: 'EUR',
    payment_method: 'pix',
    card: CANARIES.card,
    note: CANARY_TEXT,
  },
  context: {
    token: CANARIES.token,
    traits: { email: CANARIES.email, phone: CANARIES.phone, name: CANARIES.name, address: CANARIES.address },
  },
  ...extra,
});
