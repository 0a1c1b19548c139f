// The tests that run the core, as one file: its modules are loaded once for a mutant, and not once for each of the files. Most
// mutants are noticed by the first test that looks at them: those that take no time are asked first. What needs an emulator, a
// network or a browser tells nothing of the core that these do not.
import '../unit/watermark.test.ts';
import '../unit/newest.test.ts';
import '../unit/register.test.ts';
import '../unit/join-into.test.ts';
import '../unit/plan-devices.test.ts';
import '../unit/profile-view.test.ts';
import '../unit/fold.test.ts';
import '../unit/erasure.test.ts';
import '../unit/links.test.ts';
import '../unit/fold-profiles-poison.test.ts';
import '../unit/fold-profiles.test.ts';
import '../unit/account-devices.test.ts';
import '../unit/erase-profile.test.ts';
import '../unit/absorb-devices.test.ts';
import '../unit/ring.test.ts';
import '../property/ledger-model.test.ts';
import '../property/cart-model.test.ts';
import '../property/merge-law.test.ts';
import '../property/erasure.test.ts';
import '../property/exactly-once.test.ts';
