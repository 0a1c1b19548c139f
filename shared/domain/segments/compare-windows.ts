import type { Json } from '../json.ts';
import { decodeWindows, encodeWindows, type KeptWindows } from './kept-windows.ts';

/**
 * Two states of a facet, the stored and the expected one, with only those windows that the stored one has kept whole since
 * its first event: one that came with a later version of the shop's configuration knows less than a fold from
 * nothing does, and that is no loss.
 */
export function withWholeWindows(stored: Json, expected: Json): readonly [stored: Json, expected: Json] {
  if (!hasWindows(stored) && !hasWindows(expected)) return [stored, expected];
  const [found, wanted] = [windowsIn(stored), windowsIn(expected)];
  const whole = [...found.byName].filter(
    ([name, { from, capacity }]) => from === 0 && wanted.byName.get(name)?.capacity === capacity,
  );
  const names = new Set(whole.map(([name]) => name));
  return [keepOnly(stored, found, names), keepOnly(expected, wanted, names)];
}

type State = { readonly [key: string]: Json };

function hasWindows(state: Json): state is State {
  return typeof state === 'object' && state !== null && 'w' in state;
}

function windowsIn(state: Json): KeptWindows {
  return decodeWindows(hasWindows(state) ? state.w : undefined);
}

function keepOnly(state: Json, windows: KeptWindows, names: ReadonlySet<string>): Json {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return state;
  const { w: _, ...rest } = state as State;
  const kept = new Map([...windows.byName].filter(([name]) => names.has(name)));
  return { ...rest, w: encodeWindows({ ...windows, byName: kept }) ?? null };
}
