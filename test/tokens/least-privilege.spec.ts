import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { routesOf } from '../support/routes.js';
import { World } from '../support/world.js';

/**
 * Which tokens a route lets in, by the contract: those with this scope, any, or none whatever their scopes. Some routes
 * ask for no credential.
 */
const CONTRACT: Record<string, string> = {
  'POST /v1/api-keys': 'no token',
  'GET /v1/api-keys': 'no token',
  'GET /v1/api-keys/:id': 'no token',
  'PATCH /v1/api-keys/:id': 'no token',
  'POST /v1/api-keys/:id/regenerate': 'no token',
  'DELETE /v1/api-keys/:id': 'no token',
  'POST /v1/api-keys/revoke': 'no token',
  'GET /v1/workspace': 'no token',
  'PATCH /v1/workspace': 'no token',
  'GET /v1/workspace/policy-report': 'no token',
  'POST /v1/workspaces': 'no token',
  'GET /v1/me': 'any token',
  'POST /v1/tokens': 'tokens:write',
  'POST /v1/tokens/import': 'no token',
  'GET /v1/tokens': 'tokens:read',
  'GET /v1/tokens/:id': 'tokens:read',
  'PATCH /v1/tokens/:id': 'tokens:write',
  'POST /v1/tokens/:id/rotate': 'tokens:write',
  'POST /v1/tokens/:id/rotate/finish': 'tokens:write',
  'POST /v1/tokens/:id/revoke': 'tokens:write',
  'DELETE /v1/tokens/:id': 'tokens:write',
  'POST /v1/tokens/revoke': 'tokens:write',
  'POST /v1/tokens/verify': 'tokens:verify',
  'POST /v1/tokens/verify-batch': 'tokens:verify',
  'GET /v1/scopes': 'scopes:read',
  'POST /v1/scopes': 'scopes:write',
  'PATCH /v1/scopes/:name': 'scopes:write',
  'DELETE /v1/scopes/:name': 'scopes:write',
  'GET /v1/audit-events': 'audit:read',
  'GET /v1/audit-events/:id': 'audit:read',
  'GET /v1/audit-events/actions': 'audit:read',
  'GET /v1/audit-events/export': 'audit:read',
  'GET /v1/audit-events/stats': 'audit:read',
  'POST /v1/audit-events/search-by-secret': 'audit:read',
  'GET /v1/audit-events/tail': 'audit:read',
  'GET /v1/audit-events/:id/proof': 'audit:read',
  'GET /v1/audit-log/checkpoint': 'audit:read',
  'GET /v1/audit-log/public-key': 'audit:read',
  'GET /v1/audit-log/consistency': 'audit:read',
  'POST /v1/webhooks': 'no token',
  'GET /v1/webhooks': 'no token',
  'GET /v1/webhooks/:id': 'no token',
  'PATCH /v1/webhooks/:id': 'no token',
  'DELETE /v1/webhooks/:id': 'no token',
  'POST /v1/webhooks/:id/rotate-secret': 'no token',
  'POST /v1/webhooks/:id/test': 'no token',
  'GET /v1/webhooks/:id/deliveries': 'no token',
  'GET /v1/webhooks/:id/deliveries/:delivery_id': 'no token',
  'POST /v1/webhooks/:id/deliveries/:delivery_id/replay': 'no token',
  'DELETE /v1/members/:id': 'no token',
  'DELETE /v1/members/invitations/:id': 'no token',
  'DELETE /v1/session': 'people',
  'DELETE /v1/sessions/:id': 'people',
  'GET /v1/members': 'no token',
  'GET /v1/members/invitations': 'no token',
  'GET /v1/session': 'people',
  'GET /v1/sessions': 'people',
  'GET /v1/account': 'people',
  'POST /v1/account/totp': 'people',
  'POST /v1/account/totp/confirm': 'people',
  'DELETE /v1/account/totp': 'people',
  'POST /v1/account/recovery-codes': 'people',
  'POST /v1/account/passkeys/options': 'people',
  'POST /v1/account/passkeys': 'people',
  'GET /v1/account/passkeys': 'people',
  'DELETE /v1/account/passkeys/:id': 'people',
  'PATCH /v1/account': 'people',
  'PATCH /v1/members/:id': 'no token',
  'POST /v1/account/password': 'people',
  'POST /v1/members/invitations': 'no token',
  'POST /v1/session/sudo': 'people',
  'GET /v1/setup': 'no credential',
  'POST /v1/account/password/reset': 'no credential',
  'POST /v1/invitations/accept': 'no credential',
  'POST /v1/invitations/read': 'no credential',
  'POST /v1/session': 'no credential',
  'POST /v1/session/second-factor': 'no credential',
  'POST /v1/session/passkey/options': 'no credential',
  'POST /v1/session/passkey': 'no credential',
  'POST /v1/setup': 'no credential',
  'POST /v1/signup': 'no credential',
  'POST /v1/leaks': 'no credential',
  'POST /v1/leaks/github': 'a signature',
  'GET /v1/secret-format': 'any token',
};

const SCOPES = ['tokens:read', 'tokens:write', 'tokens:verify', 'audit:read', 'scopes:read', 'scopes:write'];

/** Routes by what they need: `[route, scope]`. */
const SCOPED = Object.entries(CONTRACT).filter(([, needed]) => SCOPES.includes(needed));
const CLOSED = Object.keys(CONTRACT).filter((route) => ['no token', 'people'].includes(CONTRACT[route]!));
const OPEN = Object.keys(CONTRACT).filter((route) => CONTRACT[route] === 'any token');

describe('least privilege', () => {
  let world: World;
  const holding = async (...scopes: string[]) => world.as((await world.token({ scopes })).token);
  /** Calls the route about nothing that exists, so that whoever is let in changes nothing. */
  const call = (by: Caller, route: string): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ');
    return by.send(
      method,
      path.replace(/:\w+/g, 'nothing'),
      ['PATCH', 'POST'].includes(method) ? {} : undefined,
    );
  };
  const isLetIn = ({ status }: Answer) => [200, 201, 204, 400, 404].includes(status);
  const expectRefused = async (answer: Answer, required: string[], reason: string) => {
    expect(answer).toBeProblem('forbidden');
    expect(answer.body.required_scopes).toEqual(required);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope"${required.map((scope) => `, scope="${scope}"`).join('')}`,
    );
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason });
  };

  beforeAll(async () => {
    world = await World.start();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('is decided for every route there is', () => {
    const routes = routesOf(world.apps[0]!).filter(({ path }) => path.startsWith('/v1/'));
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      Object.keys(CONTRACT).sort(),
    );
  });

  it.each(SCOPED)('%s lets in tokens with %s, and no others', async (route, needed) => {
    const others = SCOPES.filter((scope) => scope !== needed);
    expect(isLetIn(await call(await holding(needed), route))).toBe(true);
    await expectRefused(
      await call(await holding(...others, 'things:*'), route),
      [needed],
      'insufficient_scope',
    );
  });

  it.each(SCOPED)('%s takes a pattern for %s, and none over another resource', async (route, needed) => {
    const mine = needed.replace(/:.*/, ':*');
    const others = ['tokens:*', 'audit:*', 'scopes:*'].filter((pattern) => pattern !== mine);
    expect(isLetIn(await call(await holding(mine), route))).toBe(true);
    await expectRefused(await call(await holding(...others), route), [needed], 'insufficient_scope');
  });

  it.each(CLOSED)('%s lets in no token, whatever its scopes', async (route) => {
    const everything = await holding('tokens:*', 'audit:*', 'scopes:*', ...SCOPES);
    await expectRefused(await call(everything, route), [], 'credential_type');
  });

  it.each(OPEN)('%s lets in every token', async (route) => {
    expect(isLetIn(await call(await holding('things:read'), route))).toBe(true);
  });

  it.each(Object.keys(CONTRACT).filter((route) => !['a signature', 'people'].includes(CONTRACT[route]!)))(
    '%s lets in an API key',
    async (route) => {
      expect(isLetIn(await call(world.root, route))).toBe(true);
    },
  );

  it('lets tokens:read change nothing', async () => {
    const mine = await world.token({ name: 'untouched', scopes: ['tokens:write', 'tokens:read', 'a:b'] });
    const child = await world.token({ scopes: ['a:b'] }, world.as(mine.token));
    await world.root.patch(`/v1/tokens/${mine.id}`, { scopes: ['tokens:read', 'a:b'] });
    const by = world.as(mine.token);
    expect(await by.post('/v1/tokens', { name: 'more', scopes: ['a:b'] })).toBeProblem('forbidden');
    expect(await by.patch(`/v1/tokens/${child.id}`, { name: 'changed' })).toBeProblem('forbidden');
    expect(await by.post(`/v1/tokens/${child.id}/revoke`)).toBeProblem('forbidden');
    expect(await by.delete(`/v1/tokens/${child.id}`)).toBeProblem('forbidden');
    expect((await by.get(`/v1/tokens/${child.id}`)).body).toMatchObject({
      name: 'a token',
      status: 'active',
    });
    const { data } = (await by.get<{ data: { id: string }[] }>('/v1/tokens')).body;
    expect(data.slice(0, 2).map(({ id }) => id)).toEqual([child.id, mine.id]);
  });

  it('lets no scope of the workspace’s own stand for one of Tooken’s', async () => {
    const by = await holding('token:write', 'tokens.write:all', 'things:*');
    expect(await by.get('/v1/tokens')).toBeProblem('forbidden');
    expect((await by.get('/v1/me')).body.scopes).toEqual(['token:write', 'tokens.write:all', 'things:*']);
  });
});
