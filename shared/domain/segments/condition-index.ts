import type { Json } from '../json.ts';
import { clausesOf, type Clause, type Subject } from './clauses.ts';
import type { Condition, Test } from './condition.ts';
import { contextOf, holds, valueAt, windowTruth, type Evidence, type Truth } from './evaluate.ts';
import { passes } from './pass-test.ts';
import { ageClasses, isByClass, isOfAge, OTHER_TEXT, valueClasses } from './value-classes.ts';

/** Many conditions that are judged at once. */
export interface ConditionIndex {
  /** The positions of those that certainly hold, in order: the very ones of which `holds` says so. */
  match(evidence: Evidence): readonly number[];
}

/**
 * Makes an index of conditions, so that judging somebody takes a walk over what is asked about, however many ask it.
 *
 * Conditions are written as clauses, and a clause is a bit. Of each subject (a field, a window) the values are cut into
 * classes that no test tells apart; a class has a row of bits, those of the clauses that the values of the class do not
 * refute, made when the class is first met. What is left of all clauses after one row for each subject is answered as
 * wanted throughout. Tests that are not by class (patterns, lists) are asked last, and only if a clause still hangs on them.
 *
 * @param segment the condition of a segment that others refer to
 * @example
 * indexConditions([{ kind: 'all', of: [] }], () => undefined).match(evidence) // → [0]
 */
export function indexConditions(
  conditions: readonly Condition[],
  segment: (id: string) => Condition | undefined,
): ConditionIndex {
  const clauses: Clause[] = [];
  const conditionOf: number[] = [];
  /** Those that would take too many clauses. */
  const plain: number[] = [];
  conditions.forEach((condition, position) => {
    const alternatives = clausesOf(condition, segment);
    if (alternatives === undefined) plain.push(position);
    for (const clause of alternatives ?? []) {
      clauses.push(clause);
      conditionOf.push(position);
    }
  });
  const { rows, loose } = questionsOf(clauses);
  const everyone = allBits(clauses.length);
  const alive = new Int32Array(everyone.length);

  return {
    match(evidence) {
      alive.set(everyone);
      if (alive.length <= FEW_WORDS) keepByRow(alive, rows, evidence);
      else keepByFour(alive, rows, evidence);
      for (const { subject, atom } of loose) askIfNeeded(subject, atom, evidence, alive);
      const matched = conditionsAt(alive, conditionOf);
      for (const position of plain) {
        const condition = conditions[position];
        if (condition && holds(condition, evidence)) matched.push(position);
      }
      return plain.length === 0 ? matched : matched.sort((left, right) => left - right);
    },
  };
}

/** A test of one subject, and the clauses that hang on what it says. */
interface Atom {
  readonly test: Test;
  readonly wanting: number[];
  readonly unwanting: number[];
}

interface Questions {
  readonly rows: readonly ClassRow[];
  readonly loose: readonly { readonly subject: Subject; readonly atom: Atom }[];
}

function questionsOf(clauses: readonly Clause[]): Questions {
  const subjects = new Map<string, { readonly subject: Subject; readonly atoms: Map<string, Atom> }>();
  clauses.forEach((clause, bit) => {
    for (const { subject, test, wanted } of clause) {
      const name = subjectName(subject);
      const known = subjects.get(name) ?? { subject, atoms: new Map<string, Atom>() };
      subjects.set(name, known);
      const testName = JSON.stringify(test, withPatterns);
      const atom = known.atoms.get(testName) ?? { test, wanting: [], unwanting: [] };
      known.atoms.set(testName, atom);
      (wanted ? atom.wanting : atom.unwanting).push(bit);
    }
  });
  const rows: ClassRow[] = [];
  const loose: { subject: Subject; atom: Atom }[] = [];
  for (const { subject, atoms } of subjects.values()) {
    const all = [...atoms.values()];
    loose.push(...all.filter(({ test }) => !isByClass(test)).map((atom) => ({ subject, atom })));
    const byAge = all.filter(({ test }) => isOfAge(test));
    const byValue = all.filter(({ test }) => isByClass(test) && !isOfAge(test));
    if (byAge.length > 0) rows.push(new ClassRow(subject, byAge, true, clauses.length));
    if (byValue.length > 0) rows.push(new ClassRow(subject, byValue, false, clauses.length));
  }
  // What most clauses ask comes first: it leaves fewer of them, and in the end nothing to ask.
  const asks = ({ atoms }: ClassRow): number =>
    sum(atoms.map(({ wanting, unwanting }) => wanting.length + unwanting.length));
  rows.sort((left, right) => asks(right) - asks(left));
  return { rows, loose };
}

/** Rows kept of one subject: as many as its tests can name, unless somebody's configuration names very many. */
const MAX_ROWS = 4_096;
/** Whole numbers below it find their row without a search. */
const SMALL = 128;

/** What one subject leaves of the clauses, whatever it shows. */
class ClassRow {
  readonly subject: Subject;
  readonly atoms: readonly Atom[];
  /** The clauses that ask of the subject. */
  readonly asking: Int32Array;
  readonly #classOf: ReturnType<typeof ageClasses>;
  readonly #isByAge: boolean;
  /** Names of a path of one or two that no prototype has; else absent. */
  readonly #outer: string | undefined;
  readonly #inner: string | undefined;
  readonly #clauses: number;
  #kept = 0;
  /** By class; of a window that is not complete in a list of their own. */
  readonly #rows: (Int32Array | undefined)[] = [];
  readonly #incompleteRows: (Int32Array | undefined)[] = [];
  readonly #rowsOfSmall: (Int32Array | undefined)[] = Array.from({ length: SMALL });
  readonly #rowsOfText = new Map<string, Int32Array>();

  constructor(subject: Subject, atoms: readonly Atom[], isByAge: boolean, clauses: number) {
    const tests = atoms.map(({ test }) => test);
    this.subject = subject;
    this.atoms = atoms;
    this.#classOf = isByAge ? ageClasses(tests) : valueClasses(tests);
    this.#isByAge = isByAge;
    const path = subject.kind === 'field' ? subject.path : [];
    const isPlain = path.length <= 2 && path.every((name) => !(name in Array.prototype));
    [this.#outer, this.#inner] = isPlain ? path : [];
    this.#clauses = clauses;
    this.asking = new Int32Array((clauses + 31) >>> 5);
    for (const { wanting, unwanting } of atoms)
      for (const bit of [...wanting, ...unwanting]) this.asking[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** The clauses that what the subject shows does not refute; undefined: it is of no class, and each test must be asked. */
  bitsFor(evidence: Evidence): Int32Array | undefined {
    const { subject } = this;
    if (subject.kind === 'window') {
      const { value, isComplete } = evidence.window(subject.window);
      return this.#rowOf(value, isComplete ? this.#rows : this.#incompleteRows, evidence);
    }
    const value =
      this.#outer === undefined ? valueAt(evidence.fields, subject.path) : this.#read(evidence.fields);
    if (this.#isByAge) return this.#rowOf(value, this.#rows, evidence);
    if (typeof value === 'string') {
      const known = this.#rowsOfText.get(value);
      if (known !== undefined) return known;
    } else if (typeof value === 'number' && value >= 0 && value < SMALL && value % 1 === 0) {
      return (this.#rowsOfSmall[value] ??= this.#rowOf(value, this.#rows, evidence));
    }
    const row = this.#rowOf(value, this.#rows, evidence);
    // Texts that no test names are without number: they all have one row, and are not kept.
    if (typeof value === 'string' && row !== undefined && row !== this.#rows[OTHER_TEXT])
      this.#rowsOfText.set(value, row);
    return row;
  }

  /** As {@link valueAt} does; most names are no prototype's, and need no asking whose they are. */
  #read(fields: Json): Json {
    if (typeof fields !== 'object' || fields === null) return null;
    const outer = (fields as Fields)[this.#outer!] ?? null;
    if (this.#inner === undefined || outer === null) return outer;
    return typeof outer === 'object' ? ((outer as Fields)[this.#inner] ?? null) : null;
  }

  #rowOf(value: Json, rows: (Int32Array | undefined)[], evidence: Evidence): Int32Array | undefined {
    const valueClass = this.#classOf(value, evidence.now);
    return valueClass < 0 ? undefined : (rows[valueClass] ?? this.#makeRow(rows, valueClass, evidence));
  }

  #makeRow(rows: (Int32Array | undefined)[], valueClass: number, evidence: Evidence): Int32Array | undefined {
    if (this.#kept >= MAX_ROWS) return undefined;
    this.#kept += 1;
    const row = allBits(this.#clauses);
    const answer = asker(this.subject, evidence);
    for (const atom of this.atoms) refute(atom, answer(atom.test), row);
    rows[valueClass] = row;
    return row;
  }
}

type Fields = Readonly<Record<string, Json>>;

/** So few that looking whether a row is needed at all costs less than finding it. */
const FEW_WORDS = 8;

function keepByRow(alive: Int32Array, rows: readonly ClassRow[], evidence: Evidence): void {
  for (const row of rows) {
    if (!isCommon(alive, row.asking)) continue;
    const bits = row.bitsFor(evidence);
    if (bits === undefined) askAll(row, evidence, alive);
    else for (let word = 0; word < alive.length; word++) alive[word]! &= bits[word]!;
  }
}

/** Four rows at a time: many clauses are then walked over a quarter as often. */
function keepByFour(alive: Int32Array, rows: readonly ClassRow[], evidence: Evidence): void {
  const found: Int32Array[] = [];
  const unmet: ClassRow[] = [];
  for (const row of rows) {
    const bits = row.bitsFor(evidence);
    if (bits === undefined) unmet.push(row);
    else found.push(bits);
  }
  // A row twice changes nothing: it makes the last ones up to four.
  while (found.length % 4 !== 0) found.push(found[0]!);
  for (let at = 0; at < found.length; at += 4) {
    const [one, two, three, four] = [found[at]!, found[at + 1]!, found[at + 2]!, found[at + 3]!];
    for (let word = 0; word < alive.length; word++)
      alive[word]! &= one[word]! & two[word]! & three[word]! & four[word]!;
  }
  for (const row of unmet) askAll(row, evidence, alive);
}

function isCommon(left: Int32Array, right: Int32Array): boolean {
  for (let word = 0; word < left.length; word++) if ((left[word]! & right[word]!) !== 0) return true;
  return false;
}

function askAll({ subject, atoms }: ClassRow, evidence: Evidence, alive: Int32Array): void {
  for (const atom of atoms) askIfNeeded(subject, atom, evidence, alive);
}

function askIfNeeded(subject: Subject, atom: Atom, evidence: Evidence, alive: Int32Array): void {
  if (isAnyAlive(atom, alive)) refute(atom, asker(subject, evidence)(atom.test), alive);
}

function asker(subject: Subject, evidence: Evidence): (test: Test) => Truth {
  const context = contextOf(evidence);
  if (subject.kind === 'window') {
    const shown = evidence.window(subject.window);
    return (test) => windowTruth(subject.window, test, shown, context);
  }
  const value = valueAt(evidence.fields, subject.path);
  return (test) => passes(test, value, context);
}

function refute({ wanting, unwanting }: Atom, truth: Truth, alive: Int32Array): void {
  if (truth !== true) for (const bit of wanting) alive[bit >>> 5]! &= ~(1 << (bit & 31));
  if (truth !== false) for (const bit of unwanting) alive[bit >>> 5]! &= ~(1 << (bit & 31));
}

function isAnyAlive({ wanting, unwanting }: Atom, alive: Int32Array): boolean {
  const isAlive = (bit: number): boolean => (alive[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  return wanting.some(isAlive) || unwanting.some(isAlive);
}

function allBits(count: number): Int32Array {
  const bits = new Int32Array((count + 31) >>> 5).fill(-1);
  const rest = count & 31;
  if (rest > 0) bits[bits.length - 1] = (1 << rest) - 1;
  return bits;
}

function conditionsAt(alive: Int32Array, conditionOf: readonly number[]): number[] {
  const matched: number[] = [];
  let last = -1;
  for (let word = 0; word < alive.length; word++) {
    let left = alive[word]!;
    while (left !== 0) {
      const position = conditionOf[(word << 5) + 31 - Math.clz32(left & -left)]!;
      left &= left - 1;
      // Clauses of one condition stand side by side.
      if (position === last) continue;
      last = position;
      matched.push(position);
    }
  }
  return matched;
}

function subjectName(subject: Subject): string {
  if (subject.kind === 'field') return `field ${JSON.stringify(subject.path)}`;
  const { name, withinMs, capacity, source } = subject.window;
  return `window ${name} ${withinMs ?? ''} ${capacity} ${source}`;
}

function withPatterns(_name: string, value: unknown): unknown {
  return value instanceof RegExp ? String(value) : value;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
