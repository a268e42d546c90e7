import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATIONS, type Operation } from '../contract/openapi-document.js';
import { fromEverywhere } from '../support/addresses.js';
import { person, type Role } from '../support/people.js';
import { World } from '../support/world.js';

/** What is about oneself, and what is no secret. */
const ofOneself = /^\/v1\/(session|sessions|account|me|secret-format)(\/|$)/;

/** What each role may do, said once more, in the words of those who give roles. */
const MAY: Record<Role, (operation: Operation) => boolean> = {
  owner: () => true,
  admin: ({ path }) => path !== '/v1/workspaces',
  developer: ({ method, path }) =>
    ofOneself.test(path) ||
    (/^\/v1\/(tokens|scopes)(\/|$)/.test(path) && path !== '/v1/tokens/import') ||
    (method === 'GET' && /^\/v1\/workspace(\/|$)/.test(path)),
  auditor: ({ path }) => ofOneself.test(path) || path.startsWith('/v1/audit-'),
};

/** Those of OAuth are for programs. */
const GUARDED = OPERATIONS.filter(({ path, security }) => path.startsWith('/v1/') && security.length > 0);

describe('a person may do what their role says, and nothing else, on every route:', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => world.close());

  it('every route is open to people', () => {
    expect(GUARDED.filter(({ security }) => !security.some((scheme) => 'session' in scheme))).toEqual([]);
  });

  it.each<[Role]>([['owner'], ['admin'], ['developer'], ['auditor']])('as %s', async (role) => {
    const { by } = await person(world, role);
    const found: string[] = [];
    for (const { method, path } of GUARDED) {
      // Wrong in itself, so that nothing happens: whoever is let in is told so.
      const url = `${path.replace(/\{\w+\}/, 'nonsense')}?nonsense=1`;
      const { status } = await fromEverywhere(by).send(method, url);
      found.push(`${method} ${path}: ${status === 403 ? 'refused' : `let in, ${String(status)}`}`);
    }
    expect(found).toEqual(
      GUARDED.map((operation) => {
        const { method, path } = operation;
        return `${method} ${path}: ${MAY[role](operation) ? 'let in, 400' : 'refused'}`;
      }),
    );
  });

  it('a refusal names the scope that the role lacks, and is in the log', async () => {
    const { id, by } = await person(world, 'auditor');
    const answer = await by.post('/v1/tokens', { name: 'x', scopes: ['a:b'] });
    expect(answer).toBeProblem('forbidden');
    expect(answer.body).toMatchObject({ required_scopes: ['tokens:write'] });
    expect(answer.headers.get('www-authenticate')).toContain('scope="tokens:write"');
    await expect(answer).toHaveAudited(world, {
      action: 'token.issue',
      outcome: 'denied',
      reason: 'insufficient_role',
      actor_id: id,
      environment: 'live',
    });
  });

  it('a role that was taken away is gone with the next request', async () => {
    const { id, by } = await person(world, 'admin');
    expect((await by.get('/v1/api-keys')).status).toBe(200);
    await world.root.patch(`/v1/members/${id}`, { role: 'auditor' });
    expect(await by.get('/v1/api-keys')).toBeProblem('forbidden');
    await world.root.delete(`/v1/members/${id}`);
    const answer = await by.get('/v1/me');
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'no_workspace', actor_id: id });
  });

  it('an operator’s auditor reads the log of the instance, another’s does not', async () => {
    const { by } = await person(world, 'auditor');
    expect((await by.get('/v1/audit-events?log=instance')).status).toBe(200);
    const { slug } = await world.workspace('Elsewhere');
    const other = await person(world, 'auditor', { slug });
    expect(await other.by.get('/v1/audit-events?log=instance')).toBeProblem('forbidden');
  });

  describe('of Tooken’s own scopes a developer gives those of the role:', () => {
    it('no token that could read the log, nor any more', async () => {
      const { by } = await person(world, 'developer');
      const given = await by.post('/v1/tokens', { name: 'x', scopes: ['things:*', 'tokens:write'] });
      expect(given.status).toBe(201);
      expect(given.body).toMatchObject({ created_by: { type: 'user' }, parent_id: null });
      for (const scopes of [['audit:read'], ['things:read', 'audit:*']]) {
        const answer = await by.post('/v1/tokens', { name: 'x', scopes });
        expect(answer).toBeProblem('forbidden');
        await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'insufficient_scope' });
      }
      const path = `/v1/tokens/${String(given.body.id)}`;
      expect(await by.patch(path, { scopes: ['audit:read'] })).toBeProblem('forbidden');
      expect((await by.patch(path, { scopes: ['things:read'] })).status).toBe(200);
    });

    it('nor acts on a token that has more, whose new value would be theirs', async () => {
      const { by } = await person(world, 'developer');
      const { id } = await world.token({ scopes: ['audit:read', 'things:read'] });
      expect(await by.patch(`/v1/tokens/${id}`, { name: 'mine' })).toBeProblem('forbidden');
      expect(await by.post(`/v1/tokens/${id}/revoke`)).toBeProblem('forbidden');
      expect((await by.get(`/v1/tokens/${id}`)).status).toBe(200);
      const revoked = await by.post('/v1/tokens/revoke', { filter: { scope: 'things:read' } });
      expect(revoked.body.ids).not.toContain(id);
      expect((await world.root.get(`/v1/tokens/${id}`)).body.status).toBe('active');
      const admin = await person(world, 'admin');
      expect((await admin.by.post(`/v1/tokens/${id}/revoke`)).status).toBe(200);
    });
  });
});
