import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newHandle } from '../../src/platform/ids.js';
import type { Answer, Caller } from '../support/caller.js';
import { routesOf, type Route } from '../support/routes.js';
import { account, person, type Person } from '../support/people.js';
import { passkeyRow } from '../support/second-factors.js';
import { World } from '../support/world.js';

/** Stands in every name of the owner's things, and nowhere else. */
const MARK = 'kolibri';

interface Resource {
  /** One of the owner's. */
  theirs: string;
  /** One that never existed. */
  never: string;
  /** What a PATCH of it takes. */
  change?: object;
  /** What the owner sees in it, where that is not the mark. */
  shows?: string;
}

/** Lists by their route; a new one is to be added with what the owner must find in it. */
const LISTS = [
  '/v1/api-keys',
  '/v1/tokens',
  '/v1/scopes',
  '/v1/audit-events',
  '/v1/webhooks',
  '/v1/members',
  '/v1/members/invitations',
  '/v1/workspace/policy-report',
];

/** What makes a route say all it has. */
const ALL_OF_IT: Record<string, string> = { '/v1/audit-events/tail': '?after_index=-1' };

describe('isolation', () => {
  let world: World;
  let routes: Route[];
  let owner: Caller;
  /** By the path that leads to them. */
  let resources: Record<string, Resource>;
  /** What nobody else may ever be shown. */
  let ownersOwn: string[];
  let workspaceId: string;
  let strangers: Record<string, Caller>;

  beforeAll(async () => {
    world = await World.start();
    routes = routesOf(world.apps[0]!).filter(({ path }) => path.startsWith('/v1/'));
    const workspace = await world.workspace('Owner Ltd');
    owner = world.as(workspace.key);
    const key = await world.apiKey({ name: `${MARK} key` }, owner);
    const token = await world.token(
      { name: `${MARK} token`, subject: MARK, scopes: [`${MARK}:read`] },
      owner,
    );
    await world.token({ name: `${MARK} second`, scopes: [`${MARK}:write`] }, owner);
    const member = await account(world, 'developer', { slug: workspace.slug, name: `${MARK} member` });
    await account(world, 'auditor', { slug: workspace.slug, name: `${MARK} second` });
    const invite = { email: `${MARK}@example.com`, role: 'auditor' };
    const invitation = (await owner.post<{ id: string; token: string }>('/v1/members/invitations', invite))
      .body;
    await owner.post('/v1/members/invitations', { ...invite, email: `${MARK}-2@example.com` });
    const theirSession = await person(world, 'owner', { slug: workspace.slug, name: `${MARK} owner` });
    const [event] = await world.events(`target_id=${token.id}`, owner);
    const hooks = ['first', 'second'].map((name) => ({
      url: `https://hooks.acme.example/${MARK}-${name}`,
      enabled: false,
    }));
    for (const hook of hooks) await owner.post('/v1/webhooks', hook);
    const [webhook] = (await owner.get<{ data: { id: string }[] }>('/v1/webhooks')).body.data;
    const delivery = await owner.post<{ id: string }>(`/v1/webhooks/${webhook!.id}/test`);
    // From here on the tokens that exist are on the report.
    await owner.patch('/v1/workspace', { max_token_ttl: 31_536_000 });
    const now = world.clock.now();
    resources = {
      '/v1/api-keys/:id': { theirs: key.id, never: newHandle('key', now), change: { name: 'taken' } },
      '/v1/tokens/:id': { theirs: token.id, never: newHandle('token', now), change: { name: 'taken' } },
      '/v1/scopes/:name': {
        theirs: `${MARK}:read`,
        never: 'neverness:read',
        change: { description: 'taken' },
      },
      '/v1/members/:id': { theirs: member.id, never: newHandle('usr', now), change: { role: 'auditor' } },
      '/v1/members/invitations/:id': { theirs: invitation.id, never: newHandle('inv', now) },
      '/v1/account/passkeys/:id': {
        theirs: await passkeyRow(world, theirSession.by),
        never: newHandle('passkey', now),
      },
      '/v1/sessions/:id': { theirs: await sessionId(theirSession), never: newHandle('ses', now) },
      '/v1/audit-events/:id': { theirs: event!.id, never: newHandle('evt', now) },
      '/v1/webhooks/:id': {
        theirs: webhook!.id,
        never: newHandle('wh', now),
        change: { description: 'taken' },
      },
      '/v1/webhooks/:id/deliveries/:delivery_id': {
        theirs: delivery.body.id,
        never: newHandle('whd', now),
        shows: webhook!.id,
      },
    };
    ownersOwn = [
      ...[MARK, workspace.key, key.id, key.key, token.id, token.token, event!.id],
      ...[webhook!.id, delivery.body.id],
      ...[member.id, invitation.id, invitation.token],
    ];
    workspaceId = workspace.id;
    const test = await world.apiKey({ environment: 'test' }, owner);
    const elsewhere = await world.workspace('elsewhere');
    const everything = { scopes: ['tokens:*', 'audit:*', 'scopes:*'] };
    strangers = {
      'an API key of another workspace': world.as(elsewhere.key),
      'a token of another workspace': world.as(
        (await world.token(everything, world.as(elsewhere.key))).token,
      ),
      'the operator': world.root,
      'an API key of the other environment': world.as(test.key),
      'a token of the other environment': world.as((await world.token(everything, world.as(test.key))).token),
      'an owner of another workspace': (await person(world, 'owner', { slug: elsewhere.slug })).by,
    };
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  /** The longest path that leads to a thing: of a thing within another one, that is the inner one. */
  const kindOf = (path: string) =>
    Object.keys(resources)
      .filter((kind) => path === kind || path.startsWith(`${kind}/`))
      .sort((one, other) => other.length - one.length)[0];
  /** What a thing lies within is the owner's. */
  const within = (path: string, kind: string, id: string) =>
    path.replace(/:\w+/g, (name, at: number) => {
      const place = path.slice(0, at + name.length);
      return place === kind ? id : resources[place]!.theirs;
    });
  const call = (by: Caller, { method, path }: Route, kind: string, id: string) =>
    by.send(method, within(path, kind, id), method === 'PATCH' ? resources[kind]!.change : undefined);
  /** Everything that can be told from an answer, without what differs from any request to the next. */
  const told = ({ status, text, headers, requestId }: Answer) => {
    const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(headers);
    return { status, text: text.replaceAll(requestId, ''), headers: rest };
  };
  const STRANGERS = [
    'an API key of another workspace',
    'a token of another workspace',
    'the operator',
    'an API key of the other environment',
    'a token of the other environment',
    'an owner of another workspace',
  ];
  /** API keys and people are closed to tokens, whose they may be; sessions are for who has signed in. */
  const isOpenTo = (stranger: string, { policy }: Route) =>
    policy.requires === 'session'
      ? stranger.startsWith('an owner')
      : !(stranger.startsWith('a token') && policy.requires === 'api_key');

  it('knows every route that leads to one thing, and every list', async () => {
    const single = routes.filter(({ path }) => path.includes(':'));
    expect(single.filter(({ path }) => kindOf(path) === undefined)).toEqual([]);
    const reads = routes.filter(({ method, path }) => method === 'GET' && !path.includes(':'));
    const lists = [];
    for (const { path } of reads) if (Array.isArray((await owner.get(path)).body.data)) lists.push(path);
    // The catalogue of actions is the same for all, and counts are of nothing that could be named.
    const others = lists.filter((path) => !/^.v1.audit-events.(?:actions|stats)$/.test(path));
    expect(others.sort()).toEqual([...LISTS].sort());
  });

  // Before any stranger has named the owner's things: what it names itself stands in its own log.
  describe.each(STRANGERS)('from %s, who asks for all there is,', (stranger) => {
    it('every route without an id hides what is the owner’s', async () => {
      // The workspace itself is one for both environments, and the operator, who made it, has that in its log.
      const hidden = stranger.includes('another') ? [...ownersOwn, workspaceId] : ownersOwn;
      for (const { path } of routes.filter(
        ({ method, path: each }) => method === 'GET' && !each.includes(':'),
      )) {
        const { text } = await strangers[stranger]!.get(`${path}${ALL_OF_IT[path] ?? ''}`);
        expect(hidden.filter((each) => text.includes(each))).toEqual([]);
      }
    });

    it('no filter that names the owner’s things finds any, nor counts any', async () => {
      const { theirs: token } = resources['/v1/tokens/:id']!;
      const byMark = ['tokens?q=', 'tokens?subject=', 'audit-events?q='].map((query) => `${query}${MARK}`);
      const byId = ['audit-events?target_id=', 'audit-events?actor_id='].map((query) => `${query}${token}`);
      for (const query of [...byMark, ...byId, `tokens?scope=${MARK}:read`]) {
        expect((await strangers[stranger]!.get(`/v1/${query}`)).body).toEqual({
          data: [],
          next_cursor: null,
        });
      }
      for (const query of [`q=${MARK}`, `target_id=${token}`, `actor_id=${token}`]) {
        const { body } = await strangers[stranger]!.get<{ data: { count: number }[] }>(
          `/v1/audit-events/stats?${query}`,
        );
        expect(body.data.filter(({ count }) => count > 0)).toEqual([]);
      }
    });
  });

  describe.each(STRANGERS)('from %s, who names one thing,', (stranger) => {
    it('every route with an id answers 404, as for what never existed, byte for byte', async () => {
      let asked = 0;
      for (const route of routes.filter((each) => each.path.includes(':') && isOpenTo(stranger, each))) {
        const kind = kindOf(route.path)!;
        const { theirs, never } = resources[kind]!;
        const [forTheirs, forNever] = [
          await call(strangers[stranger]!, route, kind, theirs),
          await call(strangers[stranger]!, route, kind, never),
        ];
        expect(forTheirs).toBeProblem('not_found');
        expect(told(forTheirs)).toEqual(told(forNever));
        await expect(forTheirs).toHaveAudited(world, { outcome: 'failure', reason: 'not_found' });
        asked++;
        world.clock.advance(60_000);
      }
      expect(asked).toBeGreaterThan(5);
    });

    it('calls by value find nothing and stop nothing', async () => {
      const { token } = await world.token({ name: `${MARK} value` }, owner);
      expect(await world.verify(token, {}, strangers[stranger])).toMatchObject({
        valid: false,
        code: 'not_found',
      });
      expect(await world.verify(token, {}, owner)).toMatchObject({ valid: true });
      for (const body of [{ token }, { filter: { scope: 'things:read' } }]) {
        const revoked = await strangers[stranger]!.post('/v1/tokens/revoke', body);
        expect(revoked.text).not.toContain(MARK);
        expect((await world.verify(token, {}, owner)).valid).toBe(true);
      }
      const search = '/v1/audit-events/search-by-secret';
      const found = await strangers[stranger]!.post(search, { secret: token });
      expect(found.body).toEqual({ credential: null, data: [], next_cursor: null });
      expect((await owner.post(search, { secret: token })).body.credential).not.toBeNull();
    });

    it('no cursor of the owner’s is taken', async () => {
      for (const path of LISTS) {
        const { next_cursor } = (await owner.get<{ next_cursor: string | null }>(`${path}?limit=1`)).body;
        const answer = await strangers[stranger]!.get(`${path}?limit=1&cursor=${String(next_cursor)}`);
        if (answer.status !== 403) expect(answer).toBeProblem('invalid_request', ['cursor']);
        expect((await owner.get(`${path}?limit=1&cursor=${String(next_cursor)}`)).status).toBe(200);
      }
    });
  });

  it('lets no API key be stopped by its value from outside', async () => {
    const { key } = await world.apiKey({ name: `${MARK} by value` }, owner);
    for (const stranger of [
      'an API key of another workspace',
      'the operator',
      'an API key of the other environment',
    ]) {
      expect((await strangers[stranger]!.post('/v1/api-keys/revoke', { api_key: key })).status).toBe(204);
    }
    expect((await world.as(key).get('/v1/me')).status).toBe(200);
  });

  it('has left everything as it was, and the owner has it all', async () => {
    for (const [kind, { theirs, shows = MARK }] of Object.entries(resources)) {
      const reads = routes.filter(({ method, path }) => method === 'GET' && path === kind);
      for (const route of reads) {
        const { status, text } = await call(owner, route, kind, theirs);
        expect(status).toBe(200);
        expect(text).toContain(shows);
        expect(text).not.toContain('taken');
      }
    }
    for (const path of LISTS) expect((await owner.get(`${path}?limit=100`)).text).toContain(MARK);
    for (const path of ['/v1/audit-events/export', '/v1/audit-events/tail?after_index=-1']) {
      expect((await owner.get(path)).text).toContain(MARK);
    }
    expect((await owner.get('/v1/scopes')).text).not.toContain('taken');
  });
});

async function sessionId({ by }: Person): Promise<string> {
  return (await by.get<{ id: string }>('/v1/session')).body.id;
}
