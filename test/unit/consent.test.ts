import { isConsented, type ConsentKnown } from '../../shared/domain/consent.ts';
import { shelf, streamEvent } from '../events.ts';

const silence: ConsentKnown = { globalPrivacyControl: false };

describe('consent', () => {
  test.each<[string, Partial<ConsentKnown>, boolean, boolean]>([
    ['silence', {}, false, true],
    ['a yes in the request', { stated: true }, true, true],
    ['a yes on record', { recorded: true }, true, true],
    ['a no in the request', { stated: false }, false, false],
    ['a no on record', { recorded: false }, false, false],
    ['a no in the request against a yes on record', { stated: false, recorded: true }, false, false],
    ['a no on record against a yes in the request', { stated: true, recorded: false }, false, false],
    ['global privacy control', { globalPrivacyControl: true }, false, false],
    [
      'global privacy control against every yes',
      { globalPrivacyControl: true, stated: true, recorded: true },
      false,
      false,
    ],
  ])('%s: opt-in %j, opt-out %j', (_name, known, optIn, optOut) => {
    expect(isConsented('opt-in', { ...silence, ...known })).toBe(optIn);
    expect(isConsented('opt-out', { ...silence, ...known })).toBe(optOut);
  });
});

describe('what a profile records', () => {
  const choose = (minute: number, choices: Record<string, unknown>) =>
    streamEvent({
      event: 'Consent Preference Updated',
      minute,
      context: { consent: { categoryPreferences: choices as Record<string, boolean> } },
    });
  const recorded = (...events: ReturnType<typeof choose>[]) => {
    const ann = shelf();
    ann.fold(events);
    return Object.fromEntries(
      [...ann.profile().checkout.consent].map(([purpose, { value }]) => [purpose, value]),
    );
  };

  test('is the last choice by its time, purpose by purpose', () => {
    expect(
      recorded(
        choose(5, { personalization: false }),
        choose(1, { personalization: true, ads: true }),
        choose(9, { ads: false }),
      ),
    ).toEqual({ personalization: false, ads: false });
  });

  test('may stand in the properties too', () => {
    const event = streamEvent({
      event: 'Consent Preference Updated',
      properties: { consent: { ads: false } },
    });
    expect(recorded(event)).toEqual({ ads: false });
  });

  test('is no choice if it is no yes or no', () => {
    expect(recorded(choose(0, { ads: 'granted', analytics: 1, personalization: null }))).toEqual({});
  });

  test('keeps a refusal of personalization however many other purposes a shop has', () => {
    const others = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`C${index}`, true]));
    expect(recorded(choose(0, { ...others, personalization: false }))).toMatchObject({
      personalization: false,
    });
    expect(recorded(choose(0, { personalization: false }), choose(1, others))).toMatchObject({
      personalization: false,
    });
  });

  test('stays small however many purposes there are', () => {
    const others = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`purpose ${index}`, true]));
    expect(Object.keys(recorded(choose(0, others))).length).toBeLessThanOrEqual(13);
  });
});
