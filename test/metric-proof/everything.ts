import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionInvoker } from '../../local/cli/invoke-function.ts';
import type { StackNames } from '../../local/stack-names.ts';
import { type StackParts, stackParts } from '../../local/stack-parts.ts';
import { AUDIT_DISTANCE_MS } from '../../shared/domain/audit.ts';
import { SHOWN_EVENT } from '../../shared/domain/decision-id.ts';
import { SHOWN_RUNGS } from '../../shared/domain/shown-orders.ts';
import type { Slots } from '../../shared/domain/decide.ts';
import type { Lane } from '../../shared/domain/stream-event.ts';
import { BROWSER, eventually, type LocalStack, type Reply } from '../e2e/local-stack.ts';

const PAYMENT = [{ id: 'credit_card', kind: 'card' }, { id: 'pix' }, { id: 'boleto', kind: 'voucher' }];
const SP = { country: 'BR', region: 'SP' };

/** What a run is told of itself, as far as tests ask for it. */
export function endpointsOf(stack: LocalStack): StackNames {
  return JSON.parse(readFileSync(join(stack.dir, 'endpoints.json'), 'utf8')) as StackNames;
}

export function pidOf(stack: LocalStack, service: 'dynamodb' | 'kinesis'): number {
  const { pids } = endpointsOf(stack) as StackNames & { readonly pids: Readonly<Record<string, number>> };
  return pids[service] ?? 0;
}

/** Lets an emulator turn these operations away, as AWS does when it throttles; none: no more. */
export async function throttle(emulator: string | undefined, operations: readonly string[]): Promise<void> {
  await fetch(`${emulator}/_local/throttled`, { method: 'PUT', body: JSON.stringify(operations) });
}

export const purchase = (ids: object, orderId: string, more: object = {}): object => ({
  type: 'track',
  event: 'Order Completed',
  ...ids,
  properties: { order_id: orderId, total: 49.9, currency: 'BRL', payment_method: 'pix' },
  ...more,
});

export const decide = (
  stack: LocalStack,
  who: object,
  headers?: Readonly<Record<string, string>>,
): Promise<Reply> => stack.post('/v1/decisions', { ...who, checkout: { payment: PAYMENT } }, headers);

/** A record that belongs to nobody: it was put into the stream past the collector, and no function can apply it. */
export async function poison(parts: StackParts, lane: Lane): Promise<void> {
  await parts.log.append(lane, [{ partitionKey: 'x'.repeat(22), data: '{"no":"event"}' }]);
}

/** Moves the clock of a run that was started so that it can be. */
export async function pass(stack: LocalStack, minutes: number): Promise<void> {
  const body = JSON.stringify({ advanceSeconds: minutes * 60 });
  const { status } = await fetch(`${stack.url}/_local/clock`, { method: 'POST', body });
  if (status !== 200) throw new Error(`the clock of this run cannot be moved: ${status}`);
}

/** An audit, as its schedule asks for it. */
export async function auditOnSchedule(names: StackNames): Promise<void> {
  await functionInvoker(names)(names.auditFunction ?? '', { scheduled: { distanceMs: AUDIT_DISTANCE_MS } });
}

/** A checkout for each rung that a page can show, told of by the page and completed. */
async function showOnEveryRung(stack: LocalStack): Promise<void> {
  const shipping = [{ id: 'post', price: 0, etaDays: 3 }];
  for (const source of SHOWN_RUNGS) {
    const ids = { anonymousId: `shown ${source}` };
    const { body } = await stack.post(
      '/v1/decisions',
      { ...ids, checkout: { payment: PAYMENT, shipping } },
      BROWSER,
    );
    const ofDecision = { decision_id: body.decisionId as string, checkout_id: `checkout ${source}` };
    const slots = {
      payment: { source, order: ['pix', 'boleto', 'credit_card'] },
      shipping: { source, order: ['post'] },
    };
    const order = {
      order_id: `order ${source}`,
      checkout_id: ofDecision.checkout_id,
      total: 5,
      currency: 'BRL',
      payment_method: 'boleto',
      shipping_method: 'post',
    };
    await stack.post('/v1/batch', {
      batch: [
        { type: 'track', event: SHOWN_EVENT, ...ids, properties: { ...ofDecision, slots } },
        { type: 'track', event: 'Order Completed', ...ids, properties: order },
      ],
    });
  }
}

/** A shopper who came on more devices than are read one by one, all but the last of them long ago. */
async function comeOnManyDevices(stack: LocalStack): Promise<void> {
  const visit = async (device: number): Promise<void> => {
    const ids = { userId: 'dee', anonymousId: `device ${device}` };
    await stack.post('/v1/batch', {
      batch: [
        purchase({ anonymousId: ids.anonymousId }, `dee-${device}`),
        { type: 'track', event: 'Cart Viewed', ...ids, properties: { products: [] } },
      ],
    });
  };
  for (let device = 0; device < 6; device++) await visit(device);
  await eventually(
    () => stack.get('/v1/profiles/u%3Adee'),
    ({ body }) => body.links?.length === 6,
  );
  await pass(stack, 25 * 60);
  await visit(6);
}

/** Somebody is erased, and what they did before comes after that, in both lanes: until it is through. */
async function sendOfTheErased(stack: LocalStack): Promise<void> {
  const timestamp = new Date(Date.now() - 60_000).toISOString();
  await stack.erase('/v1/profiles/u%3Agus');
  await stack.post('/v1/batch', {
    batch: [
      purchase({ userId: 'gus' }, 'o9', { timestamp }),
      { type: 'page', userId: 'gus', name: 'Home', timestamp },
    ],
  });
  // The clock is about to be moved: what still gathers in the bulk lane would be too old to be handed over.
  await eventually(
    async () => (await (await fetch(`${stack.url}/_local/status`)).json()) as Status,
    ({ metrics }) => metrics.filter(({ name }) => name === 'EventsSuppressed').length === 2,
  );
}

interface Status {
  readonly metrics: readonly { readonly name: string }[];
}

/** A call centre's account: more devices than are asked for their consent. */
async function signInOnManyDevices(stack: LocalStack): Promise<void> {
  const batch = Array.from({ length: 17 }, (_, desk) => ({
    type: 'identify',
    userId: 'cal',
    anonymousId: `desk ${desk}`,
  }));
  await stack.post('/v1/batch', { batch });
}

/**
 * Everything that the functions count, at least once: every fate of an event in both lanes, every rung of the ladder, every
 * reason to fall back, what pages showed and what became of it, an audit, a silent device. The clock of the run must be movable.
 */
export async function letEverythingHappen(stack: LocalStack): Promise<void> {
  const names = endpointsOf(stack);
  const parts = stackParts(names);
  const source = async (
    who: object,
    wanted: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const reply = await eventually(
      () => decide(stack, who, headers),
      ({ body }) => saysOf(body).includes(wanted),
      60_000,
    );
    if (!saysOf(reply.body).includes(wanted))
      throw new Error(`wanted ${wanted}, got ${JSON.stringify(reply.body)}`);
  };

  const view = { type: 'page', anonymousId: 'laptop', messageId: 'm2', name: 'Home' };
  const order = purchase({ userId: 'ann' }, 'o1', { messageId: 'm1' });
  await stack.post('/v1/batch', {
    batch: [
      order,
      view,
      purchase({ userId: 'pat', anonymousId: 'phone' }, 'o2'),
      purchase({ anonymousId: 'phone' }, 'o4'),
      purchase({ userId: 'una' }, 'o3'),
      { type: 'track', userId: 'ann', event: 'Did A Somersault' },
      { type: 'track', userId: 'ann' },
      ...Array.from({ length: 25 }, (_, index) =>
        purchase({ userId: `shopper-${index}` }, `sp-${index}`, { context: { location: SP } }),
      ),
    ],
  });
  await Promise.all([poison(parts, 'critical'), poison(parts, 'bulk')]);
  await source({ userId: 'ann' }, 'personalized');
  await source({ userId: 'nobody' }, 'default');
  await source({ userId: 'pat' }, 'personalized');
  await stack.post('/v1/batch', { batch: [order, view] });

  // A device that is proven to be somebody's may hold a refusal; one that only claims to be may be missing.
  await stack.post(
    '/v1/batch',
    { batch: [purchase({ userId: 'pat', anonymousId: 'tablet' }, 'o5')] },
    BROWSER,
  );
  await spoil(parts, 'a:tablet');
  await source({ userId: 'pat' }, 'partial');
  await signInOnManyDevices(stack);
  await source({ userId: 'cal' }, 'consent-unread');
  await spoil(parts, 'u:una');
  await source({ userId: 'una' }, 'profile-unreadable');
  // An address that is none: what is to be filled in fails on it, and what was paid with does not.
  await spoil(parts, 'u:shopper-1', (state) => ({ ...state, a: [1, 'x', null] }));
  await source({ userId: 'shopper-1' }, 'slot-failed');
  await source({ userId: 'ann', context: { consent: { personalization: false } } }, 'default');
  await throttle(names.dynamodb, ['Query']);
  await source({ userId: 'ann' }, 'store-unavailable');
  await source({ userId: 'ann' }, 'breaker-open');
  await throttle(names.dynamodb, []);
  const pid = pidOf(stack, 'dynamodb');
  process.kill(pid, 'SIGSTOP');
  try {
    await source({ userId: 'ann' }, 'deadline');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await source({ context: SP }, 'regional', BROWSER);
  await stack.get('/v1/profiles/u%3Aann');
  await showOnEveryRung(stack);
  await sendOfTheErased(stack);
  await comeOnManyDevices(stack);
  await auditOnSchedule(names);
}

/** The rung of an answer, and why its slots fell back. */
function saysOf({ source, slots }: Reply['body']): readonly unknown[] {
  return [source, ...Object.values(slots as Slots).map(({ fallbackReason }) => fallbackReason)];
}

/** Overwrites what is stored with what no version of the code can read, or with what `change` makes of it. */
async function spoil(
  { store, subjectKeys }: StackParts,
  subject: string,
  change?: (state: object) => object,
): Promise<void> {
  const { keyOf } = await subjectKeys();
  const ref = { key: keyOf(subject), item: 'checkout' } as const;
  const [stored] = await eventually(
    () => store.read([ref]),
    (items) => items.length > 0,
  );
  if (stored === undefined) throw new Error(`nothing is stored of ${subject}`);
  const state = change ? JSON.stringify(change(JSON.parse(stored.state) as object)) : '{"p":';
  await store.write({ ...stored, v: stored.v + 1, state });
}
