import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getRaw } from '../support/raw-request.js';
import { World } from '../support/world.js';

const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString('base64');

describe('a credential in the Authorization header', () => {
  let world: World;
  let token: string;
  let slug: string;
  beforeAll(async () => {
    world = await World.start();
    ({ token } = await world.token());
    ({ slug } = (await world.root.get<{ workspace: { slug: string } }>('/v1/me')).body.workspace);
  });
  afterAll(() => world.close());

  const statusOf = async (line: string) => (await getRaw(world.urls[0]!, '/v1/me', line)).status;

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('is accepted with the scheme %s', async (scheme) => {
    expect(await statusOf(`Authorization: ${scheme} ${world.rootKey}`)).toBe(200);
    expect(await statusOf(`Authorization: ${scheme} ${token}`)).toBe(200);
  });

  it.each(['authorization', 'AUTHORIZATION'])('is found under the name %s', async (name) => {
    expect(await statusOf(`${name}: Bearer ${world.rootKey}`)).toBe(200);
  });

  it('is accepted as the password of HTTP Basic, of nobody or of the workspace by its slug', async () => {
    for (const secret of [world.rootKey, token]) {
      expect(await statusOf(`Authorization: Basic ${basic('', secret)}`)).toBe(200);
      expect(await statusOf(`Authorization: basic ${basic(slug, secret)}`)).toBe(200);
    }
  });

  it('may stand in blanks, which are no part of the value and which the parser takes away', async () => {
    expect(await statusOf(`Authorization: \t Bearer ${world.rootKey} \t `)).toBe(200);
  });
});
