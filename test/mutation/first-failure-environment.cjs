const StrykerEnvironment = require('@stryker-mutator/jest-runner/jest-env/node');

/** Runs no further test once one has failed: one that notices is all that is asked of a mutant, and jest itself stops only between files. */
module.exports = class FirstFailureEnvironment extends StrykerEnvironment {
  constructor(...of) {
    super(...of);
    const handle = this.handleTestEvent;
    let hasFailed = false;
    this.handleTestEvent = async (event, state) => {
      if (event.name === 'test_fn_failure' || event.name === 'hook_failure') hasFailed = true;
      if (event.name === 'test_start' && hasFailed) event.test.mode = 'skip';
      await handle(event, state);
    };
  }
};
