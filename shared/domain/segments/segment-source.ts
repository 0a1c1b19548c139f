import type { Json } from '../json.ts';
import type { FIELDS, FieldType } from './fields.ts';

/** How a shop writes a condition; what the types cannot see, such as names of segments, is checked when it is read. */
export type ConditionSource = Logic & Looks & Fields;

interface Logic {
  readonly $and?: readonly ConditionSource[];
  readonly $or?: readonly ConditionSource[];
  readonly $nor?: readonly ConditionSource[];
  readonly $not?: ConditionSource;
  /** In another segment. */
  readonly $segment?: string;
}

interface Looks {
  readonly $count?: Look & { readonly is: NumberTest };
  readonly $distinct?: Look & { readonly of: '$day' | EventPath; readonly is: NumberTest };
  /** With `currency` in minor units. */
  readonly $sum?: Look & { readonly of?: EventPath; readonly currency?: string; readonly is: NumberTest };
  /** The first ever: its time, or with `of` its property. */
  readonly $first?: Omit<Look, 'within'> & FirstOrLast;
  readonly $last?: Look & FirstOrLast;
}

type FirstOrLast =
  { readonly of?: never; readonly is: TimeTest } | { readonly of: EventPath; readonly is: AnyTest };

interface Look {
  /** `Order Completed`, or `page`, `screen`, `identify`. */
  readonly event: string;
  readonly where?: EventCondition;
  /** `30m`, `2h`, `90d` */
  readonly within?: Duration;
}

export type Duration = `${number}${'m' | 'h' | 'd'}`;
type EventPath = `${'properties' | 'traits' | 'context'}.${string}`;

/** Of an event that a window looks at. */
export interface EventCondition {
  readonly $and?: readonly EventCondition[];
  readonly $or?: readonly EventCondition[];
  readonly $nor?: readonly EventCondition[];
  readonly $not?: EventCondition;
  readonly [path: EventPath]: AnyTest;
}

type Fields = {
  readonly [Path in keyof typeof FIELDS]?: TestOf<(typeof FIELDS)[Path]>;
} & { readonly [path: `orders.${'spent' | 'refunded'}.${string}`]: NumberTest };

type TestOf<Type extends FieldType> = Type extends 'number'
  ? NumberTest
  : Type extends 'text'
    ? TextTest
    : Type extends 'texts'
      ? TextsTest
      : Type extends 'time'
        ? TimeTest
        : AnyTest;

interface Groups {
  readonly $inGroup?: string;
  readonly $notInGroup?: string;
  readonly $exists?: boolean;
}

type NumberTest =
  | number
  | null
  | (Groups & {
      readonly $eq?: number;
      readonly $ne?: number;
      readonly $lt?: number;
      readonly $lte?: number;
      readonly $gt?: number;
      readonly $gte?: number;
      readonly $in?: readonly number[];
      readonly $nin?: readonly number[];
      readonly $not?: NumberTest;
    });

interface Lists {
  readonly $in?: readonly string[];
  readonly $nin?: readonly string[];
  readonly $ini?: readonly string[];
  readonly $nini?: readonly string[];
}

type TextTest =
  | string
  | null
  | (Groups &
      Lists & {
        readonly $eq?: string;
        readonly $ne?: string;
        readonly $regex?: string;
        readonly $regexi?: string;
        readonly $not?: TextTest;
      });

type TextsTest =
  | null
  | (Groups &
      Lists & {
        readonly $all?: readonly string[];
        readonly $alli?: readonly string[];
        readonly $elemMatch?: TextTest;
        readonly $size?: NumberTest;
        readonly $not?: TextsTest;
      });

type TimeTest = null | {
  /** Less than so long ago. */
  readonly $within?: Duration;
  /** So long ago or longer. */
  readonly $before?: Duration;
  readonly $exists?: boolean;
  readonly $not?: TimeTest;
};

/** Of what senders decide the shape of: any operator. */
type AnyTest = Json;

/** From the first look to recommending the shop. */
export type JourneyStage = 'awareness' | 'consideration' | 'purchase' | 'retention' | 'advocacy';

export interface SegmentSource {
  /** One sentence: who is in it. */
  readonly description: string;
  readonly when: ConditionSource;
  /** Whether those who enter and leave are told of in the stage's stream of changes, where it has one. */
  readonly announce?: boolean;
}

export interface SegmentsConfig {
  /** Names of the shop's own events that windows look at. */
  readonly events?: readonly string[];
  /** Lists of values that `$inGroup` names. */
  readonly lists?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly named: Readonly<Record<string, SegmentSource>>;
  /** The furthest stage whose condition holds is somebody's. */
  readonly journey: Readonly<Record<JourneyStage, ConditionSource>>;
}
