/** What a request shows to say who is calling. */
export interface Credentials {
  /** A source's key: Basic user name, Bearer, or `writeKey` in the body. */
  readonly key?: string;
  /** A Bearer token that is no key: perhaps an identity token. */
  readonly bearer?: string;
}

/**
 * Reads the `Authorization` header. Segment's clients send Basic with the key as user name and no password;
 * `Bearer` carries a secret key or an identity token.
 */
export function credentialsOf(authorization: string | undefined, bodyKey: string | undefined): Credentials {
  const [, scheme = '', value = ''] = /^(\w+)\s+(.+)$/.exec(authorization?.trim() ?? '') ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':');
    return user === '' ? keyed(bodyKey) : { key: user };
  }
  if (scheme.toLowerCase() === 'bearer') {
    return isToken(value) ? { ...keyed(bodyKey), bearer: value } : { key: value };
  }
  return keyed(bodyKey);
}

/** A JSON Web Token has three parts; a key has no dot in it. */
function isToken(value: string): boolean {
  return value.split('.').length === 3;
}

function keyed(key: string | undefined): Credentials {
  return key === undefined ? {} : { key };
}
