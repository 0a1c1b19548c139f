import type { Json } from '../../shared/domain/json.ts';
import { evaluateCondition, resolveValue, type Scope } from '../../local/intrinsics.ts';
import { openStackSet } from '../../local/stacks.ts';
import type { Template } from '../../local/assembly.ts';
import type { NameBook } from '../../local/state.ts';

const scope: Scope = {
  ref: (name) => (name === 'AWS::NoValue' ? undefined : `<${name}>`),
  attribute: (id, name) => `<${id}:${name}>`,
  importValue: (name) => `imported ${name}`,
  condition: (name) => name === 'Yes',
  mapping: (...keys) => keys.join('.'),
};

describe('template values', () => {
  const cases: [string, Json, Json | undefined][] = [
    ['a reference', { Ref: 'Table' }, '<Table>'],
    ['an attribute', { 'Fn::GetAtt': ['Table', 'Arn'] }, '<Table:Arn>'],
    ['an attribute, short', { 'Fn::GetAtt': 'Table.Stream.Arn' }, '<Table:Stream.Arn>'],
    ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 3]] }, 'a-<B>-3'],
    ['a substitution', { 'Fn::Sub': '${A}/${B.Arn}/${!C}' }, '<A>/<B:Arn>/${C}'],
    ['a substitution with values of its own', { 'Fn::Sub': ['${X}-${A}', { X: { Ref: 'Y' } }] }, '<Y>-<A>'],
    ['a choice from a split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['an import', { 'Fn::ImportValue': { 'Fn::Join': ['', ['x', 'y']] } }, 'imported xy'],
    ['a condition', { 'Fn::If': ['Yes', { Ref: 'A' }, { Ref: 'B' }] }, '<A>'],
    ['a mapping', { 'Fn::FindInMap': ['M', { Ref: 'R' }, 'k'] }, 'M.<R>.k'],
    [
      'no value',
      { keep: 1, drop: { Ref: 'AWS::NoValue' }, list: [{ Ref: 'AWS::NoValue' }, 2] },
      { keep: 1, list: [2] },
    ],
    ['what is no intrinsic', { Ref: 'A', other: true }, { Ref: 'A', other: true }],
  ];

  it.each(cases)('%s', (_, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  it('an unknown intrinsic is named', () => {
    expect(() => resolveValue({ 'Fn::Cidr': [] }, scope)).toThrow(/Fn::Cidr/);
  });

  it('conditions combine', () => {
    const equal = (a: Json, b: Json): Json => ({ 'Fn::Equals': [a, b] });
    expect(evaluateCondition(equal({ Ref: 'A' }, '<A>'), scope)).toBe(true);
    expect(evaluateCondition({ 'Fn::And': [equal(1, 1), { 'Fn::Not': [equal(1, 1)] }] }, scope)).toBe(false);
    expect(evaluateCondition({ 'Fn::Or': [equal(1, 2), { Condition: 'Yes' }] }, scope)).toBe(true);
  });
});

describe('stacks', () => {
  it('import each other’s names, and a renewed resource has a new one', () => {
    const names = memoryNames();
    const open = () =>
      openStackSet({
        names,
        region: 'eu-west-1',
        apiUrl: 'http://127.0.0.1:1',
        assembly: {
          assets: new Map(),
          stacks: [
            {
              name: 'State',
              template: template({
                Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties: {} } },
                Outputs: {
                  Out: {
                    Value: { 'Fn::GetAtt': ['Stream', 'Arn'] },
                    Export: { Name: { 'Fn::Sub': '${AWS::StackName}:arn' } },
                  },
                },
              }),
            },
            {
              name: 'Service',
              template: template({
                Resources: {
                  Source: {
                    Type: 'AWS::Lambda::EventSourceMapping',
                    Properties: { EventSourceArn: { 'Fn::ImportValue': 'State:arn' } },
                  },
                  Never: { Type: 'AWS::Kinesis::Stream', Properties: {}, Condition: 'No' },
                },
                Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
              }),
            },
          ],
        },
      }).resources;

    const [stream, source, ...none] = open();
    const first = stream!.name();
    expect(none).toEqual([]);
    expect(first).toMatch(/^Stream-[A-Z0-9]{12}$/);
    expect(source!.properties()).toEqual({
      EventSourceArn: `arn:aws:kinesis:eu-west-1:000000000000:stream/${first}`,
    });
    expect(open()[0]!.name()).toBe(first);
    names.renew('State/Stream');
    expect(open()[0]!.name()).not.toBe(first);
  });
});

function memoryNames(): NameBook {
  const names = new Map<string, string>();
  return {
    nameOf(key, make) {
      const name = names.get(key) ?? make();
      names.set(key, name);
      return name;
    },
    renew: (key) => void names.delete(key),
  };
}

function template(parts: Partial<Template>): Template {
  return { Resources: {}, Parameters: {}, Conditions: {}, Mappings: {}, Outputs: {}, ...parts };
}
