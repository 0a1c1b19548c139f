import { alarmWords, plainName } from '../../local/ops/alarm-words.ts';
import { decisionLog } from '../../local/ops/decision-log.ts';
import { glance } from '../../local/ops/glance.ts';
import { parseMarkdown } from '../../local/ops/markdown.ts';
import { pageAssets } from '../../local/ops/page-assets.ts';
import { duration, quantity } from '../../local/ops/quantity.ts';
import { whatFills } from '../../local/ops/what-fills.ts';
import { metricStore } from '../../local/metric-store.ts';

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2026, 0, 1, 12);

describe('quantities are short enough for an axis', () => {
  test.each([
    [0, 'ms', '0 ms'],
    [18.71, 'ms', '18.7 ms'],
    [1_234, 'ms', '1.2 s'],
    [90_000, 'ms', '1.5 min'],
    [7_200_000, 'ms', '2 h'],
    [172_800_000, 'ms', '2 d'],
    [91.666, '%', '91.7 %'],
    [0.000052, 'USD an hour', '$0.000052'],
    [2_820, '', '2,820'],
    [1_234_567, '', '1.2M'],
    [3, 'rows', '3 rows'],
  ])('%d %s', (value, unit, text) => expect(quantity(value, unit)).toBe(text));

  test('just below a minute is not yet a minute', () => expect(duration(59_999)).toBe('60 s'));
});

test('an alarm says what is wrong and where it is written what to do; one without a link says it all', () => {
  expect(alarmWords('Late.\nVery. What to do: docs/runbook.md#sync-lag')).toEqual({
    meaning: 'Late.\nVery.',
    entry: 'sync-lag',
  });
  expect(alarmWords('Late.')).toEqual({ meaning: 'Late.' });
  expect(plainName('DecisionsLatencyHighDC993E18')).toBe('DecisionsLatencyHigh');
  expect(plainName('Page')).toBe('Page');
});

test('an empty graph is filled by what all of its metrics have in common', () => {
  expect(whatFills(['PersonalizedDecisions', 'Fallback'])).toBe('decision');
  expect(whatFills(['ReconciliationGap'])).toBe('audit');
  expect(whatFills(['Errors', '5xx'])).toBe('trouble');
  expect(whatFills(['Errors', 'EventsAccepted'])).toBe('event');
  expect(whatFills([])).toBe('event');
});

describe('markdown of dashboards and of the runbook', () => {
  test('headings have the anchors that links within the repository use', () => {
    expect(parseMarkdown('## Audit behind')).toEqual([
      { kind: 'heading', level: 2, id: 'audit-behind', spans: [{ kind: 'text', text: 'Audit behind' }] },
    ]);
  });

  test('paragraphs, items, tables and code keep apart', () => {
    const markdown = [
      'One',
      'line.',
      '',
      '1. First,',
      '   on.',
      '- Dot',
      '',
      '| a | b |',
      '| - | - |',
      '| 1 | 2 |',
      '',
      '```sh',
      'ls #x',
      '```',
    ];
    const blocks = parseMarkdown(markdown.join('\n'));
    const text = (words: string) => [{ kind: 'text', text: words }];
    expect(blocks).toEqual([
      { kind: 'paragraph', spans: text('One line.') },
      { kind: 'item', marker: '1.', spans: text('First, on.') },
      { kind: 'item', marker: '-', spans: text('Dot') },
      { kind: 'rows', rows: [[' a ', ' b '].map(text), [' 1 ', ' 2 '].map(text)] },
      { kind: 'code', text: 'ls #x' },
    ]);
  });

  test('a link leads to a place of the page or to what is public, and runs nothing', () => {
    const [block] = parseMarkdown(
      '[a](#b) [c](https://d.example) [e](javascript:alert(1)) [f](../g.md) **h** `i`',
    );
    const spans = block?.kind === 'paragraph' ? block.spans : [];
    expect(spans.filter(({ kind }) => kind === 'link').map(({ href }) => href)).toEqual([
      '#b',
      'https://d.example',
    ]);
    expect(spans.map(({ kind, text }) => (kind === 'text' ? '' : text)).filter(Boolean)).toEqual([
      'a',
      'c',
      'h',
      'i',
    ]);
  });
});

describe('the log of decisions', () => {
  const slot = {
    source: 'personalized',
    fallbackReason: null,
    options: [{ id: 'pix', rank: 1, preselected: true, reasons: ['used-most'] }],
    guardrails: [],
  };
  const answer = {
    decisionId: 'dec_1',
    version: 'v',
    tokenRejected: null,
    asOf: null,
    lagMs: null,
    source: 'personalized',
    degraded: false,
    profile: { level: 'account', segments: [], journeyStage: null },
    slots: { payment: slot },
  };
  const reply = (statusCode: number, body: unknown) =>
    Promise.resolve({
      ok: true as const,
      payload: JSON.stringify({ statusCode, headers: {}, body: JSON.stringify(body) }),
    });
  const asked = { routeKey: 'POST /v1/decisions', body: '{"userId":"ann@shop.example"}' };
  const clock = { now: () => NOW };

  test('keeps how it was decided, of the request nothing, and of the answer nothing that it does not know', async () => {
    const said = { source: 'personalized', fallbackReason: null, guardrails: [] };
    const slots = {
      payment: { ...slot, note: 'ann@shop.example' },
      prefill: { ...said, fields: { address: { country: 'IE', city: 'Annestown' }, locale: 'en' } },
      offers: { ...said, items: [{ id: 'gold', title: 'For Ann', reasons: ['in-segment'] }] },
      messages: {
        ...said,
        fallbackReason: 'slot-failed',
        items: [{ id: 'cart', text: 'Welcome back, Ann', cart: { lines: [] }, reasons: ['cart-left'] }],
      },
    };
    const log = decisionLog(() => reply(200, { ...answer, slots }), clock);
    await log.invoke('decide', asked);
    expect(log.latest()).toMatchObject([{ kind: 'answered', number: 1, at: NOW, answer }]);
    const [kept] = log.latest();
    expect(kept?.kind === 'answered' && kept.answer.slots).toEqual({
      payment: slot,
      prefill: { ...said, fields: ['address', 'locale'] },
      offers: { ...said, items: [{ id: 'gold', reasons: ['in-segment'] }] },
      messages: { ...said, fallbackReason: 'slot-failed', items: [{ id: 'cart', reasons: ['cart-left'] }] },
    });
    expect(JSON.stringify(log.latest())).not.toMatch(/ann/i);
  });

  test('keeps what was refused and what failed, by code', async () => {
    const replies = [
      reply(400, { error: { code: 'unknown_slot', message: 'ann@' } }),
      reply(200, {}),
      Promise.resolve({ ok: false as const, error: { errorType: 'E', errorMessage: 'ann@', trace: [] } }),
    ];
    const log = decisionLog(() => replies.shift()!, clock);
    for (let count = 0; count < 3; count++) await log.invoke('decide', asked);
    expect(
      log.latest().map((one) => (one.kind === 'refused' ? [one.number, one.status, one.code] : [])),
    ).toEqual([
      [3, 500, 'function_failed'],
      [2, 200, 'answer_not_understood'],
      [1, 400, 'unknown_slot'],
    ]);
    expect(JSON.stringify(log.latest())).not.toContain('ann@');
  });

  test('leaves other calls alone, and keeps the newest fifty', async () => {
    const log = decisionLog(() => reply(200, answer), clock);
    await log.invoke('collect', { routeKey: 'POST /v1/{call}' });
    expect(log.latest()).toEqual([]);
    for (let count = 0; count < 60; count++) await log.invoke('decide', asked);
    expect(log.latest().map(({ number }) => number)).toEqual(
      Array.from({ length: 50 }, (_, index) => 60 - index),
    );
  });
});

describe('at a glance', () => {
  const sample = (
    name: string,
    dimensions: Readonly<Record<string, string>>,
    at: number,
    values: readonly number[],
  ) => ({
    namespace: 'Cartwright',
    name,
    dimensions: { service: 'cartwright-dev', ...dimensions },
    unit: 'Count',
    values,
    at,
  });

  test('profiles are as fresh as the slowest of a hundred writes of the last minutes', () => {
    const metrics = metricStore(24 * 60 * MINUTE_MS);
    metrics.record(
      sample(
        'SyncLag',
        { Lane: 'critical' },
        NOW,
        Array.from({ length: 200 }, (_, index) => index),
      ),
    );
    metrics.record(sample('SyncLag', { Lane: 'critical' }, NOW - 10 * MINUTE_MS, [60_000]));
    metrics.record(sample('SyncLag', { Lane: 'bulk' }, NOW - 10 * MINUTE_MS, [5]));
    const { lagMs } = glance(metrics, NOW);
    expect(Object.keys(lagMs)).toEqual(['critical']);
    expect(lagMs.critical).toBeGreaterThan(195);
    expect(lagMs.critical).toBeLessThan(200);
  });

  test('nothing is lost only if an audit has said so lately', () => {
    const metrics = metricStore(24 * 60 * MINUTE_MS);
    expect(glance(metrics, NOW).gap).toBeUndefined();
    metrics.record(sample('ReconciliationGap', {}, NOW - 90 * MINUTE_MS, [2]));
    metrics.record(sample('ReconciliationGap', {}, NOW - 30 * MINUTE_MS, [0]));
    expect(glance(metrics, NOW).gap).toBe(2);
    expect(glance(metrics, NOW + 100 * MINUTE_MS).gap).toBeUndefined();
  });
});

test('the page is made of files of its own, and names no other place', async () => {
  const assets = await pageAssets();
  expect([...assets.keys()].sort()).toEqual([
    '/ops',
    '/ops/icon.svg',
    '/ops/ops.css',
    '/ops/ops.js',
    '/ops/runbook',
    '/ops/runbook.js',
  ]);
  for (const { type, body } of assets.values()) {
    expect(type).toMatch(/^(text\/(html|css|javascript)|image\/svg\+xml); charset=utf-8$/);
    expect(body.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /(src|href|url)\s*[=(]\s*["']?https?:/,
    );
    if (type.startsWith('text/html')) expect(body).not.toMatch(/<script(?![^>]* src=)|\sstyle=|\son\w+=/);
  }
});
