import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everythingStored } from '../support/everything-stored.js';
import { face } from '../support/face.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

describe('stopping an API key by its value', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  const stop = (api_key: unknown, by = world.root) => by.post('/v1/api-keys/revoke', { api_key });
  const isAlive = async (key: string) => (await world.as(key, 1).get('/v1/me')).status === 200;

  it('stops it at once, on the other instance too', async () => {
    const { id, key } = await world.apiKey();
    const answer = await stop(key);

    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    await expect(answer).toHaveAudited(world, {
      action: 'api_key.revoke',
      outcome: 'success',
      target_id: id,
    });
    const refused = await world.as(key, 1).get('/v1/me');
    expect(refused).toBeProblem('unauthorized');
    await expect(refused).toHaveAudited(world, { reason: 'deleted_key', actor_id: id });
    expect(await world.root.get(`/v1/api-keys/${id}`)).toBeProblem('not_found');
  });

  it('answers the same whether the value is known or not', async () => {
    const { id, key } = await world.apiKey();
    const { key: living } = await world.apiKey();
    const { token } = await world.token();
    const { body } = await world.root.post<{ key: string }>(`/v1/api-keys/${id}/regenerate`);
    await stop(body.key);
    const values = [key, body.key, token, unissued(), mistyped(unissued()), 'no secret at all', living];

    const answers = await Promise.all(values.map((value) => stop(value)));

    expect(answers[0]?.status).toBe(204);
    for (const answer of answers) expect(face(answer)).toEqual(face(answers[0]!));
    expect(await isAlive(living)).toBe(false);
    expect((await world.verify(token)).valid).toBe(true);
  });

  it('answers 204 to all who stop it at once', async () => {
    const { key } = await world.apiKey();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_each, at) => stop(key, world.as(world.rootKey, at % 2))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(204));
    expect(await isAlive(key)).toBe(false);
  });

  it('never stops a key by a value it no longer has, also while it is being regenerated', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => world.apiKey()));
    for (const { id, key } of keys) {
      const [regenerated] = await Promise.all([
        world.root.post<{ key: string }>(`/v1/api-keys/${id}/regenerate`),
        stop(key, world.as(world.rootKey, 1)),
      ]);
      expect(await isAlive(key)).toBe(false);
      if (regenerated.status === 200) expect(await isAlive(regenerated.body.key)).toBe(true);
      else expect(regenerated).toBeProblem('not_found');
    }
  });

  it('does not touch another workspace’s key', async () => {
    const stranger = await world.workspace('Stranger');
    expect((await stop(stranger.key)).status).toBe(204);
    expect(await isAlive(stranger.key)).toBe(true);
  });

  it('does not let a test key stop a live one; a live key stops both', async () => {
    const [live, test, other] = [
      await world.apiKey(),
      await world.apiKey({ environment: 'test' }),
      await world.apiKey({ environment: 'test' }),
    ];
    expect((await stop(live.key, world.as(test.key))).status).toBe(204);
    expect(await isAlive(live.key)).toBe(true);
    expect((await stop(other.key, world.as(test.key))).status).toBe(204);
    expect(await isAlive(other.key)).toBe(false);
    expect((await stop(test.key, world.as(live.key))).status).toBe(204);
    expect(await isAlive(test.key)).toBe(false);
  });

  it('may stop the key one is calling with', async () => {
    const { key } = await world.apiKey();
    expect((await stop(key, world.as(key))).status).toBe(204);
    expect(await isAlive(key)).toBe(false);
  });

  it('stores the value nowhere', async () => {
    const { key } = await world.apiKey();
    const unknown = unissued();
    await stop(key);
    await stop(unknown);
    const stored = await everythingStored(world.database);
    expect(stored).not.toContain(key.slice(9));
    expect(stored).not.toContain(unknown.slice(9));
  });

  it('owns its field: neither a credential in the body nor one in place of the header', async () => {
    const { key } = await world.apiKey();
    const answer = await world.anonymous().post('/v1/api-keys/revoke', { api_key: key });
    expect(answer).toBeProblem('unauthorized');
    expect(await isAlive(key)).toBe(true);
  });

  it.each([
    [undefined, ['api_key']],
    [{}, ['api_key']],
    [{ api_key: 7 }, ['api_key']],
    [{ api_key: '' }, ['api_key']],
    [{ api_key: 'x'.repeat(257) }, ['api_key']],
    [{ api_key: 'x', token: 'x' }, ['token']],
  ])('refuses %j', async (body, fields) => {
    expect(await world.root.post('/v1/api-keys/revoke', body)).toBeProblem('invalid_request', fields);
  });
});
