import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MESSAGE_TYPES } from '../../shared/protocol/message.ts';
import { memoryStage } from '../memory-stage.ts';

/**
 * One line of Segment's own examples, and what must become of it: accepted or the code it is rejected with, and for
 * an accepted one whether the fold applies it or puts it into quarantine, and why.
 */
interface Expectation {
  readonly index: number;
  readonly source: string;
  readonly type: string | null;
  readonly event: string | null;
  readonly answer: string;
  readonly fold: string | null;
}

interface Example {
  readonly source: string;
  readonly event: Readonly<Record<string, unknown>>;
}

const TABLE = JSON.parse(
  readFileSync(new URL('../vectors/segment-spec.expectations.json', import.meta.url), 'utf8'),
) as readonly Expectation[];
const FILE = join(process.env.CARTWRIGHT_DATA ?? '', 'segment-spec', 'segment_spec_examples.jsonl');

/**
 * The examples are excerpts, as documentation has them. What they leave out and nothing else is added: an anonymousId
 * to one that names nobody, and the type to one that the pages call by `action` instead. `user_id` is no `userId`.
 * What names no call in either place stays as it is: it is no message.
 */
function completed(example: Example, index: number): Readonly<Record<string, unknown>> {
  const { event } = example;
  const names: readonly unknown[] = MESSAGE_TYPES;
  return {
    ...event,
    ...(event.type === undefined && names.includes(event.action) && { type: event.action }),
    ...(event.userId === undefined && event.anonymousId === undefined && { anonymousId: `example-${index}` }),
  };
}

async function becomesOf(example: Example, index: number): Promise<Expectation> {
  const message = completed(example, index);
  const stage = memoryStage();
  const { body } = await stage.collect('batch', { batch: [message] });
  const { rejected = [] } = body as { rejected?: readonly { code: string; path?: string }[] };
  const [rejection] = rejected;
  await stage.deliver('critical');
  await stage.deliver('bulk');
  const [quarantined] = stage.quarantine.entries();
  return {
    index,
    source: example.source.replace('src/connections/spec/', ''),
    type: typeof message.type === 'string' ? message.type : null,
    event: message.type === 'track' && typeof message.event === 'string' ? message.event : null,
    answer: rejection ? reasonOf(rejection) : 'accepted',
    fold: rejection ? null : quarantined ? reasonOf(quarantined) : 'applied',
  };
}

const reasonOf = ({ code, path }: { readonly code: string; readonly path?: string }): string =>
  [code, path].filter(Boolean).join(' ');

const isThere = process.env.CARTWRIGHT_DATA !== undefined && existsSync(FILE);
const examples = isThere
  ? readFileSync(FILE, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Example)
  : [];

test("every example of Segment's spec becomes what the table says", async () => {
  if (!isThere) {
    console.log('real data: NOT RUN');
    return;
  }
  expect(await Promise.all(examples.map(becomesOf))).toEqual(TABLE);
});

test('each is taken by the call of its own type as well', async () => {
  if (!isThere) {
    console.log('real data: NOT RUN');
    return;
  }
  const replies = await Promise.all(
    examples.map(async (example, index) => {
      const message = completed(example, index);
      const { status } = await memoryStage().collect(String(message.type), message);
      return [index, status];
    }),
  );
  expect(replies).toEqual(TABLE.map(({ index, answer }) => [index, answer === 'accepted' ? 200 : 404]));
});

test('the table turns down the one that is no message, and knows one order that says not which', () => {
  expect(TABLE.map(({ index }) => index)).toEqual(Array.from({ length: 128 }, (_, index) => index));
  const outcome = (row: Expectation) => `${row.source} ${row.event}: ${row.fold ?? row.answer}`;
  expect(TABLE.filter(({ fold }) => fold !== 'applied').map(outcome)).toEqual([
    'common.md null: missing type',
    // Segment's first e-commerce spec, by now replaced, wrote `orderId`.
    'ecommerce/index.md Order Completed: missing_order_id properties.order_id',
  ]);
});
