import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { account, fromDashboard, PASSWORD, person, type Person } from '../support/people.js';
import { World } from '../support/world.js';

/** What browsers say of the page that asks, and whether that is ours. */
const SITES: [what: string, headers: (own: string) => Record<string, string>, isOurs: boolean][] = [
  ['our own origin', (own) => ({ origin: own }), true],
  ['our own origin, in newer browsers', (own) => ({ origin: own, 'sec-fetch-site': 'same-origin' }), true],
  ['no origin, but the word of the browser', () => ({ 'sec-fetch-site': 'same-origin' }), true],
  ['our own origin over HTTPS', (own) => ({ origin: own.replace('http:', 'https:') }), true],
  ['nothing at all', () => ({}), false],
  ['another origin', () => ({ origin: 'https://evil.example' }), false],
  ['another port', () => ({ origin: 'http://127.0.0.1:1' }), false],
  ['no origin that could be told', () => ({ origin: 'null' }), false],
  ['an origin that is none', () => ({ origin: 'nonsense' }), false],
  ['a page of another site', (own) => ({ origin: own, 'sec-fetch-site': 'cross-site' }), false],
  ['a page of a neighbouring host', () => ({ 'sec-fetch-site': 'same-site' }), false],
  ['a link from outside the browser', () => ({ 'sec-fetch-site': 'none' }), false],
];

describe('with the cookie of a session', () => {
  let world: World;
  let owner: Person;
  beforeAll(async () => {
    world = await World.start();
    owner = await person(world, 'owner');
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it.each(SITES)('a change that %s asks for', async (_what, headers, isOurs) => {
    const { url } = world.anonymous();
    const by = world.anonymous().with({ cookie: owner.cookie, ...headers(url) });
    const { id } = await world.token();
    const answers = [
      await by.post('/v1/scopes', { name: `csrf:n${String(Math.random()).slice(2)}` }),
      await by.patch(`/v1/tokens/${id}`, { name: 'taken' }),
      await by.delete(`/v1/tokens/${id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(isOurs ? [201, 200, 204] : [403, 403, 403]);
    if (isOurs) return;
    for (const answer of answers) {
      expect(answer).toBeProblem('forbidden');
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'csrf',
        actor_id: owner.id,
        workspace_id: (await world.root.get<{ workspace: { id: string } }>('/v1/me')).body.workspace.id,
      });
    }
    expect((await world.root.get(`/v1/tokens/${id}`)).body).toMatchObject({ name: 'a token' });
  });

  it('nothing but JSON is taken, which no form of another site can send', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const by = owner.by.with({ 'content-type': type });
      expect(await by.post('/v1/scopes', '{"name":"a:b"}')).toBeProblem('unsupported_media_type');
    }
  });

  it('reading takes no proof of where it comes from: another site cannot see the answer', async () => {
    const by = world.anonymous().with({ cookie: owner.cookie, 'sec-fetch-site': 'none' });
    const answer = await by.get('/v1/session');
    expect(answer.status).toBe(200);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('other credentials need none: no browser sends them along by itself', async () => {
    const by = world.root.with({ origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' });
    expect((await by.post('/v1/scopes', { name: 'from:elsewhere' })).status).toBe(201);
  });
});

describe('signing in', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('is done by no page of another site, which could sign its reader in as somebody else', async () => {
    const { email } = await account(world, 'developer');
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await world.anonymous().with(headers).post('/v1/session', { email, password: PASSWORD });
      expect(answer).toBeProblem('forbidden');
      expect(answer.headers.getSetCookie()).toEqual([]);
      await expect(answer).toHaveAudited(world, {
        action: 'session.login',
        outcome: 'denied',
        reason: 'csrf',
      });
    }
    const own = await fromDashboard(world).post('/v1/session', { email, password: PASSWORD });
    expect(own.status).toBe(200);
    // A program is no browser, and brings no cookie of anybody's.
    expect((await world.anonymous().post('/v1/session', { email, password: PASSWORD })).status).toBe(200);
  });
});
