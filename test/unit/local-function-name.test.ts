import { functionNameIn } from '../../local/function-name.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fold-1';

test.each([
  ['fold-1', 'fold-1'],
  ['fold-1:live', 'fold-1'],
  ['fold-1:$LATEST', 'fold-1'],
  [ARN, 'fold-1'],
  [`${ARN}:live`, 'fold-1'],
  [`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${ARN}:live/invocations`, 'fold-1'],
])('the function behind %s is %s', (reference, name) => expect(functionNameIn(reference)).toBe(name));

test('what names no function stays as it is, for whoever complains about it', () => {
  expect(functionNameIn('arn:aws:sqs:us-east-1:000000000000:queue')).toBe(
    'arn:aws:sqs:us-east-1:000000000000:queue',
  );
});
