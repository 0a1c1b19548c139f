/** What a visit has kept where the browser lets it keep nothing. */
const inMemory = new Map<string, string>();

/**
 * Reads what the shop itself keeps in this browser: the cart, the language, the answer to the banner. That is what a shopper asked
 * for and no profile; it is there in every consent.
 */
export function readKept<Value>(name: string, read: (said: unknown) => Value): Value {
  try {
    return read(JSON.parse(inMemory.get(name) ?? localStorage.getItem(keyOf(name)) ?? 'null'));
  } catch {
    return read(null);
  }
}

export function keep(name: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(keyOf(name), text);
    inMemory.delete(name);
  } catch {
    inMemory.set(name, text);
  }
}

function keyOf(name: string): string {
  return `larch.${name}`;
}
