import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { World } from '../support/world.js';

describe('a credential in the URL or in the body', () => {
  let world: World;
  let secret: string;
  const log: string[] = [];
  beforeAll(async () => {
    world = await World.start({ env: { LOG_LEVEL: 'trace' }, onLog: (line) => log.push(line) });
    ({ key: secret } = await world.apiKey());
  });
  beforeEach(() => world.clock.advance(61_000));
  afterAll(async () => {
    await world.close();
  });

  it.each([
    ['alone', (path: string) => world.anonymous().get(path), null, 'denied'],
    ['beside a valid header', (path: string) => world.root.get(path), 'root', 'failure'],
    ['beside an invalid header', (path: string) => world.as('tok_live_no').get(path), null, 'denied'],
  ] as const)('is refused in the URL, %s', async (_where, get, actor, outcome) => {
    const actor_id = actor && ((await world.root.get('/v1/me')).body.id as string);
    for (const path of [
      `/v1/me?api_key=${secret}`,
      `/v1/api-keys?limit=0&api%5Fkey=${secret}`,
      `/v1/tokens?api_key=${secret}&api_key=${secret}`,
      '/v1/me?api_key=',
      '/v1/me?api_key',
    ]) {
      const answer = await get(path);
      expect(answer).toBeProblem('credential_in_url', ['api_key']);
      await expect(answer).toHaveAudited(world, { outcome, reason: 'credential_in_url', actor_id });
    }
  });

  it.each([
    ['alone', (body: object) => world.anonymous().post('/v1/api-keys', body), null, 'denied'],
    ['beside a valid header', (body: object) => world.root.post('/v1/api-keys', body), 'root', 'failure'],
  ] as const)('is refused in the body, %s, and nothing happens', async (_where, post, actor, outcome) => {
    const actor_id = actor && ((await world.root.get('/v1/me')).body.id as string);
    for (const body of [{ name: 'never', api_key: secret }, { api_key: null }, { api_key: [secret] }]) {
      const answer = await post(body);
      expect(answer).toBeProblem('credential_in_body', ['api_key']);
      await expect(answer).toHaveAudited(world, {
        action: 'api_key.create',
        outcome,
        reason: 'credential_in_body',
        actor_id,
      });
    }
    expect((await world.root.get('/v1/api-keys?limit=100')).text).not.toContain('never');
  });

  it('is refused for the URL when it stands in both', async () => {
    const answer = await world.root.post(`/v1/api-keys?api_key=${secret}`, { name: 'x', api_key: secret });
    expect(answer).toBeProblem('credential_in_url', ['api_key']);
  });

  it('is refused in the URL also where the body’s field is the call’s own', async () => {
    const answer = await world.root.post(`/v1/api-keys/revoke?api_key=${secret}`, { api_key: secret });
    expect(answer).toBeProblem('credential_in_url', ['api_key']);
    expect((await world.as(secret).get('/v1/me')).status).toBe(200);
  });

  it('is never quoted, logged or stored, wherever a caller puts it', async () => {
    const { root } = world;
    const answers: Answer[] = [
      await root.get(`/v1/me?api_key=${secret}`),
      await root.get(`/v1/me?${secret}=1`),
      await root.get(`/v1/api-keys?cursor=${secret}&limit=${secret}`),
      await root.get(`/v1/api-keys/${secret}`),
      await root.delete(`/v1/tokens/${secret}`),
      await root.get(`/${secret}`),
      await root.get(`/v1/api-keys/%zz${secret}`),
      await root.post('/v1/api-keys', { name: 'x', api_key: secret }),
      await root.post('/v1/api-keys', { [secret]: 'x' }),
      await root.post('/v1/api-keys', { environment: secret, expires_at: secret }),
      await root.post('/v1/api-keys', `{"name":"${secret}`),
      await root.post('/v1/api-keys', secret),
      await world.as(`${secret},`).get('/v1/me'),
      await root.with({ accept: secret, 'content-type': secret }).post('/v1/api-keys', '{}'),
    ];
    const random = secret.slice(9);
    for (const { status, text, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text + JSON.stringify([...headers])).not.toContain(random);
    }
    expect(await everythingStored(world.database)).not.toContain(random);
    expect(log.join('')).not.toContain(random);
  });
});
