import { matchRoute } from '../../local/routes.ts';

const keys = [
  '$default',
  'ANY /{all+}',
  'GET /pets/{id}',
  'ANY /pets/{id}',
  'GET /pets/dog',
  'GET /pets/{rest+}',
  'POST /v1/{call}',
  'POST /v1/decisions',
  'GET /v1/profiles/{subject}',
];
const routes = keys.map((key) => ({ key }));

describe('the most specific route is taken', () => {
  it.each([
    ['GET', '/pets/dog', 'GET /pets/dog', {}],
    ['GET', '/pets/7', 'GET /pets/{id}', { id: '7' }],
    ['PUT', '/pets/7', 'ANY /pets/{id}', { id: '7' }],
    ['GET', '/pets/7/toys', 'GET /pets/{rest+}', { rest: '7/toys' }],
    ['PUT', '/pets/7/toys', 'ANY /{all+}', { all: 'pets/7/toys' }],
    ['POST', '/v1/decisions', 'POST /v1/decisions', {}],
    ['POST', '/v1/track', 'POST /v1/{call}', { call: 'track' }],
    ['GET', '/v1/profiles/u:42', 'GET /v1/profiles/{subject}', { subject: 'u:42' }],
    ['GET', '/', '$default', {}],
  ])('%s %s → %s', (method, path, key, parameters) => {
    expect(matchRoute(routes, method, path)).toEqual({ route: { key }, parameters });
  });

  it('in whatever order the routes are listed', () => {
    expect(matchRoute([...routes].reverse(), 'POST', '/v1/decisions')?.route.key).toBe('POST /v1/decisions');
  });

  it('and without a $default one there may be none', () => {
    expect(matchRoute([{ key: 'GET /a' }], 'GET', '/b')).toBeUndefined();
    expect(matchRoute([{ key: 'GET /a/{b}' }], 'GET', '/a/')).toBeUndefined();
  });
});
