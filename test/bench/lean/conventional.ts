/**
 * `decide-checkout` as one would write it today from what everybody uses: middy, Powertools, zod, lib-dynamodb over
 * items of native attributes, GrowthBook's conditions. It answers what ours answers of a user known by the secret key,
 * as far as the bench asks for it; it knows no regions, devices, tokens, pending events or deadlines.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { evalCondition } from '@growthbook/growthbook';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { store as config } from '../../../store.config.ts';

const requestSchema = z.object({
  userId: z.string().min(1).max(128),
  context: z
    .object({
      country: z
        .string()
        .regex(/^[A-Za-z]{2}$/)
        .transform((text) => text.toUpperCase())
        .optional(),
      region: z.string().max(64).optional(),
      currency: z
        .string()
        .regex(/^[A-Za-z]{3}$/)
        .transform((text) => text.toUpperCase())
        .optional(),
      locale: z.string().max(35).optional(),
      device: z.string().max(64).optional(),
      consent: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
  checkout: z.object({
    id: z.string().min(1).max(128).optional(),
    lines: z
      .array(
        z.object({
          productId: z.string().min(1).max(128),
          quantity: z.number().min(0),
          price: z.int().optional(),
        }),
      )
      .max(200)
      .optional(),
    payment: z
      .array(
        z.object({
          id: z.string().min(1).max(128),
          kind: z
            .enum(['card', 'debit', 'bnpl', 'wallet', 'transfer', 'voucher', 'cash', 'invoice'])
            .optional(),
          credit: z.enum(['no', 'maybe', 'yes']).optional(),
        }),
      )
      .max(50)
      .default([]),
    shipping: z
      .array(
        z.object({
          id: z.string().min(1).max(128),
          price: z.int().optional(),
          etaDays: z.number().min(0).optional(),
        }),
      )
      .max(50)
      .default([]),
  }),
  slots: z.array(z.enum(['payment', 'shipping'])).default(['payment', 'shipping']),
});

type Uses = Readonly<
  Record<
    string,
    { readonly uses: number; readonly lastAt: number; readonly months: Readonly<Record<string, number>> }
  >
>;
interface Checkout {
  readonly payment: Uses;
  readonly shipping: Uses;
  readonly cart: { readonly lines: readonly unknown[] } | null;
  readonly address: { readonly country: string; readonly region: string; readonly city: string } | null;
  readonly locale: string | null;
  readonly currency: string | null;
  readonly loyaltyTier: string | null;
  readonly tickets: readonly { readonly resolved: boolean }[];
}
interface Orders {
  readonly count: number;
  readonly cancelled: number;
  readonly refunds: { readonly count: number };
  readonly points: number;
}

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const logger = new Logger({ serviceName: 'conventional' });
const metrics = new Metrics({ namespace: 'Conventional', serviceName: 'conventional' });
const secret = process.env.LEAN_SECRET_KEY ?? '';

const segments = Object.entries(config.segments.named).map(
  ([id, { when }]) => [id, when as Parameters<typeof evalCondition>[1]] as const,
);
const journey = Object.entries(config.segments.journey).map(
  ([stage, when]) => [stage, when as Parameters<typeof evalCondition>[1]] as const,
);

async function decide(event: APIGatewayProxyEventV2) {
  const startedAt = Date.now();
  const given = Buffer.from((event.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
  if (given !== `${secret}:`) return reply(401, { error: { code: 'unknown_key' } });
  const parsed = requestSchema.safeParse(JSON.parse(event.body ?? '{}'));
  if (!parsed.success) return reply(400, { error: { code: 'invalid', issues: parsed.error.issues } });
  const { userId, context, checkout } = parsed.data;
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: process.env.NATIVE_TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': userId },
    }),
  );
  const known = Items.find(({ sk }) => sk === 'checkout') as Checkout | undefined;
  const orders = Items.find(({ sk }) => sk === 'orders') as Orders | undefined;
  const fields = {
    orders: {
      count: orders?.count ?? 0,
      cancelled: orders?.cancelled ?? 0,
      refunds: orders?.refunds.count ?? 0,
    },
    cart: { lines: known?.cart?.lines.length ?? 0 },
    payment: preferred(known?.payment ?? {}),
    shipping: preferred(known?.shipping ?? {}),
    loyalty: { tier: known?.loyaltyTier ?? null, points: orders?.points ?? 0 },
    support: { openTickets: (known?.tickets ?? []).filter(({ resolved }) => !resolved).length },
    address: known?.address ?? null,
    locale: known?.locale ?? null,
    currency: known?.currency ?? null,
  };
  const now = Date.now();
  const payment = guardPayment(
    rank(checkout.payment, known?.payment ?? {}, config.payment.halfLifeMonths, now),
    context.country,
  );
  const shipping = guardShipping(
    rank(checkout.shipping, known?.shipping ?? {}, config.shipping.halfLifeMonths, now),
  );
  metrics.addMetric('PersonalizedDecisions', MetricUnit.Count, payment.isPersonal ? 1 : 0);
  metrics.addMetric('DefaultDecisions', MetricUnit.Count, payment.isPersonal ? 0 : 1);
  metrics.addMetric('DecisionLatency', MetricUnit.Milliseconds, Date.now() - startedAt);
  return reply(200, {
    decisionId: `dec_${randomUUID()}`,
    source: payment.isPersonal || shipping.isPersonal ? 'personalized' : 'default',
    profile: {
      level: 'account',
      segments: segments.filter(([, when]) => evalCondition(fields, when)).map(([id]) => id),
      journeyStage: journey.findLast(([, when]) => evalCondition(fields, when))?.[0] ?? null,
    },
    slots: { payment: shown(payment), shipping: shown(shipping) },
  });
}

function preferred(uses: Uses) {
  const methods = Object.entries(uses).sort(([, left], [, right]) => right.lastAt - left.lastAt);
  const byUses = [...methods].sort(([, left], [, right]) => right.uses - left.uses);
  return { preferred: byUses[0]?.[0] ?? null, last: methods[0]?.[0] ?? null };
}

interface Ranked<Option> {
  readonly options: readonly (Option & {
    readonly reasons: readonly string[];
    readonly preselected: boolean;
  })[];
  readonly isPersonal: boolean;
  readonly guardrails: readonly string[];
}

function rank<Option extends { readonly id: string }>(
  options: readonly Option[],
  uses: Uses,
  halfLifeMonths: number,
  now: number,
): Ranked<Option> {
  const date = new Date(now);
  const nowMonth = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const used = options.flatMap(({ id }) => uses[id] ?? []);
  const most = Math.max(...used.map((one) => one.uses));
  const last = Math.max(...used.map((one) => one.lastAt));
  const scored = options.map((option) => {
    const own = uses[option.id];
    const reasons: string[] = [];
    if (own?.uses === most) reasons.push('used-most');
    if (own?.lastAt === last) reasons.push('used-last');
    if (own !== undefined && reasons.length === 0) reasons.push('used-before');
    if (own === undefined) reasons.push('store-default');
    let score = 0;
    for (const [month, count] of Object.entries(own?.months ?? {})) {
      const usedIn = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
      score += count * 0.5 ** (Math.max(0, nowMonth - usedIn) / halfLifeMonths);
    }
    return { option, score, reasons };
  });
  scored.sort((left, right) => right.score - left.score);
  const isPersonal = used.length > 0;
  return {
    isPersonal,
    guardrails: [],
    options: scored.map(({ option, reasons, score }, index) => ({
      ...option,
      reasons,
      preselected: isPersonal && index === 0 && score > 0,
    })),
  };
}

type PaymentOption = z.infer<typeof requestSchema>['checkout']['payment'][number];
const CREDIT = ['no', 'maybe', 'yes'];
const creditOf = ({ kind, credit }: PaymentOption): number =>
  CREDIT.indexOf(
    credit ?? (kind === 'bnpl' || kind === 'invoice' ? 'yes' : kind === 'card' ? 'maybe' : 'no'),
  );

function guardPayment(ranked: Ranked<PaymentOption>, country: string | undefined): Ranked<PaymentOption> {
  const rules = config.payment.guardrails.filter(
    ({ countries }) => !countries || countries.includes(country ?? ''),
  );
  let options = [...ranked.options];
  for (const rule of rules) {
    if (rule.rule === 'order-by-credit') options.sort((left, right) => creditOf(left) - creditOf(right));
    else if (rule.rule === 'nothing-preselected')
      options = options.map((option) => ({ ...option, preselected: false }));
    else {
      const least = Math.min(...options.map(creditOf));
      options = options.map((option) =>
        creditOf(option) > least ? { ...option, preselected: false } : option,
      );
    }
  }
  return { ...ranked, options, guardrails: rules.map(({ id }) => id) };
}

type ShippingOption = z.infer<typeof requestSchema>['checkout']['shipping'][number];

function guardShipping(ranked: Ranked<ShippingOption>): Ranked<ShippingOption> {
  const prices = ranked.options.map(({ price }) => price ?? Infinity);
  const etas = ranked.options.map(({ etaDays }) => etaDays ?? Infinity);
  const cheapest = prices.indexOf(Math.min(...prices));
  const fastest = Math.min(...etas);
  return {
    ...ranked,
    options: ranked.options.map((option, index) => {
      const reasons = option.reasons.filter((reason) => reason !== 'store-default');
      if (option.price === prices[cheapest]) reasons.push('cheapest');
      if (option.etaDays === fastest) reasons.push('fastest');
      return {
        ...option,
        reasons: reasons.length > 0 ? reasons : ['store-default'],
        preselected: index === cheapest,
      };
    }),
    guardrails: config.shipping.guardrails.map(({ id }) => id),
  };
}

function shown({ options, isPersonal, guardrails }: Ranked<{ readonly id: string }>) {
  return {
    source: isPersonal ? 'personalized' : 'default',
    options: options.map(({ id, reasons, preselected }, index) => ({
      id,
      rank: index + 1,
      preselected,
      reasons,
    })),
    guardrails,
  };
}

function reply(statusCode: number, body: object) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export const handler = middy<APIGatewayProxyEventV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(decide);
