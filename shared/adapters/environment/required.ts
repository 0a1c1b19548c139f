/**
 * A setting from the function's environment, put there by its stack. Throws at cold start if it is missing:
 * better no function than one that guesses.
 */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
}
