import * as v from 'valibot';
import { parseBody } from '../../shared/protocol/body.ts';
import { parseDecisionRequest } from '../../shared/protocol/decision-request.ts';
import { parseIngestion } from '../../shared/protocol/ingestion.ts';
import { parseMessage } from '../../shared/protocol/message.ts';
import { decisionResponseSchema } from '../../shared/protocol/responses.ts';
import type { Answer } from '../../web/sdk/answer.ts';
import { fakeWorld, type FakeWorld } from './fake-browser.ts';

/** What the server makes of a request, as bytes of whatever type. */
const received = (world: FakeWorld, path: string): readonly unknown[] =>
  world.requests
    .filter(({ url }) => url.endsWith(path))
    .map(({ body }) => {
      const parsed = parseBody(new TextEncoder().encode(body));
      return parsed.ok ? parsed.value : parsed.rejection;
    });

async function busyVisit(): Promise<FakeWorld> {
  const world = fakeWorld();
  const { cartwright } = world.open({ autoPage: true, token: () => 'token of ann' });
  cartwright.consent({ analytics: true, personalization: true });
  cartwright.identify('ann', { address: { country: 'BR' } });
  cartwright.track('Order Completed', { order_id: 'o1', total: 1, currency: 'EUR' });
  await world.pass(1_000);
  const answer = cartwright.decide({
    checkout: {
      id: 'c1',
      lines: [{ productId: 'p1', quantity: 1, price: 100 }],
      payment: [{ id: 'card', kind: 'card', credit: 'maybe' }],
      shipping: [{ id: 'post', price: 100, etaDays: 2 }],
    },
    context: { country: 'BR', region: 'SP', currency: 'BRL', locale: 'pt-BR' },
    slots: ['payment', 'shipping'],
  });
  await world.pass(1_000);
  await answer;
  return world;
}

test('the collector takes every message of the SDK, and the proof beside them', async () => {
  const [body] = received(await busyVisit(), '/v1/batch');
  const ingestion = parseIngestion('batch', body);
  if (!ingestion.ok) throw new Error(ingestion.rejection.message);
  expect(ingestion.value).toMatchObject({ writeKey: 'wk_test', token: 'token of ann', isBatch: true });
  const messages = ingestion.value.events.map((event) => parseMessage(event));
  expect(messages.map((parsed) => parsed.ok && parsed.value.message.type)).toEqual([
    'page',
    'track',
    'identify',
    'track',
  ]);
});

test('a decision takes the question, with the events that came along', async () => {
  const [body] = received(await busyVisit(), '/v1/decisions');
  const parsed = parseDecisionRequest(body);
  if (!parsed.ok) throw new Error(`${parsed.rejection.path}: ${parsed.rejection.message}`);
  expect(parsed.value.events).toHaveLength(4);
  expect(parsed.value).toMatchObject({
    writeKey: 'wk_test',
    token: 'token of ann',
    slots: ['payment', 'shipping'],
    context: { country: 'BR', consent: { analytics: true, personalization: true } },
  });
});

test('what a decision may answer is what the SDK’s types say', () => {
  const answer = {
    decisionId: 'dec_1',
    version: 'v1',
    tokenRejected: null,
    asOf: null,
    lagMs: null,
    source: 'default',
    degraded: false,
    profile: { level: 'none', segments: [], journeyStage: null },
    slots: {},
  };
  // Held by the compiler: whatever the schema lets through is an answer.
  const parsed: Omit<Answer, 'reason'> = v.parse(decisionResponseSchema, answer);
  expect(parsed).toEqual(answer);
});
