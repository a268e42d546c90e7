import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OldDeliveries } from '../../src/webhooks/old-deliveries.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { World } from '../support/world.js';
import { deliveries, webhook } from './webhook-world.js';

const URL_ = 'https://hooks.acme.example/in?key=confidential';

describe('a webhook', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('is made with a signing secret that is shown once, and told of by where it leads', async () => {
    world.clock.hold();
    const me = (await world.root.get('/v1/me')).body;
    const answer = await world.root.post('/v1/webhooks', { url: URL_, enabled: false });
    expect(answer.status).toBe(201);
    const { secret, ...shown } = answer.body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^wh_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
      url: URL_,
      events: null,
      description: null,
      enabled: false,
      environment: 'live',
      secret_hint: `whsec_…${String(secret).slice(-5, -1)}`,
      previous_secret_until: null,
      created_at: new Date(world.clock.now()).toISOString(),
      created_by: { type: 'api_key', id: me.id, name: me.name },
    });
    await expect(answer).toHaveAudited(world, { action: 'webhook.create', target_id: shown.id as string });
    expect((await world.root.get(`/v1/webhooks/${String(shown.id)}`)).body).toEqual(shown);
    expect((await world.root.get('/v1/webhooks')).body).toEqual({ data: [shown], next_cursor: null });
    const log = await world.root.get('/v1/audit-events?limit=1000');
    expect(log.text).toContain('https://hooks.acme.example');
    expect(log.text).not.toContain('confidential');
  });

  it('is changed, and the log tells how', async () => {
    const { id } = await webhook(world.root, URL_, { enabled: false });
    const changed = await world.root.patch(`/v1/webhooks/${id}`, {
      url: 'https://other.example/',
      events: ['secret.leaked'],
      description: 'changed',
    });
    expect(changed.body).toMatchObject({ url: 'https://other.example/', events: ['secret.leaked'] });
    const [event] = await world.events(`request_id=${changed.requestId}`);
    expect(event!.changes).toEqual([
      { field: 'url', from: 'https://hooks.acme.example', to: 'https://other.example' },
      { field: 'events', from: null, to: ['secret.leaked'] },
      { field: 'description', from: null, to: 'changed' },
    ]);
    expect((await world.root.patch(`/v1/webhooks/${id}`, { events: null })).body.events).toBeNull();
  });

  it.each([
    'http://hooks.acme.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::ffff:10.0.0.1]/',
    'https://localhost/',
    'http://8.8.8.8/',
  ])('is refused where it could never be sent to: %s', async (url) => {
    const { id } = await webhook(world.root, URL_, { enabled: false });
    expect(await world.root.post('/v1/webhooks', { url })).toBeProblem('invalid_request', ['url']);
    expect(await world.root.patch(`/v1/webhooks/${id}`, { url })).toBeProblem('invalid_request', ['url']);
    expect((await world.root.get(`/v1/webhooks/${id}`)).body.url).toBe(URL_);
  });

  it('is refused beyond 100 of an environment, however many are made at once', async () => {
    const caller = world.as((await world.workspace('Many')).key);
    const answers = await Promise.all(
      Array.from({ length: 104 }, () => caller.post('/v1/webhooks', { url: URL_, enabled: false })),
    );
    const statuses = answers.map(({ status }) => status).filter((status) => status !== 503);
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(100);
    for (let at = 0; at < 101; at++) await caller.post('/v1/webhooks', { url: URL_, enabled: false });
    expect(await caller.post('/v1/webhooks', { url: URL_ })).toBeProblem('conflict');
    const { body } = await caller.get<{ data: unknown[]; next_cursor: string | null }>(
      '/v1/webhooks?limit=100',
    );
    expect([body.data.length, body.next_cursor]).toEqual([100, null]);
  });

  it('is managed with API keys, never with a token', async () => {
    const { token } = await world.token({ scopes: ['tokens:*', 'audit:*', 'scopes:*'] });
    for (const answer of [
      await world.as(token).get('/v1/webhooks'),
      await world.as(token).post('/v1/webhooks', { url: URL_ }),
    ]) {
      expect(answer).toBeProblem('forbidden');
    }
  });

  it('keeps deliveries for 30 days, in pages by their state', async () => {
    const { id, delivery } = await quietWebhook(world.root);
    for (let count = 0; count < 3; count++) await world.root.post(`/v1/webhooks/${id}/test`);
    const path = `/v1/webhooks/${id}/deliveries?status=pending&limit=3`;
    const first = (await world.root.get<{ data: { id: string }[]; next_cursor: string }>(path)).body;
    const rest = (await world.root.get<{ data: { id: string }[] }>(`${path}&cursor=${first.next_cursor}`))
      .body;
    expect([...first.data, ...rest.data].map((each) => each.id).at(-1)).toBe(delivery);
    expect([first.data.length, rest.data.length]).toEqual([3, 1]);

    const old = world.apps[0]!.get(OldDeliveries);
    await old.drop();
    expect(await deliveries(world.root, id)).toHaveLength(4);
    world.clock.advance(30 * 86_400_000 + 1);
    await old.drop();
    expect(await deliveries(world.root, id)).toEqual([]);
  });
});
