import { proofOf, streamEventOf, subjectOf, type Arrival } from '../../shared/domain/accept.ts';
import type { Message, Proof, SourceKind, SubjectRef } from '../../shared/domain/stream-event.ts';

const USER = 'u'.repeat(22);
const DEVICE = 'd'.repeat(22);
const RECEIVED = Date.UTC(2026, 0, 15, 12);
const track: Message = { type: 'track', messageId: 'm1', event: 'Cart Viewed' };

/** userId in the event, source, userId that a token proves → proof, subject (with a device, without one). */
test.each<
  [
    string | undefined,
    SourceKind,
    string | undefined,
    Proof,
    SubjectRef['kind'],
    SubjectRef['kind'] | 'nobody',
  ]
>([
  ['ann', 'server', undefined, 'server', 'user', 'user'],
  ['ann', 'server', 'bob', 'server', 'user', 'user'],
  ['ann', 'browser', 'ann', 'token', 'user', 'user'],
  ['ann', 'browser', 'bob', 'none', 'device', 'claims'],
  ['ann', 'browser', 'Ann', 'none', 'device', 'claims'],
  ['ann', 'browser', undefined, 'none', 'device', 'claims'],
  [undefined, 'browser', 'ann', 'none', 'device', 'nobody'],
  [undefined, 'browser', undefined, 'none', 'device', 'nobody'],
  [undefined, 'server', undefined, 'none', 'device', 'nobody'],
])(
  'a userId of %j from a %s with a token of %j is proven by %s',
  (userId, source, provenUserId, proof, kind, alone) => {
    const message: Message = { ...track, ...(userId !== undefined && { userId }) };
    expect(proofOf(message, { source, provenUserId })).toBe(proof);

    const user = userId === undefined ? {} : { user: USER };
    expect(subjectOf(proof, { ...user, device: DEVICE })).toEqual({
      kind,
      key: kind === 'user' ? USER : DEVICE,
    });
    if (alone === 'nobody') expect(() => subjectOf(proof, user)).toThrow('nobody');
    else expect(subjectOf(proof, user)).toEqual({ kind: alone, key: USER });
  },
);

describe('what goes into the stream', () => {
  const arrival: Arrival = {
    source: 'browser',
    receivedAt: RECEIVED,
    timestamp: RECEIVED + 60_000,
    sentAt: RECEIVED + 61_000,
  };

  test('is the message with its time, proof and subject, in the lane that its rule says', () => {
    const message: Message = { ...track, anonymousId: 'a1', userId: 'ann', properties: { products: [] } };
    expect(streamEventOf(message, arrival, { user: USER, device: DEVICE })).toEqual({
      lane: 'critical',
      event: {
        schema: 1,
        receivedAt: RECEIVED,
        at: RECEIVED - 1_000,
        source: 'browser',
        proof: 'none',
        subject: { kind: 'device', key: DEVICE },
        keys: { user: USER, device: DEVICE },
        message,
      },
    });
  });

  test('of one subject has one partition key, in both lanes', () => {
    const events = ['Order Completed', 'Product Viewed', 'Nobody Knows This'].map(
      (event) => streamEventOf({ ...track, event }, arrival, { device: DEVICE }).event.subject.key,
    );
    expect(new Set(events)).toEqual(new Set([DEVICE]));
  });
});
