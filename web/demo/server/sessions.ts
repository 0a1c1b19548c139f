import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = 'shop_session';
const MAX_SESSIONS = 1_000;

export interface Sessions {
  /** Who is signed in. */
  customerOf(request: IncomingMessage): string | undefined;
  /** @returns the cookie to set */
  begin(customer: string): string;
  /** @returns the cookie to set */
  end(request: IncomingMessage): string;
}

/** Sessions in memory: they end with the shop. The cookie is out of reach of scripts and of other sites. */
export function sessions(): Sessions {
  const customers = new Map<string, string>();
  const idOf = (request: IncomingMessage): string =>
    new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
  return {
    customerOf: (request) => customers.get(idOf(request)),
    begin(customer) {
      const id = randomUUID();
      customers.set(id, customer);
      for (const oldest of customers.keys()) {
        if (customers.size <= MAX_SESSIONS) break;
        customers.delete(oldest);
      }
      return `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict`;
    },
    end(request) {
      customers.delete(idOf(request));
      return `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
    },
  };
}
