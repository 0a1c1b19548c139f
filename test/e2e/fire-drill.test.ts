import { type Drill, startDrill } from '../fire-drill/drill.ts';
import { endpointsOf, poison, throttle } from '../metric-proof/everything.ts';
import { eventually } from './local-stack.ts';

const SPEEDS = ['FastLong', 'FastShort', 'SlowLong', 'SlowShort'];
const FUNCTIONS = [
  'CollectEvents',
  'CriticalLaneFold',
  'BulkLaneFold',
  'RegionCountingCount',
  'DecideCheckout',
  'ReadProfile',
  'ProfileErasingErase',
  'ProfileAudit',
];
const SOURCES = ['CriticalLaneSource', 'BulkLaneSource', 'RegionCountingSource'];
const PAGE = 'PagingPage';

let drill: Drill;
/** Alarms that a drill has seen raised by its fault, and over after it. */
const drilled = new Set<string>();

beforeAll(async () => {
  drill = await startDrill();
  await drill.shop();
  await drill.catchUp();
}, 120_000);
afterAll(() => drill.end());

async function expectRaised(...names: readonly string[]): Promise<void> {
  const raised = await drill.raised();
  expect([...names, PAGE].filter((name) => !raised.has(name))).toEqual([]);
}

/** Hours later all is well again, with shoppers who see it: no alarm is raised any more. */
async function expectOver(names: readonly string[]): Promise<void> {
  await drill.catchUp();
  await drill.pass(6 * 60 + 1);
  const raised = await eventually(
    async () => {
      await drill.visit();
      await drill.shop(1);
      await drill.decide(1);
      await drill.catchUp();
      await drill.pass(6);
      return drill.raised();
    },
    (left) => left.size === 0,
    60_000,
  );
  expect([...raised]).toEqual([]);
  for (const name of [...names, PAGE]) drilled.add(name);
}

test('with nothing wrong, nothing is raised', async () => {
  await drill.decide();
  await drill.pass(10);
  expect([...(await drill.raised())]).toEqual([]);
});

/** Does something while a fault lasts, and ends the fault whatever becomes of it. */
async function under(fault: () => unknown, undo: () => unknown, during: () => Promise<void>): Promise<void> {
  await fault();
  try {
    await during();
  } finally {
    await undo();
  }
}

const isStreamed = (functionId: string): boolean => /Fold|Counting/.test(functionId);

/** For functions that a stream invokes something must be left to do before the collector fails too. */
const leaveWork = async (): Promise<void> => {
  await drill.deployBad('without concurrency', isStreamed);
  await drill.shop();
};

test('profiles that are not what their events say, events that no profile has, audits that do not keep up', async () => {
  const alarms = ['ProfileAuditGap', 'ProfileAuditMismatch', 'ProfileAuditBehind'];
  // While a day has not passed: what is older than the streams keep is nobody's gap any more.
  const restore = [
    await drill.tamper('u:shopper-1', 'checkout', (stored) => ({ ...stored, watermark: undefined })),
    await drill.tamper('u:shopper-2', 'orders', (stored) => ({
      ...stored,
      state: stored.state.replaceAll('4990', '4991'),
    })),
  ];
  await drill.pass(11);
  expect(await drill.audit()).toBe(true);
  await drill.pass(60);
  await expectRaised('ProfileAuditGap', 'ProfileAuditMismatch');

  await under(leaveWork, drill.deployGood, async () => {
    // An audit goes no further than a thousand open records.
    for (let batch = 0; batch < 3; batch++) await drill.shop(240);
    await drill.pass(4 * 60);
    expect(await drill.audit()).toBe(true);
    await drill.pass(60);
    await expectRaised('ProfileAuditGap', 'ProfileAuditBehind');
  });
  for (const put of restore) await put();
  await drill.catchUp();
  await drill.pass(11);
  expect(await drill.audit()).toBe(true);
  await expectOver(alarms);
}, 240_000);

test('a store that is frozen: checkouts are answered, all by defaults and slowly', async () => {
  const alarms = [
    ...SPEEDS.map((speed) => `DecisionsFallbackBurn${speed}`),
    'DecisionsFallbackRateHigh',
    'DecisionsLatencyHigh',
  ];
  await under(drill.freezeStore, drill.thawStore, async () => {
    // The sixth in a row would not wait any more.
    for (let minute = 0; minute < 5; minute++) {
      expect(await drill.decide(1)).toBe(1);
      await drill.pass(1);
    }
    await expectRaised(...alarms);
  });
  await expectOver(alarms);
}, 180_000);

test('a store that turns away writes: what shoppers do shows minutes late', async () => {
  const alarms = [
    ...SPEEDS.map((speed) => `CriticalLaneLagSyncLagBurn${speed}`),
    'CriticalLaneLagSyncLagHigh',
    'BulkLaneLagSyncLagHigh',
    'ThrottlesProfilesWritesThrottled',
    'ThrottlesRegionsWritesThrottled',
  ];
  const { dynamodb } = endpointsOf(drill.stack);
  for (const minutes of [5, 1, 1]) {
    await under(
      () => throttle(dynamodb, ['PutItem']),
      () => throttle(dynamodb, []),
      async () => {
        await drill.shop();
        await drill.failOnce();
        await drill.pass(minutes);
      },
    );
    await drill.catchUp();
  }
  await drill.pass(1);
  await expectRaised(...alarms);
  await expectOver(alarms);
}, 240_000);

test('a store that turns away reads: the functions fall behind', async () => {
  const ages = ['CriticalLaneIteratorAgeHigh', 'BulkLaneIteratorAgeHigh', 'RegionCountingIteratorAgeHigh'];
  const throttles = ['ThrottlesProfilesReadsThrottled', 'ThrottlesRegionsReadsThrottled'];
  const { dynamodb } = endpointsOf(drill.stack);
  await under(
    () => throttle(dynamodb, ['Query', 'GetItem', 'BatchGetItem']),
    () => throttle(dynamodb, []),
    async () => {
      await drill.shop();
      await drill.failOnce();
      await drill.pass(31);
      for (let minute = 0; minute < 3; minute++) {
        await drill.decide(1);
        await drill.tryOnce();
        await drill.pass(1);
      }
      await expectRaised(...ages);
      await drill.pass(4);
      await drill.decide(1);
      await drill.pass(1);
      await expectRaised(...throttles);
    },
  );
  await expectOver([...ages, ...throttles]);
}, 240_000);

test('poison in both lanes', async () => {
  const alarms = ['CriticalLaneEventsQuarantined', 'BulkLaneEventsQuarantined'];
  await Promise.all([poison(drill.parts, 'critical'), poison(drill.parts, 'bulk')]);
  await drill.catchUp();
  await drill.pass(1);
  await expectRaised(...alarms);
  await expectOver(alarms);
}, 120_000);

test('streams that turn events away: senders are told to come again', async () => {
  const alarms = ['ThrottlesCriticalEventsThrottled', 'ThrottlesBulkEventsThrottled', 'HttpAnswering5xx'];
  const { kinesis } = endpointsOf(drill.stack);
  await under(
    () => throttle(kinesis, ['PutRecords']),
    () => throttle(kinesis, []),
    async () => {
      for (const minutes of [5, 1]) {
        await drill.shop(1);
        await drill.pass(minutes);
      }
      await expectRaised(...alarms);
    },
  );
  await expectOver(alarms);
}, 120_000);

test('a deploy that crashes', async () => {
  const alarms = [...FUNCTIONS.map((name) => `${name}Failing`), 'ProfileAuditEnded', 'HttpAnswering5xx'];
  await under(leaveWork, drill.deployGood, async () => {
    await drill.deployBad('crashing');
    for (const minutes of [5, 1]) {
      await drill.visit();
      // Lambda itself tries twice more.
      expect([await drill.audit(), await drill.audit()]).toEqual([false, false]);
      await drill.tryOnce();
      await drill.failOnce();
      await drill.pass(minutes);
    }
    await expectRaised(...alarms);
  });
  await expectOver(alarms);
}, 240_000);

test('no concurrency left; what waits too long is given up, and quarantine has it', async () => {
  const throttled = FUNCTIONS.map((name) => `${name}Throttled`);
  const deadLetters = SOURCES.map((name) => `${name}DeadLetters`);
  await under(leaveWork, drill.deployGood, async () => {
    await drill.deployBad('without concurrency');
    for (const minutes of [5, 1]) {
      await drill.visit();
      expect(await drill.audit()).toBe(false);
      await drill.tryOnce();
      await drill.failOnce();
      await drill.pass(minutes);
    }
    await expectRaised(...throttled, 'HttpAnswering5xx');

    await drill.pass(21 * 60);
    await drill.catchUp();
    await drill.pass(1);
    await expectRaised(...deadLetters);
  });
  await expectOver([...throttled, ...deadLetters]);
}, 240_000);

test('given up, and there is no quarantine to put it into', async () => {
  const dropped = SOURCES.map((name) => `${name}Dropped`);
  await under(leaveWork, drill.deployGood, async () => {
    await under(drill.hideBucket, drill.showBucket, async () => {
      await drill.pass(21 * 60);
      await drill.catchUp();
    });
    await drill.pass(1);
    await expectRaised(...dropped);
  });
  await expectOver(dropped);
}, 240_000);

test('no alarm was left out, and each was raised and over', async () => {
  const histories = await drill.histories();
  expect([...histories.keys()].sort()).toEqual([...drilled].sort());
  for (const [name, history] of histories)
    expect([name, history.slice(history.indexOf('ALARM')).slice(0, 2)]).toEqual([name, ['ALARM', 'OK']]);
});
