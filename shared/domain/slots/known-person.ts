import type { Profile } from '../profile.ts';
import type { Segments } from '../segments/compile-segments.ts';
import type { Evidence } from '../segments/evaluate.ts';
import { evidenceOf, membershipOf, type Membership } from '../segments/membership.ts';

/** Somebody who is known and may be spoken of: without consent there is nobody. */
export interface KnownPerson {
  readonly level: 'none' | 'device' | 'account';
  readonly profile: Profile;
  /** Judged once, when first asked for. Throws if the profile holds what no fold writes. */
  readonly membership: () => Membership;
  /** What conditions judge this person by; gathered once, as above. */
  readonly evidence: () => Evidence;
}

/** @param now ms */
export function knownPerson(
  level: KnownPerson['level'],
  profile: Profile,
  segments: Segments,
  now: number,
): KnownPerson {
  const evidence = once(() => evidenceOf(profile, segments, now));
  return {
    level,
    profile,
    membership: once(() => membershipOf(profile, segments, now, evidence)),
    evidence,
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
