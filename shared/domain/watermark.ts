import { hashText } from './hash.ts';
import type { Watermark } from './item.ts';

/**
 * Names one life of a stream in 8 characters. CloudFormation gives a recreated stream a new name, so the name
 * tells two lives apart; positions of two lives are never compared.
 */
export function incarnationOf(streamName: string): string {
  return hashText(streamName, 8);
}

/** Order of two Kinesis sequence numbers: decimal texts of different lengths, too long for a number. */
export function compareSequences(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  // Stryker disable next-line EqualityOperator: what is equal is answered above
  return left < right ? -1 : 1;
}

/** Whether a facet with this watermark has already taken the record at `position`. */
export function covers(watermark: Watermark | undefined, position: Watermark): boolean {
  return (
    watermark !== undefined &&
    watermark.incarnation === position.incarnation &&
    compareSequences(position.sequence, watermark.sequence) <= 0
  );
}

/** A short name for a position, 8 characters: enough to know a record again among those of its subject. */
export function positionName({ incarnation, sequence }: Watermark): string {
  return hashText(`${incarnation}/${sequence}`, 8);
}
