import { decodeRegister, encodeRegister, messageName, registerOf } from '../../shared/domain/register.ts';
import { streamEvent } from '../events.ts';

const event = streamEvent({ event: 'Loyalty Tier Changed', messageId: 'tier', minute: 5 });

test('the last word on something has the time and the name of its event', () => {
  const name = messageName(event);

  expect(name).toMatch(/^[\w-]{8}$/);
  expect(registerOf(event, 'gold')).toEqual({ at: Date.UTC(2026, 0, 15, 12, 5), id: name, value: 'gold' });
  expect(messageName(streamEvent({ messageId: 'another' }))).not.toBe(name);
});

test.each([['gold'], [null], [false], [{ country: 'SE' }]])(
  '%j is stored as a list, and read again',
  (value) => {
    const register = registerOf(event, value);

    expect(encodeRegister(register)).toEqual([register.at, register.id, value]);
    expect(decodeRegister(encodeRegister(register))).toEqual(register);
  },
);

test.each([[undefined], [null], ['gold'], [{}]])('of %j there is no last word', (stored) => {
  expect(decodeRegister(stored)).toBeUndefined();
});

test('where there is no last word, none is stored', () => expect(encodeRegister(undefined)).toBeUndefined());
