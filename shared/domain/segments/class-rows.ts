import type { Json } from '../json.ts';
import type { Subject } from './clauses.ts';
import type { Test } from './condition.ts';
import { contextOf, valueAt, windowTruth, type Evidence, type Truth } from './evaluate.ts';
import { passes } from './pass-test.ts';
import { ageClasses, OTHER_TEXT, valueClasses, type ValueClasses } from './value-classes.ts';

/** A test of one subject, and the clauses that hang on what it says. */
export interface Atom {
  readonly test: Test;
  readonly wanting: number[];
  readonly unwanting: number[];
}

/** In all of an index, 16 MB: values beyond them are judged test by test. */
const MAX_WORDS = 4_194_304;
const FIRST_ROWS = 64;

/** The rows of bits of an index, side by side. */
export class RowTable {
  bits: Int32Array;
  readonly everyone: Int32Array;
  #used = 0;

  /** @param everyone the bit of every clause */
  constructor(everyone: Int32Array) {
    this.everyone = everyone;
    this.bits = new Int32Array(FIRST_ROWS * everyone.length);
    // The first row is that of what cannot be told by rows: it refutes nothing.
    this.add(everyone);
  }

  /** Where the new row begins; -1: there is no more room. */
  add(row: Int32Array): number {
    const offset = this.#used;
    const needed = offset + row.length;
    if (needed > MAX_WORDS) return -1;
    if (needed > this.bits.length) {
      const larger = new Int32Array(Math.min(MAX_WORDS, 2 * needed));
      larger.set(this.bits);
      this.bits = larger;
    }
    this.bits.set(row, offset);
    this.#used = needed;
    return offset;
  }
}

/** Whole numbers below it find their row without a search. */
const SMALL = 128;
const UNMET = -2;

/** What one subject leaves of the clauses, whatever it shows. */
export class ClassRow {
  readonly subject: Subject;
  readonly atoms: readonly Atom[];
  /** Among the rows of its index. */
  readonly position: number;
  readonly #isByAge: boolean;
  readonly #table: RowTable;
  readonly #classes: ValueClasses;
  /** By class; of a window that is not complete in a list of their own. */
  readonly #offsets: Int32Array;
  readonly #incompleteOffsets: Int32Array;
  readonly #offsetOfSmall = new Int32Array(SMALL).fill(UNMET);
  /** Of texts that tests name, and of no others: those are without number. */
  readonly #offsetOfText = new Map<string, number>();

  constructor(given: {
    readonly subject: Subject;
    readonly atoms: readonly Atom[];
    readonly isByAge: boolean;
    readonly position: number;
    readonly table: RowTable;
  }) {
    const tests = given.atoms.map(({ test }) => test);
    this.subject = given.subject;
    this.atoms = given.atoms;
    this.position = given.position;
    this.#isByAge = given.isByAge;
    this.#table = given.table;
    this.#classes = given.isByAge ? ageClasses(tests) : valueClasses(tests);
    this.#offsets = new Int32Array(this.#classes.count).fill(UNMET);
    this.#incompleteOffsets = this.#offsets.slice();
  }

  /** Where in the table the clauses stand that what the subject shows does not refute; below 0: each test must be asked. */
  offsetIn(evidence: Evidence): number {
    const { subject } = this;
    if (subject.kind === 'field') return this.offsetOf(valueAt(evidence.fields, subject.path), evidence.now);
    const { value, isComplete } = evidence.window(subject.window);
    return isComplete ? this.offsetOf(value, evidence.now) : this.#offsetBy(value, evidence.now, false);
  }

  /** The same for a value. @param now ms */
  offsetOf(value: Json, now: number): number {
    if (this.#isByAge) return this.#offsetBy(value, now, true);
    if (typeof value === 'string') {
      const known = this.#offsetOfText.get(value);
      if (known !== undefined) return known;
      const offset = this.#offsetBy(value, now, true);
      if (offset >= 0 && offset !== this.#offsets[OTHER_TEXT]) this.#offsetOfText.set(value, offset);
      return offset;
    }
    if (typeof value === 'number') {
      if (value >= 0 && value < SMALL && value % 1 === 0) {
        const known = this.#offsetOfSmall[value]!;
        return known === UNMET ? (this.#offsetOfSmall[value] = this.#offsetBy(value, now, true)) : known;
      }
      if (value === value) {
        const known = this.#offsets[this.#classes.classOfNumber(value)]!;
        if (known !== UNMET) return known;
      }
    }
    return this.#offsetBy(value, now, true);
  }

  /** Of a field that is not there. */
  offsetOfNothing(): number {
    return this.#offsetBy(null, 0, true);
  }

  #offsetBy(value: Json, now: number, isComplete: boolean): number {
    const valueClass = this.#classes.classOf(value, now);
    if (valueClass < 0) return -1;
    const offsets = isComplete ? this.#offsets : this.#incompleteOffsets;
    if (offsets[valueClass] === UNMET)
      offsets[valueClass] = this.#table.add(this.#rowOf(value, now, isComplete));
    return offsets[valueClass]!;
  }

  #rowOf(value: Json, now: number, isComplete: boolean): Int32Array {
    const row = this.#table.everyone.slice();
    const context = contextOf({ now });
    const { subject } = this;
    const answer = (test: Test): Truth =>
      subject.kind === 'field' || isComplete
        ? passes(test, value, context)
        : windowTruth(subject.window, test, { value, isComplete, completeFrom: 0 }, context);
    for (const atom of this.atoms) refute(atom, answer(atom.test), row);
    return row;
  }
}

/** Takes away the bits of the clauses that want another answer. */
export function refute({ wanting, unwanting }: Atom, truth: Truth, alive: Int32Array): void {
  if (truth !== true) for (const bit of wanting) alive[bit >>> 5]! &= ~(1 << (bit & 31));
  if (truth !== false) for (const bit of unwanting) alive[bit >>> 5]! &= ~(1 << (bit & 31));
}
