import type { Country } from '../catalogue/countries.ts';
import type { Words } from '../words/words.ts';
import type { Cart } from './cart.ts';
import type { CartwrightLink } from './cartwright-link.ts';
import type { Consent } from './consent.ts';
import type { Preferences } from './preferences.ts';

/** What every page of the shop is made from. */
export interface Shop {
  readonly preferences: Preferences;
  readonly words: Words;
  readonly country: Country;
  readonly cart: Cart;
  readonly cartwright: CartwrightLink;
  /** Who is signed in. */
  readonly customer: string | undefined;
  readonly consent: Consent;
  /** Minor units of the country's currency, or of another one, as the shopper writes them. */
  money(amount: number, currency?: string): string;
  go(path: string): void;
  signIn(name: string): Promise<boolean>;
  signOut(): Promise<void>;
  askForConsent(): void;
}

/** One page: what it shows, and what is to be done once it is shown and when it is left. */
export interface View {
  readonly title: string;
  readonly content: HTMLElement;
  readonly shown?: () => void;
  readonly left?: () => void;
}
