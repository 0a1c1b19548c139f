import type { EventSketch } from '../events.ts';
import { CHECKOUT } from '../../shared/domain/facets.ts';
import { placesOf } from '../../shared/domain/place.ts';
import { choicesOf } from '../../shared/domain/regional-choices.ts';
import { TRACK_EVENTS } from '../../shared/domain/events.ts';
import { monthOf } from '../../shared/domain/time.ts';
import { purchase, streamEvent, USER_KEY } from '../events.ts';

const SP = { location: { country: 'BR', region: 'SP' } };
const said = (...args: Parameters<typeof choicesOf>) =>
  choicesOf(...args).map(({ place, slot, option }) => `${place} ${slot} ${option}`);

test('a purchase says what its region and its country choose, with whose key and in which month', () => {
  const event = purchase({
    order: 'o1',
    method: 'pix',
    context: SP,
    properties: { shipping_method: 'post' },
  });
  expect(said(event)).toEqual([
    'BR#SP payment pix',
    'BR# payment pix',
    'BR#SP shipping post',
    'BR# shipping post',
  ]);
  expect(choicesOf(event)[0]).toMatchObject({ subject: USER_KEY, month: monthOf(event.at) });
});

test.each<[string, EventSketch]>([
  ['without a place', {}],
  ['from a country that is none', { context: { location: { country: 'Brazil', region: 'SP' } } }],
  ['that only claims to be of somebody', { of: 'claims', context: SP }],
  [
    'whose money cannot be booked',
    { context: SP, properties: { total: 5, payment_method: 'pix', currency: 7 } },
  ],
])('a purchase %s says nothing', (_name, sketch) => {
  const properties = { order_id: 'o1', total: 5, currency: 'BRL', payment_method: 'pix' };
  const event = { event: 'Order Completed', properties, ...sketch };
  const { order_id: _order, ...withoutId } = { ...properties, ...sketch.properties };
  expect(said(streamEvent(sketch.properties ? { ...event, properties: withoutId } : event))).toEqual([]);
});

test('an event speaks exactly when the checkout facet learns a use from it', () => {
  const properties = {
    order_id: 'o1',
    total: 5,
    currency: 'BRL',
    payment_method: 'pix',
    shipping_method: 'post',
  };
  const sketches: readonly EventSketch[] = [
    ...Object.keys(TRACK_EVENTS).map((event) => ({ event, properties })),
    { event: 'Something Else', properties },
    { type: 'identify', traits: properties },
    { type: 'page', properties },
  ];
  const speaking = sketches.filter((sketch) => {
    const event = streamEvent({ ...sketch, context: SP });
    const { facet } = CHECKOUT.apply(CHECKOUT.decode(undefined), event, []);
    expect(said(event)).toHaveLength(2 * (facet.payment.length + facet.shipping.length));
    return said(event).length > 0;
  });
  expect(speaking.map(({ event }) => event)).toEqual([
    'Checkout Step Completed',
    'Payment Info Entered',
    'Order Completed',
  ]);
});

test('the address among the traits of the context is a place too, where there is no location', () => {
  const context = { traits: { address: { country: 'br', state: 'RJ' } } };
  expect(said(purchase({ order: 'o1', method: 'pix', context }))).toEqual([
    'BR#RJ payment pix',
    'BR# payment pix',
  ]);
});

test.each([
  [
    { country: 'BR', region: 'SP' },
    { region: 'BR#SP', country: 'BR#' },
  ],
  [
    { country: 'br', region: ' br-sp ' },
    { region: 'BR#SP', country: 'BR#' },
  ],
  [{ country: 'BR' }, { country: 'BR#' }],
  [{ country: 'BR', region: '' }, { country: 'BR#' }],
  [{ region: 'SP' }, {}],
  [{ country: 'BRA', region: 'SP' }, {}],
])('whoever is in %j is in %j', (whereabouts, places) => {
  expect(placesOf(whereabouts)).toEqual(places);
});
