import {
  applyGuardrails,
  creditOf,
  type PaymentKind,
  type PlacedOption,
} from '../../shared/domain/guardrails.ts';
import type { CreditKind, Guardrail } from '../../shared/domain/store-config.ts';
import { store } from '../../store.config.ts';

describe('how much a method is credit', () => {
  test.each<[PaymentKind | undefined, CreditKind]>([
    ['bnpl', 'yes'],
    ['invoice', 'yes'],
    ['card', 'maybe'],
    ['debit', 'no'],
    ['wallet', 'no'],
    ['transfer', 'no'],
    ['voucher', 'no'],
    ['cash', 'no'],
    [undefined, 'no'],
  ])('%s: %s', (kind, credit) => {
    expect(creditOf({ kind })).toBe(credit);
  });

  test('the shop knows better', () => {
    expect(creditOf({ kind: 'bnpl', credit: 'no' })).toBe('no');
    expect(creditOf({ kind: 'debit', credit: 'yes' })).toBe('yes');
  });
});

/** `yes1!` is credit and preselected. */
const placed = (names: readonly string[]): readonly PlacedOption[] =>
  names.map((name) => ({
    id: name.replace('!', ''),
    credit: name.replace(/\d*!?$/, '') as CreditKind,
    preselected: name.endsWith('!'),
  }));
const order = (names: readonly string[], country: string | undefined, rules = store.payment.guardrails) =>
  applyGuardrails(placed(names), rules, country).options.map(
    ({ id, preselected }) => `${id}${preselected ? '!' : ''}`,
  );

describe('in Sweden', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['what is no credit comes first', ['yes', 'maybe', 'no'], ['no', 'maybe', 'yes']],
    [
      'within a group the order stays',
      ['yes1', 'no1', 'maybe1', 'no2', 'yes2', 'no3'],
      ['no1', 'no2', 'no3', 'maybe1', 'yes1', 'yes2'],
    ],
    ['debit may be preselected', ['no!', 'yes'], ['no!', 'yes']],
    ['credit is not preselected while debit is offered', ['yes!', 'no'], ['no', 'yes']],
    ['what may be credit is not either', ['maybe!', 'no'], ['no', 'maybe']],
    [
      'credit is not preselected while something is offered that may be debit',
      ['yes!', 'maybe'],
      ['maybe', 'yes'],
    ],
    ['credit may be preselected where there is nothing else', ['yes1!', 'yes2'], ['yes1!', 'yes2']],
    ['and so may what may be credit', ['maybe!', 'yes'], ['maybe!', 'yes']],
    ['nothing is offered', [], []],
  ])('%s', (_name, before, after) => {
    expect(order(before, 'SE')).toEqual(after);
  });
});

describe('in Finland', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['no credit, then perhaps credit, then credit', ['yes', 'maybe', 'no'], ['no', 'maybe', 'yes']],
    ['nothing is preselected, not even what is no credit', ['no!', 'yes'], ['no', 'yes']],
    ['nothing is preselected, not even the only one', ['no!'], ['no']],
  ])('%s', (_name, before, after) => {
    expect(order(before, 'FI')).toEqual(after);
  });
});

describe('elsewhere', () => {
  test.each(['BR', 'se', undefined])('(%j) the order is that of the ranking', (country) => {
    expect(order(['yes!', 'maybe', 'no'], country)).toEqual(['yes!', 'maybe', 'no']);
  });
});

describe('an answer', () => {
  test.each<[string | undefined, readonly string[]]>([
    ['SE', ['se-debit-before-credit', 'se-credit-not-preselected']],
    ['FI', ['fi-credit-last', 'fi-nothing-preselected']],
    ['NO', []],
    [undefined, []],
  ])('of %j names the guardrails in force', (country, applied) => {
    expect(applyGuardrails(placed(['no']), store.payment.guardrails, country).applied).toEqual(applied);
  });

  test('of a rule without countries holds everywhere', () => {
    const rules: readonly Guardrail[] = [{ id: 'shop', rule: 'nothing-preselected', source: 'the shop' }];
    expect(order(['no!'], 'BR', rules)).toEqual(['no']);
    expect(order(['no!'], undefined, rules)).toEqual(['no']);
  });

  test('leaves the options that came in as they were', () => {
    const before = Object.freeze(placed(['yes!', 'no']).map((option) => Object.freeze(option)));
    applyGuardrails(before, store.payment.guardrails, 'SE');
    applyGuardrails(before, store.payment.guardrails, 'FI');
    expect(before.map(({ id }) => id)).toEqual(['yes', 'no']);
  });
});
