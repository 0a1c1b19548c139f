import type { Json } from '../json.ts';
import type { Window } from './window.ts';

/** A condition once it is checked: a closed tree, so that whoever reads it can be complete. */
export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** What stands at `path` (names, from the outside in) passes the test; nothing there is null. */
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly test: Test }
  | { readonly kind: 'window'; readonly window: Window; readonly test: Test }
  | { readonly kind: 'member'; readonly segment: string };

export type Order = '<' | '<=' | '>' | '>=';

/** What is asked of one value. */
export type Test =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'null' }
  /** The value's JSON is this one. */
  | { readonly kind: 'json'; readonly value: string }
  /** The very same value: no text is a number. */
  | { readonly kind: 'same'; readonly value: Json }
  | { readonly kind: 'order'; readonly order: Order; readonly than: number | string }
  /** Versions in the form that {@link sortableVersion} gives them. */
  | { readonly kind: 'version'; readonly order: Order | '='; readonly than: string }
  /** The value, or one of its elements if it is a list. Values that ignore case are in lower case. */
  | { readonly kind: 'one-of'; readonly values: readonly Json[]; readonly ignoresCase: boolean }
  /** A list in which each of the tests holds for some element. */
  | { readonly kind: 'has-all'; readonly tests: readonly Test[]; readonly ignoresCase: boolean }
  | { readonly kind: 'exists' }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'size'; readonly test: Test }
  | { readonly kind: 'element'; readonly test: Test }
  | { readonly kind: 'object-element'; readonly condition: Condition }
  /** A time (ms) that lies less than `ms` back. */
  | { readonly kind: 'within'; readonly ms: number }
  /** A time that lies `ms` back or more. */
  | { readonly kind: 'before'; readonly ms: number }
  | { readonly kind: 'every'; readonly tests: readonly Test[] }
  | { readonly kind: 'no'; readonly test: Test };

/** One thing to correct in a condition. */
export interface ConditionFault {
  readonly code:
    | 'unknown_field'
    | 'unknown_operator'
    | 'unknown_event'
    | 'unknown_segment'
    | 'unknown_list'
    | 'wrong_type'
    | 'unsafe_pattern'
    | 'not_a_duration'
    | 'window_too_long'
    | 'more_than_kept'
    | 'nested_too_deep'
    | 'name_clash'
    | 'segment_cycle';
  readonly path: string;
  readonly message: string;
}
