import * as v from 'valibot';
import { applyGuardrails, creditOf, type PaymentKind } from '../../shared/domain/guardrails.ts';
import { decisionResponseSchema } from '../../shared/protocol/responses.ts';
import type { HttpReply } from '../../shared/adapters/http/http-handler.ts';
import { store as config } from '../../store.config.ts';
import { REFUSING, type AskedDecision } from './decision-shop.ts';

export type Answer = v.InferOutput<typeof decisionResponseSchema>;

const CREDIT = ['no', 'maybe', 'yes'];

/**
 * The answer, or what is wrong with it whatever the store did: its form, its lists, its guardrails, whose it may be.
 *
 * @param isWhole nothing of what was read was spoilt
 */
export function checkDecision(
  asked: AskedDecision,
  reply: HttpReply,
  isWhole = true,
): { readonly answer?: Answer; readonly violations: readonly string[] } {
  if (reply.status !== 200) return { violations: [`status ${reply.status}`] };
  const parsed = v.safeParse(decisionResponseSchema, JSON.parse(JSON.stringify(reply.body)));
  if (!parsed.success) return { violations: [`no valid answer: ${parsed.issues[0].message}`] };
  const answer = parsed.output;
  return {
    answer,
    violations: [
      ...listFaults(asked, answer),
      ...guardrailFaults(asked, answer),
      ...orderFaults(asked, answer),
      ...(isWhole ? refusalFaults(asked, answer) : []),
    ],
  };
}

function listFaults({ body: { checkout } }: AskedDecision, { slots }: Answer): readonly string[] {
  const violations: string[] = [];
  for (const slot of ['payment', 'shipping'] as const) {
    const given = checkout[slot].map(({ id }) => id).sort();
    const options = slots[slot]?.options ?? [];
    if (slots[slot] === undefined && given.length > 0) violations.push(`there is no ${slot}`);
    if (
      JSON.stringify(options.map(({ id }) => id).sort()) !== JSON.stringify(given) ||
      options.some(({ rank }, index) => rank !== index + 1)
    )
      violations.push(`${slot} is no permutation of what was offered`);
    if (options.filter(({ preselected }) => preselected).length > 1)
      violations.push(`two of ${slot} are chosen`);
  }
  return violations;
}

function guardrailFaults(
  { body: { checkout, context } }: AskedDecision,
  { slots }: Answer,
): readonly string[] {
  const violations: string[] = [];
  const kinds = new Map(checkout.payment.map(({ id, kind }) => [id, kind as PaymentKind | undefined]));
  const creditIn = (id: string): number => {
    const kind = kinds.get(id);
    return CREDIT.indexOf(creditOf(kind === undefined ? {} : { kind }));
  };
  const payment = slots.payment?.options ?? [];
  const credits = payment.map(({ id }) => creditIn(id));
  if (context.country === 'SE' || context.country === 'FI') {
    if (credits.some((credit, index) => credit < (credits[index - 1] ?? 0)))
      violations.push(`credit before less of it in ${context.country}`);
  }
  const chosen = payment.find(({ preselected }) => preselected);
  if (chosen !== undefined && context.country === 'FI') violations.push('something is chosen in Finland');
  if (chosen !== undefined && context.country === 'SE' && creditIn(chosen.id) > Math.min(...credits))
    violations.push('credit is chosen in Sweden');
  const prices = new Map<string, number>(checkout.shipping.map(({ id, price }) => [id, price]));
  const delivery = slots.shipping?.options.find(({ preselected }) => preselected);
  if (delivery !== undefined && (prices.get(delivery.id) ?? 0) > Math.min(...prices.values()))
    violations.push('a dearer delivery is chosen');
  return violations;
}

function refusalFaults({ userId }: AskedDecision, { source, profile }: Answer): readonly string[] {
  // Where a token cannot be judged in time, the answer is about the device, which need not be hers.
  if (userId !== REFUSING || profile.level === 'device') return [];
  const violations: string[] = [];
  if (source === 'personalized' || source === 'partial')
    violations.push('somebody who refused gets something personal');
  if (profile.segments.length > 0) violations.push('somebody who refused is in a segment');
  return violations;
}

function orderFaults({ body: { checkout, context } }: AskedDecision, { slots }: Answer): readonly string[] {
  const { payment } = slots;
  const violations: string[] = [];
  if (typeof payment?.fallbackReason === 'string' && payment.source === 'personalized')
    violations.push('a personal slot that fell back');
  if (payment?.source === 'default') {
    // Never worse than the shop's own order, put right by law.
    const plain = checkout.payment.map(({ id, kind }) => ({
      id,
      preselected: false,
      credit: creditOf(kind === undefined ? {} : { kind: kind as PaymentKind }),
    }));
    const wanted = applyGuardrails(plain, config.payment.guardrails, context.country).options;
    if (wanted.map(({ id }) => id).join() !== payment.options.map(({ id }) => id).join())
      violations.push('a default that is not the shop’s own order');
  }
  return violations;
}
