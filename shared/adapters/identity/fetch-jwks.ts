/** A JWK set of a few keys has 1 to 10 KB. */
const MAX_BYTES = 64 * 1024;

/**
 * Fetches the JWK set that an issuer publishes. Follows no redirect: the address is what the shop trusts.
 *
 * @param signal ends it, the reading of the body included
 * @throws whatever kept it from coming whole
 */
export async function fetchJwks(url: string, signal: AbortSignal): Promise<unknown> {
  const reply = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
  if (reply.status !== 200 || reply.body === null) throw new Error(`the JWK set is answered ${reply.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`the JWK set has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}
