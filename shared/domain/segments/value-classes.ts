import type { Json } from '../json.ts';
import type { Test } from './condition.ts';

/** Numbers of the classes that every subject has; those of texts and numbers follow. */
const NULL = 0;
const TRUE = 1;
const FALSE = 2;
/** Texts that no test names. */
export const OTHER_TEXT = 3;
const FIRST_NAMED = 4;

/** Classes of values, such that each of the tests says the same of all values of one class. */
export interface ValueClasses {
  /** Classes are numbered from 0. */
  readonly count: number;
  /** The class of a value; -1: it is of none, and each test must be asked. */
  classOf(value: Json, now: number): number;
  /** The same for what is known to be a number, and no NaN. */
  classOfNumber(value: number): number;
}

/** Numbers are cut where a test names one, texts are told apart if a test names them. */
export function valueClasses(tests: readonly Test[]): ValueClasses {
  const constants = tests.flatMap(constantsIn);
  const texts = new Map<string, number>();
  for (const text of constants) {
    if (typeof text === 'string' && !texts.has(text)) texts.set(text, FIRST_NAMED + texts.size);
  }
  const cuts = cutsOf(constants.map((value) => (typeof value === 'string' ? Number(value) : value)));
  const firstNumber = FIRST_NAMED + texts.size;
  const classOfNumber = (value: number): number => firstNumber + placeOf(value, cuts);
  return {
    count: firstNumber + 2 * cuts.length + 1,
    classOfNumber,
    classOf(value) {
      switch (typeof value) {
        case 'string': {
          const known = texts.get(value);
          if (known !== undefined) return known;
          // A text that is a number is compared as one.
          return isWord(value) || Number.isNaN(Number(value)) ? OTHER_TEXT : -1;
        }
        case 'number':
          return Number.isNaN(value) ? -1 : classOfNumber(value);
        case 'boolean':
          return value ? TRUE : FALSE;
        default:
          return value === null ? NULL : -1;
      }
    },
  };
}

/**
 * Whether a text is no number at first sight: it begins with a letter, and not as "Infinity" does. Beyond ASCII there are
 * blanks, which numbers may begin with.
 */
function isWord(text: string): boolean {
  const first = text.charCodeAt(0);
  return first >= A && first < BEYOND_ASCII && first !== I;
}

const A = 'A'.charCodeAt(0);
const I = 'I'.charCodeAt(0);
const BEYOND_ASCII = 0x80;

/** The same for times, of which only their age counts. */
export function ageClasses(tests: readonly Test[]): ValueClasses {
  const cuts = cutsOf(tests.map((test) => ('ms' in test ? test.ms : 0)));
  return {
    count: 2 * cuts.length + 2,
    classOf: (value, now) => (typeof value === 'number' ? 1 + placeOf(now - value, cuts) : NULL),
    classOfNumber: () => -1,
  };
}

/** Whether a test asks for the age of a time. */
export function isOfAge(test: Test): boolean {
  return test.kind === 'within' || test.kind === 'before';
}

/** Whether what a test says hangs on nothing but the class of a value. */
export function isByClass(test: Test): boolean {
  switch (test.kind) {
    case 'text':
    case 'number':
    case 'flag':
    case 'null':
    case 'exists':
    case 'type':
    case 'within':
    case 'before':
      return true;
    case 'same':
      return typeof test.value !== 'object' || test.value === null;
    case 'order':
      return typeof test.than === 'number';
    case 'one-of':
      return !test.ignoresCase && test.values.every((value) => typeof value !== 'object' || value === null);
    default:
      return false;
  }
}

function constantsIn(test: Test): readonly (string | number)[] {
  switch (test.kind) {
    case 'text':
    case 'number':
      return [test.value];
    case 'same':
      return typeof test.value === 'string' || typeof test.value === 'number' ? [test.value] : [];
    case 'order':
      return [test.than];
    case 'one-of':
      return test.values.filter((value) => typeof value === 'string' || typeof value === 'number');
    case 'flag':
      // True of what is neither 0 nor empty.
      return [0, ''];
    default:
      return [];
  }
}

function cutsOf(numbers: readonly number[]): Float64Array {
  return Float64Array.from(new Set(numbers.filter((number) => !Number.isNaN(number)))).sort();
}

/** Twice the number of cuts below, and one more for a cut itself. */
function placeOf(number: number, cuts: Float64Array): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return 2 * low + (cuts[low] === number ? 1 : 0);
}
