import type { StageSettings } from '../../shared/domain/store-config.ts';
import { resourcesOf, synthesized, type JsonObject } from './synthesized.ts';

/** What each function is told about identity, by its logical id without CDK's hash; what it is told nothing about is left out. */
function toldOf(identity?: NonNullable<StageSettings['identity']>): Readonly<Record<string, JsonObject>> {
  const { serviceTemplate } = synthesized('dev', identity && { identity });
  const told = [...resourcesOf(serviceTemplate, 'AWS::Lambda::Function')].map(([id, { Properties }]) => {
    const { Variables = {} } = (Properties.Environment ?? {}) as { readonly Variables?: JsonObject };
    const names = Object.entries(Variables).filter(([name]) => /^IDENTITY_(JWKS|SHARED)/.test(name));
    return [id.replace(/Function[0-9A-F]{8}$/, ''), Object.fromEntries(names)] as const;
  });
  return Object.fromEntries(told.filter(([, names]) => Object.keys(names).length > 0));
}

describe('who may vouch for shoppers', () => {
  test('is the secret alone unless a stage names an issuer: nothing is to be fetched', () => {
    expect(toldOf()).toEqual({});
    expect(toldOf({ sharedSecret: true })).toEqual({});
  });

  test('is told in plain words, for an address is no secret, to the two functions that check tokens and to no other', () => {
    const url = 'https://login.shop.example/.well-known/jwks.json';
    const said = {
      IDENTITY_JWKS_URL: url,
      IDENTITY_JWKS_AUDIENCE: 'checkout',
      IDENTITY_JWKS_ISSUER: 'https://login.shop.example/',
      IDENTITY_SHARED_SECRET: 'off',
    };
    const jwks = { url, audience: 'checkout', issuer: 'https://login.shop.example/' };
    expect(toldOf({ jwks, sharedSecret: false })).toEqual({ CollectEvents: said, DecideCheckout: said });
    const only = { IDENTITY_JWKS_URL: url };
    expect(toldOf({ jwks: { url } })).toEqual({ CollectEvents: only, DecideCheckout: only });
  });
});
