import { causeOf } from '../../local/synthesize.ts';

describe('why a stack does not synthesize', () => {
  it.each([
    [
      'a rule of cdk-nag',
      'npm warn x\nBundling asset A...\ninfra/a.ts:2:1\nERROR The bucket has no logs. (AwsSolutions)\n«ValidationFailed» Validation failed.',
      'The bucket has no logs. (AwsSolutions).',
    ],
    [
      'an error of the CDK',
      'node:internal/x\n    throw e\n^\n[«FailedToBundleAsset» Failed to bundle asset A: spawnSync npx ENOENT\n    at x',
      'Failed to bundle asset A: spawnSync npx ENOENT.',
    ],
    ['a type error', 'a.ts:1\nTypeError: x is not a function\n    at a.ts:1', 'x is not a function.'],
    ['a coded error', "Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'x'", "Cannot find module 'x'."],
    [
      'a syntax error',
      'Error: Transform failed with 1 error:\n/a.ts:1:2: ERROR: Unexpected "}"',
      'Unexpected "}".',
    ],
    [
      'a fault of the configuration',
      'stages.prod.consentRegime: choose one\nand more',
      'stages.prod.consentRegime: choose one.',
    ],
    ['silence', '\n', 'it gave no reason.'],
  ])('%s', (_, output, sentence) => {
    expect(causeOf(output)).toBe(sentence);
  });
});
