import { entryText } from '../../local/cli/entry-text.ts';
import {
  parseQuarantineCommand,
  runQuarantineCommand,
  type QuarantineCommand,
} from '../../local/cli/quarantine-command.ts';
import { sinceOf } from '../../local/cli/since.ts';
import type { QuarantineEntry } from '../../shared/ports/quarantine.ts';
import { gzipSync } from 'node:zlib';
import { keyOf, memoryStage, NOW, type MemoryStage } from '../memory-stage.ts';

const entryOf = (changes: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  id: 'critical/shardId-000000000000/49',
  code: 'missing_order_id',
  reason: 'an order needs its number',
  path: 'properties.order_id',
  functionName: 'fold-profiles-critical',
  lane: 'critical',
  sequence: '49',
  arrivedAt: NOW,
  quarantinedAt: NOW + 5,
  bytes: Buffer.from('{"a":{"b":1}}').toString('base64'),
  ...changes,
});

async function run(stage: MemoryStage, args: string): Promise<readonly string[]> {
  const said: string[] = [];
  await runQuarantineCommand(
    parseQuarantineCommand(args.split(' ')) as Exclude<QuarantineCommand, { name: 'help' }>,
    {
      store: stage.store,
      log: stage.eventLog,
      marks: stage.quarantine,
      quarantine: stage.quarantine,
      subjectKeys: () => Promise.resolve({ keyOf }),
      now: NOW + 3_600_000,
      say: (line) => void said.push(line),
    },
  );
  return said;
}

describe('list', () => {
  async function filled(): Promise<MemoryStage> {
    const stage = memoryStage();
    await stage.quarantine.keep([
      entryOf({ id: 'a', arrivedAt: NOW - 7_200_000 }),
      entryOf({ id: 'b', code: 'too_deep', functionName: 'collect-events', path: undefined }),
      entryOf({ id: 'c' }),
    ]);
    return stage;
  }

  test('says one line an entry and a sum by code', async () => {
    expect(await run(await filled(), 'list')).toEqual([
      '2026-01-15T10:00:00.000Z  fold-profiles-critical  missing_order_id  properties.order_id  a',
      '2026-01-15T12:00:00.000Z  collect-events  too_deep  -  b',
      '2026-01-15T12:00:00.000Z  fold-profiles-critical  missing_order_id  properties.order_id  c',
      '3 entries: missing_order_id 2, too_deep 1',
    ]);
  });

  test.each([
    ['list --since 2h', ['b', 'c']],
    ['list --since 2026-01-15T11:00:00Z', ['b', 'c']],
    ['list --code missing_order_id', ['a', 'c']],
    ['list --function collect-events', ['b']],
    ['list --function collect-events --since 24h --code missing', []],
  ])('%s', async (args, ids) => {
    const said = await run(await filled(), args);
    expect(said.slice(0, -1).map((line) => line.at(-1))).toEqual(ids);
  });

  test('leaves out what was redriven, unless it is asked for', async () => {
    const stage = await filled();
    await stage.quarantine.mark([entryOf({ id: 'a' }), entryOf({ id: 'c' })], 'done');
    expect((await run(stage, 'list')).at(-1)).toBe('1 entry: too_deep 1');
    expect((await run(stage, 'list --redriven'))[0]).toMatch(/ {2}a {2}\(redriven\)$/);
  });

  test('of nothing says so', async () => {
    expect(await run(memoryStage(), 'list')).toEqual(['nothing is in quarantine']);
  });
});

describe('show', () => {
  test('says all of an entry, and its JSON indented', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([entryOf(), entryOf({ id: 'other' })]);
    expect((await run(stage, `show ${entryOf().id}`)).join('\n')).toBe(
      [
        'id           critical/shardId-000000000000/49',
        'function     fold-profiles-critical',
        'code         missing_order_id',
        'reason       an order needs its number',
        'path         properties.order_id',
        'lane         critical',
        'sequence     49',
        'arrived      2026-01-15T12:00:00.000Z',
        'quarantined  2026-01-15T12:00:00.005Z',
        '',
        '{\n  "a": {\n    "b": 1\n  }\n}',
      ].join('\n'),
    );
  });

  const shown = (bytes: Uint8Array) => entryText(entryOf({ bytes: Buffer.from(bytes).toString('base64') }));

  test('shows text as it is, a packed body unpacked, and bytes that are no text in base64', () => {
    expect(shown(Buffer.from('{"☕":'))).toMatch(/\n\n\{"☕":$/);
    expect(shown(gzipSync('[1]'))).toMatch(/\n\n\[\n {2}1\n\]$/);
    expect(shown(Buffer.from([0xff, 0xfe]))).toMatch(/\(not text; in base64\) \/\/4=$/);
    expect(shown(Buffer.from([0x1f, 0x8b, 0xff]))).toMatch(/base64\) H4v\/$/);
  });

  test('shows what nests too deep to be written out again', () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    expect(shown(Buffer.from(deep)).length).toBeGreaterThan(deep.length);
  });

  test('lets nothing that a sender wrote steer the terminal', () => {
    const text = shown(Buffer.from('\u001b[2J {"a":"\u009b31m\u202e"} \r'));
    expect(text).toContain('\\u{1b}[2J {"a":"\\u{9b}31m\\u{202e}"} \\u{d}');
    expect(shown(Buffer.from('{"a":"\u009b31m"}'))).toContain('"\\u{9b}31m"');
  });

  test('of an id that nobody has is a sentence', async () => {
    await expect(run(memoryStage(), 'show nobody')).rejects.toThrow(
      'there is no entry "nobody" in quarantine',
    );
  });
});

describe('redrive', () => {
  test('says what became of each, with a sum, and knows what it did before', async () => {
    const stage = memoryStage();
    await stage.collect('batch', { batch: [{ type: 'track', userId: 'ann' }] });
    const good = {
      type: 'track',
      userId: 'ann',
      event: 'Order Refunded',
      properties: { refund_id: 'r', total: 1 },
    };
    await stage.quarantine.keep([
      entryOf({
        id: 'good',
        arrival: { source: 'server' },
        bytes: Buffer.from(JSON.stringify(good)).toString('base64'),
      }),
    ]);

    expect(await run(stage, 'redrive --all --dry-run')).toEqual([
      'refused  collect-events/request-1/0  missing: event a track event needs its name',
      'to be redriven  good',
      'nothing done; would be: redriven 1, already-applied 0, window-passed 0, refused 1',
    ]);
    expect(stage.eventLog.records('critical')).toEqual([]);
    expect((await run(stage, 'redrive good')).join('\n')).toBe(
      'redriven  good\nredriven 1, already-applied 0, window-passed 0, refused 0',
    );
    expect((await run(stage, 'redrive good'))[0]).toBe('redriven before  good');
    expect((await run(stage, 'redrive --code missing'))[0]).toMatch(/^refused /);
    expect(stage.eventLog.records('critical')).toHaveLength(1);
  });

  test('does nothing at all if it does not know one of the ids', async () => {
    const stage = memoryStage();
    await stage.quarantine.keep([entryOf()]);
    await expect(run(stage, `redrive ${entryOf().id} nobody`)).rejects.toThrow('there is no entry "nobody"');
    expect(stage.eventLog.records('critical')).toEqual([]);
  });
});

test.each([
  ['purge', 'there is no command "quarantine purge"; known are list, show and redrive'],
  ['show', 'show takes one id'],
  ['show a b', 'show takes one id'],
  ['list a', 'list takes no ids: quarantine show ID shows one entry'],
  ['redrive', 'redrive what? Name ids, --code CODE, --function NAME or --all'],
  ['redrive --since 1h', 'redrive what? Name ids, --code CODE, --function NAME or --all'],
  ['redrive a --all', 'redrive takes ids or a filter, not both'],
  ['list --colour', "Unknown option '--colour'"],
])('"%s" is answered by one sentence', (args, sentence) => {
  expect(() => parseQuarantineCommand(args.split(' '))).toThrow(new Error(sentence));
});

test('help is asked for by its name or by saying nothing', () => {
  expect([parseQuarantineCommand([]), parseQuarantineCommand(['redrive', '--help'])]).toEqual([
    { name: 'help' },
    { name: 'help' },
  ]);
});

test.each([
  ['90m', 5_400_000],
  ['24h', 86_400_000],
  ['30d', 30 * 86_400_000],
])('--since %s is so long ago', (text, ms) => {
  expect(sinceOf(text, NOW)).toBe(NOW - ms);
});

test.each(['yesterday', '24', '', '1w', '-1h'])('--since "%s" is no time', (text) => {
  expect(() => sinceOf(text, NOW)).toThrow(/^--since is /);
});
