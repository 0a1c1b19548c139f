/** One project a cost class: `unit` is pure and fast, the others start emulators, synthesize or run the stack. */
const base = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/setup.ts'],
};
const project = (displayName, ...folders) => ({
  ...base,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
});

export default {
  testTimeout: 60_000,
  projects: [
    project('unit', 'unit', 'property', 'sdk'),
    project('contract', 'contract'),
    project('infra', 'infra'),
    project('e2e', 'e2e'),
    // Needs Chromium: npm run test:browser.
    project('browser', 'browser'),
  ],
};
