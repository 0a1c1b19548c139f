import type { Answer } from '../../sdk/index.ts';
import type { Cartwright, createCartwright } from '../../sdk/index.ts';
import type { mount, MountOptions } from '../../sdk/mount.ts';
import { NOTHING, type Consent } from './consent.ts';

/** What the SDK's one tag leaves on the page. */
interface Sdk {
  readonly createCartwright: typeof createCartwright;
  readonly mount: typeof mount;
}

/** Longer than the SDK's own deadline would be late: a checkout that was drawn without it stays as it is. */
const SDK_WITHIN_MS = 150;

/** How an answer came to the page. */
export interface Answered {
  readonly answer: Answer;
  readonly tookMs: number;
}

/** The shop's way to Cartwright. Nothing here throws or waits: a shop in which the SDK is blocked goes on without. */
export interface CartwrightLink {
  /** Resolves when the SDK is there, or when it is too late for what is drawn now; never rejects. */
  readonly ready: Promise<void>;
  readonly isThere: () => boolean;
  readonly anonymousId: () => string | undefined;
  readonly problems: () => readonly string[];
  track(event: string, properties: object): void;
  identify(customer: string): void;
  reset(): void;
  consent(consent: Consent): void;
  /** Fills the slots in `root`. Without the SDK they stay as the shop has drawn them. @returns what ends it */
  mount(
    root: ParentNode,
    options: Omit<MountOptions, 'root' | 'onAnswer'>,
    onAnswer: (answered: Answered) => void,
  ): () => void;
}

export function cartwrightLink(options: {
  readonly writeKey: string;
  readonly consent: Consent | undefined;
  readonly token: () => string | undefined | Promise<string | undefined>;
}): CartwrightLink {
  const problems: string[] = [];
  let sdk: Sdk | undefined;
  let cartwright: Cartwright | undefined;
  const loaded = sdkOfPage().then((found) => {
    sdk = found;
    cartwright = found?.createCartwright({
      host: location.origin,
      writeKey: options.writeKey,
      token: options.token,
      consentCategories: { ...(options.consent ?? NOTHING) },
      autoPage: true,
      onProblem: (code) => void problems.push(code),
    });
  });
  /** Whatever is done before the SDK is there is done in its order when it is. */
  const later = (use: (there: Cartwright) => void): void => {
    if (cartwright) use(cartwright);
    else void loaded.then(() => cartwright && use(cartwright));
  };
  return {
    ready: Promise.race([loaded, new Promise<void>((resolve) => setTimeout(resolve, SDK_WITHIN_MS))]),
    isThere: () => cartwright !== undefined,
    anonymousId: () => cartwright?.anonymousId,
    problems: () => problems,
    track: (event, properties) => later((there) => there.track(event, properties)),
    identify: (customer) => later((there) => there.identify(customer)),
    reset: () => later((there) => there.reset()),
    consent: (consent) => later((there) => there.consent({ ...consent })),
    mount(root, asked, onAnswer) {
      if (!sdk || !cartwright) return () => undefined;
      const startedAt = performance.now();
      const mounted = sdk.mount(cartwright, {
        ...asked,
        root,
        onAnswer: (answer) => onAnswer({ answer, tookMs: Math.round(performance.now() - startedAt) }),
      });
      return () => mounted.destroy();
    },
  };
}

/** undefined: it is blocked. */
async function sdkOfPage(): Promise<Sdk | undefined> {
  const found = (): Sdk | undefined => (globalThis as { readonly cartwright?: Sdk }).cartwright;
  const tag = document.querySelector('script[data-sdk]');
  if (found() || !tag) return found();
  await new Promise((resolve) => {
    tag.addEventListener('load', resolve);
    tag.addEventListener('error', resolve);
  });
  return found();
}
