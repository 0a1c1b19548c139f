import fc from 'fast-check';
import { FIRST_PAGE } from '../../shared/domain/item.ts';
import { totalsOf } from '../../shared/domain/ledger.ts';
import { describeProfile, profileOf } from '../../shared/domain/profile.ts';
import type { Lane, StreamEvent } from '../../shared/domain/stream-event.ts';
import { purchase, shelf, type Shelf } from '../events.ts';
import { bulkEvents, criticalEvents } from './arbitrary-events.ts';

const facts = (subject: Shelf) => describeProfile('u:ann', subject.profile());

/** How one delivery of a batch goes: how many records it takes, and after how many writes the function dies (all: its answer is lost). */
interface Delivery {
  readonly size: number;
  readonly diesAfter: number | null;
}

const deliveries = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 200 }), diesAfter: fc.option(fc.integer({ min: 0, max: 6 })) }),
  { maxLength: 60, size: 'max' },
);

/**
 * Delivers a stream as Lambda does: a batch that fails comes again from its first record, in another size; what
 * was written before the function died stays written. Ends when all is delivered.
 */
function deliver(
  subject: Shelf,
  events: readonly StreamEvent[],
  plan: readonly Delivery[],
  lane: Lane,
): void {
  let position = 0;
  for (const { size, diesAfter } of [...plan, { size: events.length, diesAfter: null }]) {
    const batch = events.slice(position, position + size);
    if (batch.length === 0) return;
    const { writes } = subject.dryRun(batch, position + 1, lane);
    subject.put(writes.slice(0, diesAfter ?? writes.length));
    if (diesAfter === null) position += batch.length;
  }
}

/** A delivery of either life, from where it is or from so many records before that. */
interface Overlap extends Delivery {
  readonly life: 'old' | 'new';
  readonly back: number;
}

const overlaps = fc.array(
  fc.record({
    life: fc.constantFrom('old' as const, 'new' as const),
    back: fc.integer({ min: 0, max: 200 }),
    size: fc.integer({ min: 1, max: 200 }),
    diesAfter: fc.option(fc.integer({ min: 0, max: 6 })),
  }),
  { maxLength: 60, size: 'max' },
);

/** Delivers two lives of a stream in the order of the plan, then what is left of each. */
function deliverLives(
  subject: Shelf,
  lives: Readonly<Record<'old' | 'new', readonly StreamEvent[]>>,
  plan: readonly Overlap[],
  lane: Lane,
): void {
  const positions = { old: 0, new: 0 };
  const rest = (['old', 'new'] as const).map((life): Overlap => {
    const { length } = lives[life];
    return { life, back: length, size: 2 * length, diesAfter: null };
  });
  for (const { life, back, size, diesAfter } of [...plan, ...rest]) {
    const from = Math.max(0, positions[life] - back);
    const batch = lives[life].slice(from, from + size);
    if (batch.length === 0) continue;
    const { writes } = subject.dryRun(batch, from + 1, lane, life);
    subject.put(writes.slice(0, diesAfter ?? writes.length));
    if (diesAfter === null) positions[life] = Math.max(positions[life], from + batch.length);
  }
}

const lanes = [
  ['critical', criticalEvents()],
  // More events than the ring remembers: only the watermark can tell a redelivery then.
  ['bulk', bulkEvents(320)],
] as const;

describe.each(lanes)('exactly one effect, %s lane', (lane, events) => {
  test('however batches are cut, die and come again, the profile is that of one clean pass', () => {
    fc.assert(
      fc.property(events, deliveries, (all, plan) => {
        const clean = shelf();
        clean.fold(all, { lane });
        const troubled = shelf();
        deliver(troubled, all, plan, lane);

        expect(facts(troubled)).toEqual(facts(clean));
      }),
    );
  });

  test('however two lives of a stream overlap and come again, the profile is that of one clean pass', () => {
    fc.assert(
      fc.property(events, fc.double({ min: 0, max: 1, noNaN: true }), overlaps, (all, share, plan) => {
        const clean = shelf();
        clean.fold(all, { lane });
        const troubled = shelf();
        const cut = Math.floor(all.length * share);
        deliverLives(troubled, { old: all.slice(0, cut), new: all.slice(cut) }, plan, lane);

        expect(facts(troubled)).toEqual(facts(clean));
      }),
    );
  });

  test('a message that its producer sends again within the window changes nothing', () => {
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.integer({ min: 0, max: 20 })), (all, chances) => {
        const clean = shelf();
        clean.fold(all, { lane });
        const repeated = all.flatMap((event, index) => {
          const back = chances.next().value;
          const earlier = all[index - back];
          return back > 0 && earlier ? [event, earlier] : [event];
        });
        const subject = shelf();
        subject.fold(repeated, { lane });

        expect(facts(subject)).toEqual(facts(clean));
      }),
    );
  });
});

test('what a reader sees without reading pages is right however batches of many orders die and come again', () => {
  const orders = fc.array(fc.record({ order: fc.nat(400), minute: fc.nat(5_000) }), {
    minLength: 70,
    maxLength: 250,
    size: 'max',
  });
  fc.assert(
    fc.property(orders, deliveries, (list, plan) => {
      const all = list.map(({ order, minute }, index) =>
        purchase({ order: `o${order}`, minute, messageId: `m${index}` }),
      );
      const troubled = shelf();
      deliver(troubled, all, plan, 'critical');
      const withoutPages = troubled.items().filter(({ item }) => item < FIRST_PAGE);

      expect(totalsOf(profileOf(withoutPages).orders).orders).toBe(
        new Set(list.map(({ order }) => order)).size,
      );
    }),
  );
});
