/**
 * Changes the core, one operator or value at a time, and asks whether a test notices: `npm run mutate`. What is mutated decides
 * what a profile says of a person; what is equivalent to the original is disabled beside the code, with the reason.
 */
export default {
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.mjs', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  // It would read tsconfig.json through the compiler's API, which TypeScript 7 has not; jest does not need the file.
  tsconfigFile: 'test/mutation/no-tsconfig.json',
  coverageAnalysis: 'perTest',
  mutate: [
    'shared/domain/fold.ts',
    'shared/domain/facts.ts',
    'shared/domain/account.ts',
    'shared/domain/links.ts',
    'shared/domain/erasure.ts',
    'shared/domain/watermark.ts',
    'shared/domain/ring.ts',
    'shared/domain/newest.ts',
    'shared/domain/register.ts',
  ],
  concurrency: 2,
  maxTestRunnerReuse: 100,
  // A mutant that never ends is found out even when the machine has other things to do.
  timeoutMS: 15_000,
  incremental: true,
  incrementalFile: '.local/mutation/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  jsonReporter: { fileName: '.local/mutation/report.json' },
  tempDirName: '.local/mutation/sandbox',
  thresholds: { high: 95, low: 90, break: 90 },
};
