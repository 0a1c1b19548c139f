import { fileURLToPath } from 'node:url';
import whole from '../../jest.config.mjs';

const [unit] = whole.projects;

export default {
  ...unit,
  rootDir: '../..',
  setupFiles: [...unit.setupFiles, '<rootDir>/test/mutation/setup.ts'],
  // Resolved here: Stryker puts an environment of its own around it, which knows no <rootDir>.
  testEnvironment: fileURLToPath(new URL('first-failure-environment.cjs', import.meta.url)),
  testMatch: ['<rootDir>/test/mutation/core.test.mjs'],
  // What waits for something that never comes fails, and the next mutant has its turn.
  testTimeout: 10_000,
};
