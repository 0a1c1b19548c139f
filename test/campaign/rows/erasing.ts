import { eraseSubject, type ErasePorts } from '../../../shared/adapters/erase-subject.ts';
import { manualClock } from '../../../shared/adapters/memory/manual-clock.ts';
import { memoryProfileStore } from '../../../shared/adapters/memory/memory-profile-store.ts';
import { memorySuppressions } from '../../../shared/adapters/memory/memory-suppressions.ts';
import { erasingTime, type Suppression } from '../../../shared/domain/erasure.ts';
import { foldSubject } from '../../../shared/domain/fold.ts';
import type { StoredItem } from '../../../shared/domain/item.ts';
import type { SuppressionReader } from '../../../shared/ports/suppressions.ts';
import { keyOf, NOW } from '../../memory-stage.ts';
import { changedAgain } from '../erased-again.ts';
import { wrongItems, type Erasing } from '../erased-items.ts';
import { erasingStory, type ErasingStep } from '../erasing-story.ts';
import { facetStates, type States } from '../model-fold.ts';
import { wrongOrders } from '../recounted-orders.ts';
import type { Trial } from '../row.ts';
import { runSchedule, type Errand, type ScheduleOptions } from '../schedule.ts';
import { SHIPPED, type FoldUnderTest } from '../subject-under-test.ts';
import { withoutPartings } from '../without-partings.ts';
import type { Odds } from '../weather.ts';

/** An erasing is many calls: where each may well fail, it comes to its end only in fair weather, when all else is over. */
const ODDS: Odds = {
  slow: 0.1,
  before: 0.01,
  lost: 0.02,
  'crash before': 0.01,
  'crash after': 0.02,
  late: 0.01,
};

export interface ErasingUnderTest extends Pick<ScheduleOptions, 'fold'> {
  readonly erase?: (suppression: Suppression, ports: ErasePorts) => Promise<unknown>;
}

/**
 * Some are erased, once or again, while their events, from before and from after it, are folded and delivered again, and come back. In the
 * end no item may hold anything that happened before, and all that happened since must be there.
 */
export async function tryErasing(seed: number, underTest: ErasingUnderTest = {}): Promise<Trial> {
  const { erase = eraseSubject, fold } = underTest;
  const story = await erasingStory(seed);
  const store = memoryProfileStore();
  const suppressions = memorySuppressions();
  const clock = manualClock(NOW);
  const done = new Map<string, Erasing>();
  const errandOf = ({ does, subject, kind, at }: ErasingStep): Errand => ({
    at,
    async run(ports) {
      const key = keyOf(subject);
      if (does === 'ask') {
        const erasedAt = erasingTime(await ports.store.query(key, { consistent: true }), clock.now());
        await erase({ key, kind, erasedAt }, ports);
        done.set(key, { key, kind, askedAt: erasedAt, doneAt: clock.now() });
        return;
      }
      for (const suppression of await allOf(suppressions))
        if (suppression.key === key) await erase(suppression, ports);
      const before = done.get(key);
      if (before !== undefined) done.set(key, { ...before, doneAt: clock.now() });
    },
  });
  const { invocations, crashes, violations } = await runSchedule(seed, {
    records: story.records,
    store,
    suppressions,
    passing: { clock, crowd: story.crowd },
    batchSize: story.batchSize,
    heldBackFrom: story.backFrom,
    odds: ODDS,
    storms: 400,
    ...(fold && { fold }),
    expected: withoutLateLinks,
    compared: ownFacts,
    errands: story.erasings.map((steps) => steps.map(errandOf)),
  });
  const items = store.items();
  const erasings = [...done.values()];
  const wrong = [
    ...violations,
    ...wrongItems(items, erasings, story.events),
    ...wrongOrders(items, story.events.critical),
  ];
  if (violations.length === 0) {
    const known = await allOf(suppressions);
    const alone = new Set(erasings.filter(({ kind }) => kind === 'device').map(({ key }) => key));
    for (const suppression of known) await erase(suppression, { store, suppressions, clock });
    wrong.push(...changedAgain(items, store.items(), alone));
  }
  return {
    counts: { schedules: 1, erasings: erasings.length, invocations, crashes },
    violations: [...new Set(wrong)],
  };
}

/** The shipped fold, erasing no device: which are, is taken from the items that it is compared with. */
export const withoutLateLinks: FoldUnderTest = (batch) =>
  SHIPPED({
    ...batch,
    foldSubject: (...of) => {
      const step = foldSubject(...of);
      return 'needs' in step ? step : { ...step, lateLinks: [] };
    },
  });

/** What each subject did itself. */
function ownFacts(items: readonly StoredItem[]): States {
  return facetStates(items.map(withoutPartings));
}

async function allOf(suppressions: SuppressionReader): Promise<readonly Suppression[]> {
  const all: Suppression[] = [];
  for await (const suppression of suppressions.all()) all.push(suppression);
  return all;
}
