import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { sequenced, writePast } from '../audit-log/past-events.js';
import { everythingStored } from '../support/everything-stored.js';
import type { World } from '../support/world.js';
import { Receiver } from './receiver.js';
import { delivery, deliveries, followed, startWorld, webhook } from './webhook-world.js';

describe('a webhook is told', () => {
  let world: World;
  let receiver: Receiver;
  let workspaceId: string;
  const log: string[] = [];
  beforeAll(async () => {
    world = await startWorld({ env: { LOG_LEVEL: 'trace' }, onLog: (line) => log.push(line) });
    receiver = await Receiver.start();
    const { body } = await world.root.get<{ workspace: { id: string } }>('/v1/me');
    workspaceId = body.workspace.id;
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  it('of a revoked token, signed so that anybody with the secret can verify it', async () => {
    const { id: before } = await world.token({ name: 'before there was a webhook' });
    await world.root.delete(`/v1/tokens/${before}`);
    await sequenced(world.database);
    const hook = await webhook(world.root, `${receiver.url}/revoked`);
    const token = await world.token({ name: 'Acme', subject: 'partner_42' });
    const revoked = await world.root.post(`/v1/tokens/${token.id}/revoke`, { reason: 'over' });
    await receiver.has(1, '/revoked');

    const [{ headers, body }] = receiver.at('/revoked') as [ReturnType<Receiver['at']>[number]];
    const [event] = await world.events(`request_id=${revoked.requestId}`);
    const { body: me } = await world.root.get('/v1/me');
    expect(new Webhook(hook.secret).verify(body, headers)).toEqual({
      type: 'token.revoked',
      timestamp: event!.occurred_at,
      data: {
        workspace: workspaceId,
        environment: 'live',
        event_id: event!.id,
        token: { id: token.id, name: 'Acme', subject: 'partner_42', hint: token.hint },
        actor: { type: 'api_key', id: me.id, name: me.name },
        reason: 'over',
        revoked: 1,
        revoked_ids: [token.id],
      },
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Tooken\/\d+\.\d+\.\d+$/),
    });
    const done = await delivery(world.root, hook.id, ({ status }) => status === 'delivered');
    expect(done).toMatchObject({
      id: headers['webhook-id'],
      type: 'token.revoked',
      event_id: event!.id,
      next_attempt_at: null,
      last_attempt: { status: 204, error: null },
    });
    expect(() => new Webhook(hook.secret).verify(body.replace('Acme', 'Evil'), headers)).toThrow();
  });

  it('of each kind of thing that happens to a token or a key, once', async () => {
    const hook = await webhook(world.root, `${receiver.url}/all`);
    const [key, token, again] = [await world.apiKey(), await world.token(), await world.token()];
    await world.root.post(`/v1/api-keys/${key.id}/regenerate`);
    await world.root.patch(`/v1/tokens/${token.id}`, { enabled: false });
    await world.root.patch(`/v1/tokens/${token.id}`, { enabled: true });
    await world.root.patch(`/v1/tokens/${token.id}`, { name: 'renamed' });
    await world.root.delete(`/v1/tokens/${again.id}`);
    await world.root.delete(`/v1/tokens/${again.id}`);
    const filter = { subject: 'many' };
    for (const name of ['one', 'other']) await world.token({ name, subject: 'many' });
    for (const dry_run of [true, false]) await world.root.post('/v1/tokens/revoke', { filter, dry_run });
    const lost = await world.token({ name: 'lost' });
    for (let time = 0; time < 3; time++) await world.anonymous().post('/v1/leaks', { secret: lost.token });
    await world.root.delete(`/v1/api-keys/${key.id}`);
    const at = world.clock.now();
    const system = { workspace_id: workspaceId, at, actor_type: 'system' as const };
    const target = { target_type: 'token' as const, target_id: token.id };
    const refused = { ...target, outcome: 'denied' as const, reason: 'rotated_value' };
    await writePast(world.database, [
      { ...system, ...target, action: 'token.suspend', details: { reason: 'inactive' } },
      { ...system, ...target, action: 'secret.report', environment: null, actor_type: 'anonymous' },
      { ...system, ...target, action: 'token.expiring', details: { days: 7, expires_at: 'then' } },
      // Presented again and again: one notice for the hour.
      ...[1, 2, 3].map(() => ({ ...system, ...refused, action: 'token.verify' as const })),
      {
        ...system,
        ...refused,
        action: 'me.read',
        target_type: null,
        actor_type: 'token',
        actor_id: token.id,
      },
      // What failed has not happened, and of what is nobody's there is nothing to tell.
      { ...system, ...target, action: 'token.suspend', outcome: 'failure', reason: 'conflict' },
      { ...system, action: 'secret.report', actor_type: 'anonymous' },
      { ...system, action: 'api_key.revoke', details: { known: false } },
    ]);
    await followed(world);

    const told = await deliveries(world.root, hook.id);
    expect(told.map(({ type }) => type).sort()).toEqual([
      'api_key.deleted',
      'api_key.regenerated',
      'secret.leaked',
      'secret.leaked',
      'secret.leaked',
      'token.expiring',
      'token.revoked',
      'token.revoked',
      'token.suspended',
      'token.suspended',
      'token.value_reused',
    ]);
    await receiver.has(11, '/all');
    const bodies = receiver.notices('/all');
    const dataOf = (type: string): unknown[] =>
      bodies.filter((each) => each.type === type).map(({ data }) => data);
    expect(dataOf('api_key.regenerated')).toMatchObject([{ api_key: { id: key.id, name: 'a key' } }]);
    expect(dataOf('token.expiring')).toMatchObject([
      { token: { id: token.id }, days: 7, expires_at: 'then' },
    ]);
    const leaks = dataOf('secret.leaked') as { token: { id: string }; stopped?: boolean }[];
    // The second report finds nothing left to stop, and says so once.
    const ofLost = leaks.filter((each) => each.token.id === lost.id);
    expect(ofLost.map(({ stopped }) => stopped).sort()).toEqual([false, true]);
    expect(leaks.filter((each) => !ofLost.includes(each))).toMatchObject([
      { environment: 'live', token: { id: token.id } },
    ]);
    expect(
      dataOf('token.revoked')
        .map((each) => (each as { revoked: number }).revoked)
        .sort(),
    ).toEqual([1, 2]);
    await world.root.delete(`/v1/webhooks/${hook.id}`);
  });

  it('only of the types it wants, of its own environment and of its own workspace', async () => {
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const other = world.as((await world.workspace('Other')).key);
    const hooks = {
      '/choosy': await webhook(world.root, `${receiver.url}/choosy`, { events: ['token.revoked'] }),
      '/test': await webhook(test, `${receiver.url}/test`),
      '/other': await webhook(other, `${receiver.url}/other`),
    };
    for (const by of [world.root, test, other]) {
      const { id } = await world.token({}, by);
      await by.patch(`/v1/tokens/${id}`, { enabled: false });
      await by.delete(`/v1/tokens/${id}`);
    }
    await followed(world);
    for (const [path, by, count] of [
      ['/choosy', world.root, 1],
      ['/test', test, 2],
      ['/other', other, 2],
    ] as const) {
      expect(await deliveries(by, hooks[path].id)).toHaveLength(count);
      await receiver.has(count, path);
    }
    expect(receiver.notices('/choosy').map(({ type }) => type)).toEqual(['token.revoked']);
    expect(new Set(receiver.notices('/test').map(({ data }) => data.environment))).toEqual(new Set(['test']));
    const workspaces = receiver.notices('/other').map(({ data }) => data.workspace);
    expect(workspaces).not.toContain(workspaceId);
  });

  it('nothing while it is disabled; what was queued before is sent when it is enabled again', async () => {
    const hook = await webhook(world.root, `${receiver.url}/paused`, { enabled: false });
    const path = `/v1/webhooks/${hook.id}`;
    const { id } = await world.token();
    await world.root.delete(`/v1/tokens/${id}`);
    const test = await world.root.post(`${path}/test`);
    expect(test.status).toBe(202);
    expect(test.body).toMatchObject({ status: 'pending', next_attempt_at: null });
    await followed(world);

    await world.root.patch(path, { enabled: true });
    await receiver.has(1, '/paused');
    expect(receiver.notices('/paused')).toEqual([
      {
        type: 'webhook.test',
        timestamp: expect.any(String),
        data: {
          workspace: workspaceId,
          environment: 'live',
          event_id: test.body.event_id,
          webhook: { id: hook.id },
        },
      },
    ]);
    expect(await deliveries(world.root, hook.id)).toHaveLength(1);
  });

  it('with a signature of both secrets for a day after a rotation, then of the new one alone', async () => {
    const hook = await webhook(world.root, `${receiver.url}/rotated`);
    const path = `/v1/webhooks/${hook.id}`;
    const { status, body } = await world.root.post<{ secret: string }>(`${path}/rotate-secret`);
    expect(status).toBe(200);
    expect(body.secret).not.toBe(hook.secret);
    await world.root.post(`${path}/test`);
    await receiver.has(1, '/rotated');
    const [first] = receiver.at('/rotated');
    for (const secret of [hook.secret, body.secret]) new Webhook(secret).verify(first!.body, first!.headers);

    world.clock.advance(24 * 3_600_000);
    await world.root.post(`${path}/test`);
    await receiver.has(2, '/rotated');
    const { headers, body: sent } = receiver.at('/rotated')[1]!;
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    expect(headers['webhook-signature']).toBe(
      new Webhook(body.secret).sign(headers['webhook-id']!, at, sent),
    );
    expect((await world.root.get(path)).body.previous_secret_until).toBeNull();
    await world.root.post(`${path}/rotate-secret`);
    const [secrets, stored] = [[hook.secret, body.secret], await everythingStored(world.database)];
    for (const secret of secrets.map((each) => each.slice('whsec_'.length, -4))) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret, 'base64').toString('hex'));
      expect(log.join('')).not.toContain(secret);
      expect((await world.root.get(path)).text).not.toContain(secret);
      expect((await world.root.get('/v1/audit-events?limit=1000')).text).not.toContain(secret);
    }
  });
});
