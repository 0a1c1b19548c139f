import { SignJWT } from 'jose';

/** A page asks for a new one when it needs one: a token that leaks is soon worth nothing. */
const LIFETIME_SECONDS = 10 * 60;

/**
 * What proves to Cartwright who is signed in: a JWT that only the shop's server can sign.
 *
 * @param customer becomes `sub`, the `userId` that Cartwright knows
 * @param now ms since the epoch
 */
export async function identityToken(
  customer: string,
  secret: string,
  now: number,
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const issuedAt = Math.floor(now / 1000);
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(customer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(new TextEncoder().encode(secret));
  return { token, expiresAt: new Date((issuedAt + LIFETIME_SECONDS) * 1000).toISOString() };
}
