import fc from 'fast-check';

// That a mutant is noticed is all that is asked: nobody reads the smallest example of it, and what thirty cases do not notice is
// better told by a test of its own.
fc.configureGlobal({ endOnFailure: true, numRuns: 30 });
