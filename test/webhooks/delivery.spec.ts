import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/product.js';
import type { World } from '../support/world.js';
import { Receiver } from './receiver.js';
import { delivery, deliveries, startWorld, webhook } from './webhook-world.js';

const MINUTE = 60_000;
/** Each pause may be a tenth longer. */
const PAUSES_MINUTES = [0.1, 6, 33, 132, 330, 660, 924, 1320, 1584];

describe('a delivery', () => {
  let world: World;
  let receiver: Receiver;
  beforeAll(async () => {
    world = await startWorld({ instances: 2 });
    receiver = await Receiver.start();
  });
  beforeEach(() => {
    receiver.answering = 204;
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  const tested = async (path: string): Promise<{ id: string; secret: string }> => {
    const hook = await webhook(world.root, `${receiver.url}${path}`);
    await world.root.post(`/v1/webhooks/${hook.id}/test`);
    return hook;
  };

  it('is tried again until it is answered with 2xx, as the same notice with the same id', async () => {
    receiver.answering = 500;
    const { id, secret } = await tested('/again');
    const first = await delivery(world.root, id, (each) => each.last_attempt !== null);
    expect(first).toMatchObject({ status: 'pending', last_attempt: { status: 500, error: 'Answered 500' } });
    const pause = Date.parse(first.next_attempt_at!) - Date.parse(first.last_attempt!.at);
    expect(pause).toBeGreaterThan(4_000);

    receiver.answering = 200;
    world.clock.advance(0.1 * MINUTE);
    await delivery(world.root, id, ({ status }) => status === 'delivered');
    const [one, other, ...more] = receiver.at('/again');
    expect(more).toEqual([]);
    expect(other!.body).toBe(one!.body);
    expect(other!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
    new Webhook(secret).verify(other!.body, other!.headers);
    const { body } = await world.root.get<{ attempts: { status: number }[] }>(
      `/v1/webhooks/${id}/deliveries/${first.id}`,
    );
    expect(body.attempts.map(({ status }) => status)).toEqual([500, 200]);
    const metrics = (await Promise.all([0, 1].map((at) => world.anonymous(at).get('/metrics')))).map(
      ({ text }) => text,
    );
    expect(metrics.join('')).toMatch(/^webhook_attempts_total\{outcome="failed"\} 1$/m);
    expect(metrics.join('')).toMatch(/^webhook_deliveries_pending 0$/m);
  });

  it('has failed after ten attempts in three days, and can be replayed', async () => {
    receiver.answering = 503;
    const { id } = await tested('/never');
    for (const [at, minutes] of PAUSES_MINUTES.entries()) {
      await receiver.has(at + 1, '/never');
      await delivery(
        world.root,
        id,
        (each) => each.next_attempt_at !== null && isAhead(each.next_attempt_at),
      );
      world.clock.advance(minutes * MINUTE);
    }
    const failed = await delivery(world.root, id, ({ status }) => status === 'failed');
    expect(failed.next_attempt_at).toBeNull();
    expect(receiver.at('/never')).toHaveLength(10);
    expect(await deliveries(world.root, id, '&status=delivered')).toEqual([]);

    receiver.answering = 204;
    const replayed = await world.root.post(`/v1/webhooks/${id}/deliveries/${failed.id}/replay`);
    expect(replayed.status).toBe(202);
    await expect(replayed).toHaveAudited(world, { action: 'webhook.replay', target_id: id });
    await delivery(world.root, id, ({ status }) => status === 'delivered');
    expect(new Set(receiver.at('/never').map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([failed.id]),
    );
  });

  // While an instance sends, the time of the next attempt is the end of its lease, half a minute ahead.
  const isAhead = (time: string): boolean => Date.parse(time) > world.clock.now();

  it('follows no redirect', async () => {
    receiver.answering = (_request, response) => {
      response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
    };
    const { id } = await tested('/moved');
    const moved = await delivery(world.root, id, (each) => each.last_attempt !== null);
    expect(moved.last_attempt).toMatchObject({ status: 307, error: 'Redirects are not followed' });
    expect(receiver.at('/elsewhere')).toEqual([]);
    await world.root.delete(`/v1/webhooks/${id}`);
  });

  it('keeps no more of a long answer than its status', async () => {
    receiver.answering = (_request, response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => {
        clearInterval(more);
      });
    };
    const { id } = await tested('/endless');
    expect(await delivery(world.root, id, ({ status }) => status === 'delivered')).toMatchObject({
      last_attempt: { status: 200 },
    });
  });

  it('is sent once, however many instances there are', async () => {
    const hook = await webhook(world.root, `${receiver.url}/once`);
    const tests = Array.from({ length: 20 }, (_each, at) =>
      world.as(world.rootKey, at % 2).post(`/v1/webhooks/${hook.id}/test`),
    );
    for (const { status } of await Promise.all(tests)) expect(status).toBe(202);
    await until(async () => (await deliveries(world.root, hook.id, '&status=delivered')).length === 20);
    const ids = receiver.at('/once').map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  it('to a receiver that never answers holds up neither requests nor other webhooks', async () => {
    receiver.answering = (request, response) => {
      if (request.url !== '/silent') response.writeHead(204).end();
    };
    const silent = await webhook(world.root, `${receiver.url}/silent`);
    for (let count = 0; count < 8; count++) await world.root.post(`/v1/webhooks/${silent.id}/test`);
    await receiver.has(1, '/silent');
    const { token } = await world.token();
    expect(await world.verify(token)).toMatchObject({ valid: true });
    const { id } = await tested('/beside');
    await delivery(world.root, id, ({ status }) => status === 'delivered');
    expect((await deliveries(world.root, silent.id, '&status=pending')).length).toBe(8);
    expect((await world.root.delete(`/v1/webhooks/${silent.id}`)).status).toBe(204);
    expect(await world.root.get(`/v1/webhooks/${silent.id}/deliveries`)).toBeProblem('not_found');
  });
});
