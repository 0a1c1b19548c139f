import { ClassRow, refute, RowTable, type Atom } from './class-rows.ts';
import { clausesOf, type Clause, type Subject } from './clauses.ts';
import type { Condition, Test } from './condition.ts';
import { contextOf, holds, valueAt, windowTruth, type Evidence, type Truth } from './evaluate.ts';
import { FieldNames } from './field-names.ts';
import { passes } from './pass-test.ts';
import { isByClass, isOfAge } from './value-classes.ts';

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
  const owners: number[] = [];
  /** Those that would take too many clauses. */
  const plain: number[] = [];
  conditions.forEach((condition, position) => {
    const alternatives = clausesOf(condition, segment);
    if (alternatives === undefined) plain.push(position);
    for (const clause of alternatives ?? []) {
      clauses.push(clause);
      owners.push(position);
    }
  });
  const conditionOf = Int32Array.from(owners);
  const everyone = allBits(clauses.length);
  const table = new RowTable(everyone);
  const { rows, loose } = questionsOf(clauses, table);
  const names = new FieldNames();
  const others: ClassRow[] = [];
  for (const row of rows) if (!names.add(row)) others.push(row);
  const ofNothing = Int32Array.from(rows, (row) => row.offsetOfNothing());
  const unmetRows: ClassRow[] = [];
  /** Of each row, where in the table the bits of what is shown stand. */
  const offsets = new Int32Array(rows.length);
  const alive = new Int32Array(everyone.length);

  /** Finds the rows. @returns whether each subject has one, so that nothing is left to be asked */
  const findRows = (evidence: Evidence): boolean => {
    offsets.set(ofNothing);
    names.read(evidence.fields, evidence.now, offsets);
    for (let at = 0; at < others.length; at++) offsets[others[at]!.position] = others[at]!.offsetIn(evidence);
    let unmet = 0;
    for (let row = 0; row < rows.length; row++) unmet |= offsets[row]!;
    if (unmet >= 0) return true;
    for (const row of rows) {
      if (offsets[row.position]! >= 0) continue;
      unmetRows.push(row);
      offsets[row.position] = 0;
    }
    return false;
  };

  return {
    match(evidence) {
      unmetRows.length = 0;
      const isAnswered = findRows(evidence) && loose.length === 0;
      and(alive, everyone, table.bits, offsets, rows.length);
      if (!isAnswered) {
        for (const row of unmetRows) askAll(row, evidence, alive);
        for (const { subject, atom } of loose) askIfNeeded(subject, atom, evidence, alive);
      }
      const matched = conditionsAt(alive, conditionOf);
      if (plain.length === 0) return matched;
      for (const position of plain) {
        const condition = conditions[position];
        if (condition && holds(condition, evidence)) matched.push(position);
      }
      return matched.sort((left, right) => left - right);
    },
  };
}

/** What all rows leave of the clauses, four words at a time: the fewer walks over the rows, the better. */
function and(
  alive: Int32Array,
  everyone: Int32Array,
  bits: Int32Array,
  offsets: Int32Array,
  count: number,
): void {
  const words = alive.length;
  for (let word = 0; word < words; word += 4) {
    let one = everyone[word]!;
    let two = everyone[word + 1]!;
    let three = everyone[word + 2]!;
    let four = everyone[word + 3]!;
    for (let row = 0; row < count; row++) {
      const at = offsets[row]! + word;
      one &= bits[at]!;
      two &= bits[at + 1]!;
      three &= bits[at + 2]!;
      four &= bits[at + 3]!;
    }
    alive[word] = one;
    alive[word + 1] = two;
    alive[word + 2] = three;
    alive[word + 3] = four;
  }
}

interface Questions {
  readonly rows: readonly ClassRow[];
  readonly loose: readonly { readonly subject: Subject; readonly atom: Atom }[];
}

function questionsOf(clauses: readonly Clause[], table: RowTable): Questions {
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
  const parts: { readonly subject: Subject; readonly atoms: readonly Atom[]; readonly isByAge: boolean }[] =
    [];
  const loose: { subject: Subject; atom: Atom }[] = [];
  for (const { subject, atoms } of subjects.values()) {
    const all = [...atoms.values()];
    loose.push(...all.filter(({ test }) => !isByClass(test)).map((atom) => ({ subject, atom })));
    const byAge = all.filter(({ test }) => isOfAge(test));
    const byValue = all.filter(({ test }) => isByClass(test) && !isOfAge(test));
    if (byAge.length > 0) parts.push({ subject, atoms: byAge, isByAge: true });
    if (byValue.length > 0) parts.push({ subject, atoms: byValue, isByAge: false });
  }
  // What most clauses ask comes first: it leaves fewer of them, and in the end nothing to ask.
  const asks = ({ atoms }: (typeof parts)[number]): number =>
    atoms.reduce((total, { wanting, unwanting }) => total + wanting.length + unwanting.length, 0);
  parts.sort((left, right) => asks(right) - asks(left));
  return { rows: parts.map((part, position) => new ClassRow({ ...part, position, table })), loose };
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

function isAnyAlive({ wanting, unwanting }: Atom, alive: Int32Array): boolean {
  const isAlive = (bit: number): boolean => (alive[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  return wanting.some(isAlive) || unwanting.some(isAlive);
}

function allBits(count: number): Int32Array {
  // A whole number of four words: that many are walked over at a time.
  const bits = new Int32Array(4 * Math.ceil(count / 128));
  bits.fill(-1, 0, count >>> 5);
  const rest = count & 31;
  if (rest > 0) bits[count >>> 5] = (1 << rest) - 1;
  return bits;
}

function conditionsAt(alive: Int32Array, conditionOf: Int32Array): number[] {
  const matched: number[] = [];
  let last = -1;
  for (let word = 0; word < alive.length; word++) {
    for (let left = alive[word]!; left !== 0; left &= left - 1) {
      const position = conditionOf[(word << 5) + 31 - Math.clz32(left & -left)]!;
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
