import { segmentsOfConfig } from '../shared/domain/segments/compile-segments.ts';
import { describeProfile, type Profile } from '../shared/domain/profile.ts';
import { membershipOf } from '../shared/domain/segments/membership.ts';
import { store } from '../store.config.ts';

/** The segments that ship. */
export const SEGMENTS = segmentsOfConfig(store.segments);

/** A profile as the HTTP API shows it at a time (ms). */
export const shownAt = (now: number, subject: string, profile: Profile) =>
  describeProfile(subject, profile, false, membershipOf(profile, SEGMENTS, now).segments);
