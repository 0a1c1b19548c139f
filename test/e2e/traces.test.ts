import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANARIES, canariesIn, CANARY_TEXT, canaryEvent } from '../canaries.ts';
import { BROWSER, eventually, SERVER, startLocalStack, type LocalStack } from './local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => stack.stop());

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const context = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
const checkout = { payment: [{ id: 'card', kind: 'card' }, { id: 'pix' }] };
const bought = (extra: object) => ({
  type: 'track',
  event: 'Order Completed',
  properties: { order_id: 'o1', total: 10, currency: 'EUR', payment_method: 'pix' },
  ...extra,
});

/** Everything that the functions have printed, but for their metrics. */
function logs(): string {
  const dir = join(stack.dir, 'logs');
  return readdirSync(dir)
    .map((file) => readFileSync(join(dir, file), 'utf8'))
    .join('\n');
}
interface Line {
  readonly [field: string]: unknown;
}
const linesUnder = (traceId: string): readonly Line[] =>
  logs()
    .split('\n')
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line) as Line)
    .sort((one, other) => String(one.timestamp).localeCompare(String(other.timestamp)));

test('one id leads from a browser’s event over the fold to the decision that read it', async () => {
  const anonymousId = 'a-laptop';
  const sent = await fetch(`${stack.url}/v1/batch`, {
    method: 'POST',
    // What a browser sends without asking first.
    headers: { 'content-type': 'text/plain', origin: 'http://localhost:8787' },
    body: JSON.stringify({ writeKey: 'wk_local', batch: [bought({ anonymousId, context })] }),
  });
  expect(sent.headers.get('x-correlation-id')).toMatch(/^[\w-]{36}$/);
  expect(sent.headers.get('access-control-expose-headers')).toContain('x-correlation-id');
  const ask = () => stack.post('/v1/decisions', { anonymousId, checkout }, BROWSER);
  await eventually(ask, ({ body }) => body.source === 'personalized');
  const decided = await fetch(`${stack.url}/v1/decisions`, {
    method: 'POST',
    body: JSON.stringify({ writeKey: 'wk_local', anonymousId, checkout, context }),
  });
  const { decisionId } = (await decided.json()) as { decisionId: string };

  expect(decided.headers.get('x-correlation-id')).toBe(TRACE);
  const lines = await eventually(
    () => Promise.resolve(linesUnder(TRACE)),
    (found) => found.length >= 3,
  );
  expect(lines.map((line) => [line.function, line.message, line.correlation_id])).toEqual([
    ['collect-events', 'collected', TRACE],
    ['fold-profiles-critical', 'folded', TRACE],
    ['decide-checkout', 'decided', TRACE],
  ]);
  const [, folded, read] = lines;
  expect(read).toMatchObject({ decisionId, subject: folded?.subject, asOf: folded?.receivedAt });
}, 60_000);

test('what people send is in no log, whatever is wrong with it and whatever fails', async () => {
  const everywhere = async (): Promise<readonly string[]> => {
    const bodies = [
      JSON.stringify(canaryEvent({ context })),
      JSON.stringify({
        batch: [
          canaryEvent(),
          canaryEvent({ type: CANARIES.email }),
          canaryEvent({ properties: { total: 5 } }),
        ],
      }),
      `{"email":"${CANARY_TEXT}`,
      CANARY_TEXT.repeat(6_000),
      `${'{"a":'.repeat(60)}"${CANARY_TEXT}"${'}'.repeat(60)}`,
    ];
    const asked = JSON.stringify({
      userId: CANARIES.userId,
      anonymousId: CANARIES.anonymousId,
      token: CANARIES.token,
      context: { region: CANARIES.address, country: 'BR' },
      checkout: { payment: [{ id: CANARIES.email }, { id: CANARIES.card }] },
      events: [canaryEvent()],
    });
    const query = `?email=${encodeURIComponent(CANARY_TEXT)}`;
    const calls: [method: string, path: string, body?: string][] = [
      ...bodies.flatMap((body): [string, string, string][] =>
        ['/v1/track', '/v1/batch', '/v1/decisions', `/v1/${CANARIES.email}`].map((path) => [
          'POST',
          path + query,
          body,
        ]),
      ),
      ['POST', '/v1/decisions', asked],
      ['GET', `/v1/profiles/${encodeURIComponent(`u:${CANARIES.userId}`)}${query}`],
      ['GET', `/v1/profiles/${encodeURIComponent(CANARIES.email)}${query}`],
      ['GET', `/v1/projects/${CANARIES.secret}/settings${query}`],
      ['GET', `/sourceConfig${query}`],
      ['DELETE', `/nowhere/${encodeURIComponent(CANARY_TEXT)}`],
    ];
    const errors: string[] = [];
    for (const who of [
      SERVER,
      BROWSER,
      { authorization: `Bearer ${CANARIES.token}` },
      { authorization: `Basic ${CANARIES.secret}` },
    ]) {
      for (const [method, path, body] of calls) {
        const reply = await fetch(stack.url + path, {
          method,
          headers: {
            ...who,
            cookie: CANARIES.secret,
            'x-email': CANARIES.email,
            'content-type': 'application/json',
          },
          ...(body !== undefined && { body }),
        });
        const text = await reply.text();
        if (reply.status !== 200) errors.push(`${reply.status} ${path.split('?')[0] ?? ''}: ${text}`);
      }
    }
    return errors.flatMap((error) => canariesIn(error.slice(error.indexOf(': '))));
  };

  expect(await everywhere()).toEqual([]);
  await eventually(
    () => Promise.resolve(logs()),
    (text) => text.includes('"quarantined"'),
  );
  // The store is frozen, the streams are frozen: everything times out.
  const pids = [stack.pids.dynamodb ?? 0, stack.pids.kinesis ?? 0];
  const unfreeze = () => pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
  pids.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  try {
    const replies = await Promise.all([
      stack.post('/v1/track', canaryEvent()),
      stack.post('/v1/decisions', { userId: CANARIES.userId, checkout }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([503, 200]);
    expect(canariesIn(JSON.stringify(replies[0]))).toEqual([]);
  } finally {
    unfreeze();
  }
  process.kill(stack.pids.dynamodb ?? 0, 'SIGKILL');
  await stack.post('/v1/track', canaryEvent());
  await sleep(2_000);

  const printed = logs();
  expect(printed).toContain('nothing acknowledged');
  expect(printed).toContain(TRACE);
  expect(canariesIn(printed)).toEqual([]);
}, 120_000);
