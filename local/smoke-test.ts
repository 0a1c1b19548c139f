import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import {
  decisionResponseSchema,
  ingestionResponseSchema,
  profileResponseSchema,
} from '../shared/protocol/responses.ts';
import { LocalFault } from './fault.ts';

export interface SmokeOptions {
  /** Origin of the API, without a slash at its end. */
  readonly url: string;
  readonly secretKey: string;
  /** Names the one subject that the test leaves behind, `u:smoke-test-<runId>`. */
  readonly runId: string;
  /** For each step. */
  readonly withinMs: number;
}

/** A step that is done. */
export interface SmokeStep {
  readonly name: string;
  readonly ms: number;
  readonly found: string;
}

const METHOD = 'smoke_test_method';
const OTHER_METHOD = 'smoke_test_other_method';
const PAUSE_MS = 200;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Lets a test subject pay with the second of two methods and waits until its profile, then its checkout, shows that.
 * The event names no country, so that it counts for no region.
 *
 * @throws {LocalFault} naming the step that failed, and what was answered last
 */
export async function smokeTest(options: SmokeOptions, onStep: (step: SmokeStep) => void): Promise<void> {
  const userId = `smoke-test-${options.runId}`;
  const step = async (name: string, run: () => Promise<string>): Promise<void> => {
    const startedAt = performance.now();
    try {
      const found = await run();
      onStep({ name, ms: Math.round(performance.now() - startedAt), found });
    } catch (cause) {
      throw new LocalFault(`failed at "${name}": ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };

  await step('send an event', async () => {
    const event = {
      messageId: userId,
      userId,
      event: 'Payment Info Entered',
      properties: { checkout_id: userId, payment_method: METHOD },
    };
    const reply = await ask(options, ingestionResponseSchema, '/v1/track', event);
    if (reply.rejected !== undefined) throw new Error(`rejected: ${reply.rejected[0]?.message}`);
    return `accepted for u:${userId}`;
  });
  await step('see it in the profile', () =>
    poll(options, async () => {
      const path = `/v1/profiles/${encodeURIComponent(`u:${userId}`)}`;
      const profile = await ask(options, profileResponseSchema, path);
      const uses = profile.checkout?.payment[METHOD]?.uses;
      return uses === 1
        ? { seen: `${METHOD} used once` }
        : { missing: `the profile says that ${METHOD} was used ${uses ?? 0} times, not once` };
    }),
  );
  await step('get a personal decision', () =>
    poll(options, async () => {
      const decision = await ask(options, decisionResponseSchema, '/v1/decisions', {
        userId,
        context: { consent: { personalization: true } },
        checkout: { payment: [OTHER_METHOD, METHOD].map((id) => ({ id, kind: 'transfer' })) },
        slots: ['payment'],
      });
      const first = decision.slots.payment?.options[0]?.id;
      return decision.source === 'personalized' && first === METHOD
        ? { seen: `${METHOD} first, ${decision.lagMs} ms after the event was taken` }
        : { missing: `the decision is ${decision.source} and begins with ${first ?? 'nothing'}` };
    }),
  );
}

async function poll(
  { withinMs }: SmokeOptions,
  look: () => Promise<{ readonly seen: string } | { readonly missing: string }>,
): Promise<string> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const result = await look();
    if ('seen' in result) return result.seen;
    if (Date.now() > giveUpAt) throw new Error(`${result.missing}, after ${withinMs} ms`);
    await sleep(PAUSE_MS);
  }
}

/** GET without a body, else POST. A key never shows in what this throws. */
async function ask<Schema extends v.GenericSchema>(
  { url, secretKey }: SmokeOptions,
  schema: Schema,
  path: string,
  body?: object,
): Promise<v.InferOutput<Schema>> {
  const reply = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`nobody answers at ${url}`, { cause });
  });
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`answered ${reply.status}: ${text.slice(0, 300)}`);
  const parsed = v.safeParse(schema, jsonOf(text));
  if (!parsed.success) throw new Error(`the answer is not one of Cartwright's: ${text.slice(0, 300)}`);
  return parsed.output;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
