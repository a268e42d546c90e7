import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createApp } from '../../src/app.js';
import { FoundingService } from '../../src/founding/founding.service.js';
import { readConfig } from '../../src/platform/config/config.js';
import { makeLogger } from '../../src/platform/logger.js';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { unissued } from '../support/secret-format.js';
import { TestClock } from '../support/test-clock.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';
import { SECRET_KEY, World } from '../support/world.js';

interface NewWorkspace {
  id: string;
  name: string;
  slug: string;
  api_key: string;
}

describe('making a workspace', () => {
  let world: World;
  const create = (name: unknown, by: Caller = world.root): Promise<Answer<NewWorkspace>> =>
    by.post<NewWorkspace>('/v1/workspaces', { name });

  beforeAll(async () => {
    world = await World.start();
  });
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  it('answers with it and its first API key, shown in this answer only', async () => {
    const answer = await create('Example Ltd');
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^ws_/),
      name: 'Example Ltd',
      slug: 'example-ltd',
      strict_scopes: false,
      max_token_ttl: null,
      require_expiry: false,
      default_prefix: null,
      reuse_policy: 'alert',
      inactive_after_days: null,
      allowed_management_ips: null,
      created_at: expect.any(String),
      api_key: expect.stringMatching(/^tok_live_[0-9A-Za-z]{36}$/),
    });
    const { id, api_key } = answer.body;
    expect((await world.as(api_key).get('/v1/me')).body).toMatchObject({
      type: 'api_key',
      workspace: { id },
    });
    expect(await everythingStored(world.database)).not.toContain(api_key.slice(9, -6));
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.create',
      outcome: 'success',
      target_id: id,
    });
  });

  it('makes one that is no operator and has nothing of the operator’s', async () => {
    await world.token({ name: 'of the operator' });
    const by = world.as((await create('Empty')).body.api_key);
    expect(await create('Another', by)).toBeProblem('forbidden');
    expect((await by.get('/v1/tokens')).body).toEqual({ data: [], next_cursor: null });
    expect((await by.get('/v1/scopes')).body).toEqual({ data: [], next_cursor: null });
    expect(await by.get('/v1/audit-events?log=instance')).toBeProblem('forbidden');
  });

  it('makes no live key for a test key, not even the operator’s', async () => {
    const { key } = await world.apiKey({ environment: 'test' });
    const answer = await world.as(key).post('/v1/workspaces', { name: 'x' });
    expect(answer).toBeProblem('forbidden');
    await expect(answer).toHaveAudited(world, {
      action: 'workspace.create',
      outcome: 'denied',
      reason: 'forbidden',
    });
  });

  it('is for API keys of the operator workspace only', async () => {
    const before = await world.database.query('select id from workspaces');
    const other = await world.apiKey({}, world.as((await world.workspace('other')).key));
    const token = await world.token({ scopes: ['tokens:*', 'audit:*', 'scopes:*'] });
    const refused = [await create('x', world.as(other.key)), await create('x', world.as(token.token))];
    for (const answer of refused) {
      expect(answer).toBeProblem('forbidden');
      expect(answer.body).toMatchObject({ required_scopes: [] });
      await expect(answer).toHaveAudited(world, { action: 'workspace.create', outcome: 'denied' });
    }
    expect(await create('x', world.anonymous())).toBeProblem('unauthorized');
    expect(await world.database.query('select id from workspaces')).toHaveLength(before.length + 1);
  });

  it.each([
    ['Ångström & Söhne GmbH', 'angstrom-sohne-gmbh'],
    ['  UPPER   case  ', 'upper-case'],
    ['日本', 'workspace'],
    ['---', 'workspace-2'],
    ['x'.repeat(120), 'x'.repeat(48)],
    [`${'y'.repeat(47)} z`, 'y'.repeat(47)],
    ['default', 'default-2'],
  ])('makes of the name %j the slug %s', async (name, slug) => {
    expect((await create(name)).body).toMatchObject({ name, slug });
  });

  it('gives each its own slug, also when many of one name come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create('Twins')));
    const slugs = answers.map(({ body }) => body.slug).sort();
    expect(slugs).toEqual(['twins', 'twins-2', 'twins-3', 'twins-4', 'twins-5', 'twins-6']);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(6);
  });

  it.each<[object | undefined, string[]]>([
    [undefined, ['name']],
    [{ name: '' }, ['name']],
    [{ name: 'x'.repeat(121) }, ['name']],
    [{ name: 'x', slug: 'x', operator: true }, ['operator', 'slug']],
  ])('refuses %j', async (body, fields) => {
    const answer = await world.root.post('/v1/workspaces', body);
    expect(answer).toBeProblem('invalid_request', fields);
  });
});

describe('the first start', () => {
  let database: TestDatabase;
  let apps: NestFastifyApplication[];
  const clock = new TestClock();
  const start = async (count: number, env: Record<string, string> = {}) => {
    const config = readConfig({ LOG_LEVEL: 'silent', ...env }, () => true);
    const logger = makeLogger('silent');
    for (let n = 0; n < count; n++) {
      const app = await createApp({
        config,
        databaseUrl: database.url,
        secretKey: SECRET_KEY,
        clock,
        logger,
      });
      apps.push(await app.init());
    }
    return apps.map((app) => app.get(FoundingService));
  };
  const workspaces = () =>
    database.query<{ slug: string; operator: boolean }>('select slug, operator from workspaces order by id');

  beforeEach(async () => {
    database = await cloneDatabase();
    apps = [];
  });
  afterEach(async () => {
    for (const app of apps) await app.close();
    await database.drop();
  });

  it('of ten instances at once makes one operator workspace with one key, and two events', async () => {
    const instances = await start(10);
    const made = await Promise.all(instances.map((instance) => instance.foundInstance()));
    expect(made.filter((key) => key !== null)).toHaveLength(1);
    expect(await workspaces()).toEqual([{ slug: 'default', operator: true }]);
    expect(await database.query('select id from api_keys')).toHaveLength(1);
    const events = await database.query('select action, actor_type, outcome from audit_events order by id');
    expect(events).toEqual([
      { action: 'workspace.create', actor_type: 'system', outcome: 'success' },
      { action: 'api_key.create', actor_type: 'system', outcome: 'success' },
    ]);
  });

  it('happens once: a later start makes nothing', async () => {
    const [instance] = await start(1);
    expect(await instance!.foundInstance()).not.toBeNull();
    expect(await instance!.foundInstance()).toBeNull();
    expect(await workspaces()).toHaveLength(1);
  });

  it('takes the bootstrap key for the first key, in its environment', async () => {
    const value = unissued('tok', 'test');
    const [instance] = await start(1, { TOOKEN_BOOTSTRAP_API_KEY: value });
    expect(await instance!.foundInstance()).toMatchObject({ key: value, environment: 'test' });
  });

  it('makes the operator workspace also where the command line has taken its slug before', async () => {
    const [instance] = await start(1);
    expect((await instance!.foundBySystem('default')).slug).toBe('default');
    expect(await instance!.foundInstance()).not.toBeNull();
    expect(await instance!.foundInstance()).toBeNull();
    expect(await workspaces()).toEqual([
      { slug: 'default', operator: false },
      { slug: 'default-2', operator: true },
    ]);
  });
});
