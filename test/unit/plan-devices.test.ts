import { planDevices } from '../../shared/domain/account.ts';
import { mergeFacts, NO_FACTS } from '../../shared/domain/facts.ts';
import type { LinkedDevice } from '../../shared/domain/links.ts';
import { NO_PROFILE, type Profile } from '../../shared/domain/profile.ts';

const device = (name: string, change: Partial<LinkedDevice> = {}): LinkedDevice => ({
  device: name,
  proof: 'server',
  firstAt: 1,
  lastAt: 10,
  notedAt: 10,
  isShared: false,
  ...change,
});
const userWith = (
  devices: readonly LinkedDevice[],
  copiedAt: Readonly<Record<string, number>> = {},
): Profile => ({
  ...NO_PROFILE,
  devices,
  copies: Object.entries(copiedAt).map(([name, takenAt]) => ({
    device: name,
    takenAt,
    versions: { checkout: 1, orders: 0, browse: 0 },
    facts: NO_FACTS,
  })),
});
const names = (devices: readonly LinkedDevice[]) => devices.map((one) => one.device);

describe('which devices of an account are read', () => {
  test('the most recent first, of the same time by name; what is over is left', () => {
    const devices = ['c', 'a', 'b'].map((name) => device(name));
    const late = ['e', 'd'].map((name, index) => device(name, { lastAt: 20 + index }));
    for (const user of [userWith([...devices, ...late]), userWith([...late, ...devices].reverse())]) {
      const { read, left } = planDevices(user, undefined);

      expect(names(read)).toEqual(['d', 'e', 'a', 'b']);
      expect(names(left)).toEqual(['c']);
    }
  });

  test('not the one that asks, whether it is proven or only claims', () => {
    const user = userWith([device('a'), device('b', { proof: 'none' }), device('c')]);

    expect(names(planDevices(user, 'a').read)).toEqual(['c', 'b']);
    expect(names(planDevices(user, 'b').read)).toEqual(['a', 'c']);
  });

  test('proven ones before such as only claim, those by time; one that does both once', () => {
    const claims = ['x', 'y'].map((name, index) => device(name, { proof: 'none', lastAt: 30 + index }));
    const user = userWith([device('z', { proof: 'none', lastAt: 99 }), ...claims, device('z'), device('a')]);

    expect(names(planDevices(user, undefined).read)).toEqual(['a', 'z', 'y', 'x']);
  });

  test('not one whose copy is from after it was last seen', () => {
    const devices = [device('a'), device('b'), device('c'), device('d', { notedAt: 11 })];
    const { read } = planDevices(userWith(devices, { a: 9, b: 10, c: 11, d: 11 }), undefined);

    expect(names(read)).toEqual(['a', 'b', 'd']);
  });

  test('not one that is shared', () => {
    expect(planDevices(userWith([device('a', { isShared: true })]), undefined)).toEqual({
      read: [],
      left: [],
    });
  });
});

test('of two subjects read as one the fresher says how fresh; a subject that was never written says nothing', () => {
  const [old, fresh] = [
    { ...NO_FACTS, freshness: { asOf: 1, lagMs: 5 } },
    { ...NO_FACTS, freshness: { asOf: 2, lagMs: 7 } },
  ];

  expect(mergeFacts(old, fresh).freshness).toEqual({ asOf: 2, lagMs: 7 });
  expect(mergeFacts(fresh, old).freshness).toEqual({ asOf: 2, lagMs: 7 });
  expect(mergeFacts(NO_FACTS, old).freshness).toEqual({ asOf: 1, lagMs: 5 });
  expect(mergeFacts(old, NO_FACTS).freshness).toEqual({ asOf: 1, lagMs: 5 });
  expect(mergeFacts(NO_FACTS, NO_FACTS).freshness).toBeUndefined();
});
