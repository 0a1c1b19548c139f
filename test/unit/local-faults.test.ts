import { type FaultSwitches, faultSwitches } from '../../local/faults.ts';
import { type HttpServer, listen } from '../../local/http-server.ts';

let server: HttpServer;
let switches: FaultSwitches;
let store: string[];

/** What a run does with its requests. */
async function serve(breakStore?: (state: string) => Promise<void>): Promise<void> {
  switches = faultSwitches(breakStore);
  server = await listen(0, (request, response) => {
    void switches
      .answer(request, response)
      .then((isAnswered) => isAnswered || switches.meet(request, response))
      .then((isAnswered) => (isAnswered ? undefined : response.end('well')));
  });
}
beforeEach(async () => {
  store = [];
  await serve(async (state) => void store.push(state));
});
afterEach(() => server.end());

const JSON_TYPE = { 'content-type': 'application/json' };
const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(server.url + path, init);
const flip = (body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Promise<Response> =>
  ask('/_local/faults', { method: 'POST', headers, body });
const current = async (): Promise<unknown> => (await ask('/_local/faults')).json();

test('nothing is broken until somebody breaks it', async () => {
  expect(await current()).toEqual({ store: 'ok', api: 'ok', sdk: 'ok' });
  expect(await (await ask('/v1/track')).text()).toBe('well');
});

test('what is named is broken, the rest stays as it is', async () => {
  await flip('{"api":"500"}');
  expect(await (await flip('{"sdk":"blocked"}')).json()).toEqual({ store: 'ok', api: '500', sdk: 'blocked' });
  const { status } = await ask('/v1/decisions', { method: 'POST', body: 'x'.repeat(100_000) });
  expect(status).toBe(500);
  await flip('{"api":"ok"}');
  expect(await (await ask('/v1/decisions')).text()).toBe('well');
  expect(store).toEqual([]);
});

test('an API that is down gives no answer at all', async () => {
  await flip('{"api":"down"}');
  await expect(ask('/v1/track')).rejects.toThrow('fetch failed');
  // The switch itself can still be reached.
  expect(await current()).toMatchObject({ api: 'down' });
});

test('the store is broken where it is, and again when it was started anew', async () => {
  await flip('{"store":"down"}');
  await switches.again();
  await flip('{"store":"ok"}');
  await switches.again();
  expect(store).toEqual(['down', 'down', 'ok']);
});

test('a store that is not the run’s own is left alone', async () => {
  await server.end();
  await serve();
  expect((await flip('{"store":"down"}')).status).toBe(400);
  expect(await current()).toMatchObject({ store: 'ok' });
});

test.each([
  ['an unknown state', '{"api":"odd"}', JSON_TYPE],
  ['an unknown switch', '{"everything":"down"}', JSON_TYPE],
  ['no JSON', 'down', JSON_TYPE],
  ['a form of another site', '{"api":"down"}', { 'content-type': 'text/plain' }],
])('%s breaks nothing', async (_, body, headers) => {
  expect((await flip(body, headers)).status).toBe(400);
  expect(await current()).toEqual({ store: 'ok', api: 'ok', sdk: 'ok' });
});
