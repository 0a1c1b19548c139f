import { hashText } from './hash.ts';
import type { Reach, Watermark } from './item.ts';

/**
 * Names one life of a stream in 8 characters. CloudFormation gives a recreated stream a new name, so the name
 * tells two lives apart; positions of two lives are never compared.
 */
export function incarnationOf(streamName: string): string {
  return hashText(streamName, 8);
}

/** Order of two Kinesis sequence numbers of one life: decimal texts of different lengths, too long for a number. */
export function compareSequences(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  // Stryker disable next-line EqualityOperator: what is equal is answered above
  return left < right ? -1 : 1;
}

/**
 * Whether a facet that has come so far has already taken the record at `position`.
 *
 * @example
 * const life = { incarnation: 'a1B2c3D4', sequence: '10' };
 * hasTaken({ watermark: life }, { ...life, sequence: '9' }); // true
 */
export function hasTaken(reach: Reach | undefined, position: Watermark): boolean {
  const watermark = watermarkIn(reach, position.incarnation);
  return watermark !== undefined && compareSequences(position.sequence, watermark.sequence) <= 0;
}

/** Up to where a facet has come in one life of its stream; undefined: it took nothing of it, or no longer remembers. */
export function watermarkIn(reach: Reach | undefined, incarnation: string): Watermark | undefined {
  return [reach?.watermark, reach?.formerWatermark].find((known) => known?.incarnation === incarnation);
}

/**
 * How far a facet has come when it takes the record at `position` next. A record of the former life moves that life's
 * watermark and leaves the other where it is; a life that the facet has not heard of pushes out the older of the two.
 */
export function reachAfter(reach: Reach, position: Watermark): Reach {
  const { watermark, formerWatermark } = reach;
  if (watermark === undefined) return { watermark: position };
  if (watermark.incarnation === position.incarnation) return { ...reach, watermark: position };
  if (formerWatermark?.incarnation === position.incarnation) return { ...reach, formerWatermark: position };
  return { watermark: position, formerWatermark: watermark };
}

/** What of an item, or of whatever else knows it, says how far it has come: no more than what is there. */
export function reachOf({ watermark, formerWatermark }: Reach): Reach {
  return { ...(watermark && { watermark }), ...(formerWatermark && { formerWatermark }) };
}

/** A short name for a position, 8 characters: enough to know a record again among those of its subject. */
export function positionName({ incarnation, sequence }: Watermark): string {
  return hashText(`${incarnation}/${sequence}`, 8);
}
