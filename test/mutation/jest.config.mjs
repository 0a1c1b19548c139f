import whole from '../../jest.config.mjs';

const [unit] = whole.projects;

/** The tests that run the core: what needs an emulator, a network or a browser tells nothing of it that these do not. */
const TESTS = [
  'unit/{fold,fold-profiles,fold-profiles-poison,links,plan-devices,watermark,newest,register,ring,join-into,account-devices,absorb-devices,profile-view,erasure,erase-profile}.test.ts',
  'property/{merge-law,exactly-once,ledger-model,cart-model,erasure}.test.ts',
];

export default {
  ...unit,
  rootDir: '../..',
  setupFiles: [...unit.setupFiles, '<rootDir>/test/mutation/setup.ts'],
  testMatch: TESTS.map((tests) => `<rootDir>/test/${tests}`),
  testSequencer: '<rootDir>/test/mutation/quick-first.mjs',
  testTimeout: whole.testTimeout,
};
