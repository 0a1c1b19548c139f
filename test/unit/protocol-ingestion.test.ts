import { callOf, parseIngestion } from '../../shared/protocol/ingestion.ts';

const rejected = (body: unknown) => {
  const parsed = parseIngestion('batch', body);
  return parsed.ok ? 'accepted' : [parsed.rejection.code, parsed.rejection.path];
};

describe('the calls', () => {
  test.each(['track', 'identify', 'page', 'screen', 'group', 'alias', 'batch'] as const)(
    '%s is known, long and short',
    (call) => {
      expect([callOf(call), callOf(call[0])]).toEqual([call, call]);
    },
  );

  test.each([undefined, '', 'x', 'Track', 'T', 'tr', 'constructor', '__proto__', 'projects'])(
    '%j is none',
    (name) => {
      expect(callOf(name)).toBeUndefined();
    },
  );
});

describe('a batch', () => {
  const batch = [{ type: 'track' }, 'not even an object', null];

  test('hands out its events unparsed: one bad one does not spoil the others', () => {
    expect(
      parseIngestion('batch', { batch, writeKey: 'wk', token: 'jwt', sentAt: '2026-01-15', context: {} }),
    ).toEqual({
      ok: true,
      value: { events: batch, isBatch: true, writeKey: 'wk', token: 'jwt', sentAt: Date.UTC(2026, 0, 15) },
    });
  });

  test('may leave key, token and time out, also by null or an empty text', () => {
    const value = { events: batch, isBatch: true };
    expect(parseIngestion('batch', { batch })).toEqual({ ok: true, value });
    expect(parseIngestion('batch', { batch, writeKey: null, token: null, sentAt: null })).toEqual({
      ok: true,
      value,
    });
    expect(parseIngestion('batch', { batch, writeKey: '', token: '', sentAt: 'soon' })).toEqual({
      ok: true,
      value,
    });
  });

  test.each<[string, unknown, string, string | undefined]>([
    ['a list', [], 'invalid', undefined],
    ['null', null, 'invalid', undefined],
    ['a text', 'batch', 'invalid', undefined],
    ['without events', { writeKey: 'wk' }, 'missing', 'batch'],
    ['of one event that is no list', { batch: { type: 'track' } }, 'invalid', 'batch'],
    ['that is empty', { batch: [] }, 'invalid', 'batch'],
    ['of 5,001 events', { batch: Array.from({ length: 5_001 }, () => 0) }, 'invalid', 'batch'],
    ['whose key is a number', { batch, writeKey: 1 }, 'invalid', 'writeKey'],
  ])('that is %s is rejected as a whole', (_name, body, code, path) => {
    expect(rejected(body)).toEqual([code, path]);
  });

  test('of 5,000 events is taken', () => {
    expect(rejected({ batch: Array.from({ length: 5_000 }, () => 0) })).toBe('accepted');
  });
});

describe('a single call', () => {
  test('is one event, whose type is that of the call whatever it says itself', () => {
    const body = { type: 'identify', event: 'x', writeKey: 'wk', token: 'jwt' };
    expect(parseIngestion('track', body)).toEqual({
      ok: true,
      value: { events: [{ ...body, type: 'track' }], isBatch: false, writeKey: 'wk', token: 'jwt' },
    });
  });

  test.each([[[]], [null], ['track'], [5], [undefined]])('of %j is rejected', (body) => {
    expect(parseIngestion('track', body)).toMatchObject({ ok: false, rejection: { code: 'invalid' } });
  });

  test('does not take a key that is no text', () => {
    expect(parseIngestion('page', { writeKey: ['wk'], token: 5 })).toMatchObject({
      value: { events: [expect.anything()], isBatch: false },
    });
  });
});
