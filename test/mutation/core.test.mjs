/**
 * The tests that run the core, as one file: its modules are loaded once for a mutant, and not once for each of the files. Most
 * mutants are noticed by the first test that looks at them: those that take no time are asked first. What needs an emulator, a
 * network or a browser tells nothing of the core that these do not.
 */
const CORE = [
  '../unit/watermark.test.ts',
  '../unit/newest.test.ts',
  '../unit/register.test.ts',
  '../unit/join-into.test.ts',
  '../unit/plan-devices.test.ts',
  '../unit/profile-view.test.ts',
  '../unit/fold.test.ts',
  '../unit/erasure.test.ts',
  '../unit/links.test.ts',
  '../unit/fold-profiles-poison.test.ts',
  '../unit/fold-profiles.test.ts',
  '../unit/account-devices.test.ts',
  '../unit/erase-profile.test.ts',
  '../unit/absorb-devices.test.ts',
  '../unit/ring.test.ts',
  '../property/ledger-model.test.ts',
  '../property/cart-model.test.ts',
  '../property/merge-law.test.ts',
  '../property/erasure.test.ts',
  '../property/exactly-once.test.ts',
];

for (const file of CORE) await import(file);
