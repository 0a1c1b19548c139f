/** Most mutants are noticed by the first test that looks at them: those that take no time are asked first. */
export default class QuickFirst {
  sort(tests) {
    const isSlow = ({ path }) => path.includes('/property/');
    return [...tests].sort(
      (one, other) => Number(isSlow(one)) - Number(isSlow(other)) || one.path.localeCompare(other.path),
    );
  }
  shard(tests) {
    return tests;
  }
  allFailedTests(tests) {
    return tests;
  }
  cacheResults() {}
}
