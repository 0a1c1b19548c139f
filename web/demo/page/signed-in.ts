import { keep, readKept } from './kept.ts';
import { shopApi, type Session } from './shop-api.ts';

/** A token is asked for anew when it has less than this left, ms. */
const FRESH_ENOUGH_MS = 60_000;

/** Who is signed in at the shop, with the token that proves it to Cartwright. */
export interface SignedIn {
  customer(): string | undefined;
  token(): string | undefined | Promise<string | undefined>;
  /** Asks the shop's server. @returns whether somebody was signed in here before and is not any more */
  begin(): Promise<boolean>;
  signIn(name: string): Promise<string | undefined>;
  signOut(): Promise<boolean>;
}

export function signedIn(): SignedIn {
  let session: Session = {};
  const take = (taken: Session): void => {
    session = taken;
    keep('was-signed-in', taken.customer !== undefined);
  };
  return {
    customer: () => session.customer,
    token() {
      const leftMs = Date.parse(session.expiresAt ?? '') - Date.now();
      if (session.customer === undefined || leftMs > FRESH_ENOUGH_MS) return session.token;
      return shopApi.session().then((renewed) => {
        if (renewed !== undefined) take(renewed);
        return session.token;
      });
    },
    async begin() {
      const before = readKept('was-signed-in', (said) => said === true);
      const found = await shopApi.session();
      if (found !== undefined) take(found);
      return before && found !== undefined && found.customer === undefined;
    },
    async signIn(name) {
      const found = await shopApi.login(name);
      if (found !== undefined) take(found);
      return found?.customer;
    },
    async signOut() {
      const isOut = await shopApi.logout();
      if (isOut) take({});
      return isOut;
    },
  };
}
