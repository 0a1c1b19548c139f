/** What ends or prevents the run: one sentence that a person can act on, printed as it is; exit code 1. */
export class LocalFault extends Error {
  override readonly name = 'LocalFault';
}
