import type { FoldRecord } from './fold.ts';
import { hash64 } from './hash.ts';
import type { Lane, StreamEvent } from './stream-event.ts';
import { compareSequences } from './watermark.ts';

/** What was read of one subject's records in one lane, in the order of the stream. */
export interface SubjectHistory {
  readonly key: string;
  readonly lane: Lane;
  readonly incarnation: string;
  readonly records: readonly FoldRecord[];
}

export interface SampleLimits {
  /** Chooses: another one, other subjects. */
  readonly salt: string;
  readonly subjects: number;
  /** Of their records together. */
  readonly bytes: number;
}

export interface SubjectSample {
  /** Adds a record if its subject is chosen. */
  add(
    record: { readonly lane: Lane; readonly incarnation: string; readonly sequence: string },
    event: StreamEvent,
    bytes: number,
  ): void;
  /** Of this subject's records in the lane not all were applied: nothing can be computed from them. */
  spoil(key: string, lane: Lane): void;
  histories(): readonly SubjectHistory[];
}

interface Chosen {
  readonly rank: number;
  bytes: number;
  readonly lanes: Map<Lane, { readonly incarnation: string; readonly records: FoldRecord[] } | 'spoilt'>;
}

/**
 * Chooses subjects while records stream by: those whose hash under the salt is smallest, as many as the limits allow.
 * The bar only ever falls, so a subject that is chosen in the end was chosen at its first record: its records are all
 * there.
 */
export function subjectSample({ salt, subjects, bytes: maxBytes }: SampleLimits): SubjectSample {
  const chosen = new Map<string, Chosen>();
  let bar = Number.POSITIVE_INFINITY;
  let bytesHeld = 0;

  const choose = (key: string): Chosen | undefined => {
    const known = chosen.get(key);
    if (known) return known;
    const rank = rankOf(salt, key);
    if (rank >= bar) return undefined;
    const subject: Chosen = { rank, bytes: 0, lanes: new Map() };
    chosen.set(key, subject);
    return subject;
  };

  const shrink = (): void => {
    while (chosen.size > subjects || bytesHeld > maxBytes) {
      const [worst] = [...chosen].sort(([, one], [, other]) => other.rank - one.rank);
      if (!worst) return;
      const [key, { rank, bytes }] = worst;
      chosen.delete(key);
      bytesHeld -= bytes;
      bar = rank;
    }
  };

  return {
    add({ lane, incarnation, sequence }, event, bytes) {
      const subject = choose(event.subject.key);
      if (!subject) return;
      const history = subject.lanes.get(lane) ?? { incarnation, records: [] };
      if (history === 'spoilt') return;
      if (history.incarnation !== incarnation) {
        // Records of two lives have no order.
        subject.lanes.set(lane, 'spoilt');
        return;
      }
      history.records.push({ sequence, event });
      subject.lanes.set(lane, history);
      subject.bytes += bytes;
      bytesHeld += bytes;
      shrink();
    },
    spoil(key, lane) {
      choose(key)?.lanes.set(lane, 'spoilt');
      shrink();
    },
    histories: () =>
      [...chosen].flatMap(([key, { lanes }]) =>
        [...lanes].flatMap(([lane, history]) =>
          history === 'spoilt'
            ? []
            : [
                {
                  key,
                  lane,
                  incarnation: history.incarnation,
                  records: history.records.toSorted((one, other) =>
                    compareSequences(one.sequence, other.sequence),
                  ),
                },
              ],
        ),
      ),
  };
}

function rankOf(salt: string, key: string): number {
  const [high, low] = hash64(`${salt}\n${key}`);
  return high * 2 ** 20 + (low >>> 12);
}
