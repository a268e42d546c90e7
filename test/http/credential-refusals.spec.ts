import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { face } from '../support/face.js';
import { getRaw } from '../support/raw-request.js';
import { mistyped, unissued, withChecksum } from '../support/secret-format.js';
import { World } from '../support/world.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** Decodes to the same bytes: the last character before the padding has bits that mean nothing. */
const withSpareBit = (text: string) =>
  text.replace(/(.)=$/, (_all, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`);
const X30 = 'x'.repeat(30);

/** Header lines that are no well-formed credential, made of one that is. */
const malformed: Record<string, (secret: string) => string[]> = {
  'no value': () => ['Authorization:'],
  'the scheme alone': () => ['Authorization: Bearer'],
  'the scheme and a space': () => ['Authorization: Bearer '],
  'no scheme': (secret) => [`Authorization: ${secret}`],
  'another scheme': (secret) => [`Authorization: Token ${secret}`],
  'no space': (secret) => [`Authorization: Bearer${secret}`],
  'two spaces': (secret) => [`Authorization: Bearer  ${secret}`],
  'a tab for the space': (secret) => [`Authorization: Bearer\t${secret}`],
  'a space and a tab': (secret) => [`Authorization: Bearer \t${secret}`],
  'an equals sign for the space': (secret) => [`Authorization: Bearer=${secret}`],
  'a comma behind': (secret) => [`Authorization: Bearer ${secret},`],
  'two credentials in one header': (secret) => [`Authorization: Bearer ${secret}, Bearer ${secret}`],
  'two headers': (secret) => [`Authorization: Bearer ${secret}`, `Authorization: Bearer ${secret}`],
  'two headers, the other empty': (secret) => [`Authorization: Bearer ${secret}`, 'authorization:'],
  'two headers, Basic and Bearer': (secret) => [
    `Authorization: Basic ${base64(`:${secret}`)}`,
    `Authorization: Bearer ${secret}`,
  ],
  'a word behind': (secret) => [`Authorization: Bearer ${secret} please`],
  'a parameter behind': (secret) => [`Authorization: Bearer ${secret};v=1`],
  'a full stop behind': (secret) => [`Authorization: Bearer ${secret}.`],
  'quotes around it': (secret) => [`Authorization: Bearer "${secret}"`],
  'letters beyond ASCII': (secret) => [`Authorization: Bearer ${secret.slice(0, -1)}\u00e9`],
  'a space within': (secret) => [`Authorization: Bearer ${secret.slice(0, 20)} ${secret.slice(20)}`],
  'the secret in capitals': (secret) => [`Authorization: Bearer ${secret.toUpperCase()}`],
  'the last character cut off': (secret) => [`Authorization: Bearer ${secret.slice(0, -1)}`],
  'one character more': (secret) => [`Authorization: Bearer ${secret}0`],
  'a wrong checksum': (secret) => [`Authorization: Bearer ${mistyped(secret)}`],
  'an unknown environment': () => [`Authorization: Bearer ${withChecksum(`tok_prod_${X30}`)}`],
  'the prefix of a handle': () => [`Authorization: Bearer ${withChecksum(`key_live_${X30}`)}`],
  'a handle': () => ['Authorization: Bearer key_01k2qj6m4xf3v9n0e7w8r5t2ya'],
  'ten thousand characters': () => [`Authorization: Bearer ${'a'.repeat(10_000)}`],
  'Basic with nothing': () => ['Authorization: Basic'],
  'Basic that is no base64': (secret) => [`Authorization: Basic :${secret}`],
  'Basic in base64url': (secret) => [`Authorization: Basic ${base64(`>>>:${secret}`).replace('+', '-')}`],
  'Basic without its padding': (secret) => [
    `Authorization: Basic ${base64(`a:${secret}`).replace(/=+$/, '')}`,
  ],
  'Basic with too much padding': (secret) => [`Authorization: Basic ${base64(`:${secret}`)}=`],
  'Basic with spare bits set': (secret) => [`Authorization: Basic ${withSpareBit(base64(`a:${secret}`))}`],
  'Basic without a colon': (secret) => [`Authorization: Basic ${base64(secret)}`],
  'Basic with a colon in the password': (secret) => [`Authorization: Basic ${base64(`::${secret}`)}`],
  'Basic with a line break behind': (secret) => [`Authorization: Basic ${base64(`:${secret}\n`)}`],
  'Basic with the secret as user name': (secret) => [`Authorization: Basic ${base64(`${secret}:`)}`],
};

describe('a credential that is none', () => {
  let world: World;
  /** What every refusal with a credential looks like. */
  let refusal: unknown;
  beforeAll(async () => {
    world = await World.start();
    refusal = face(await me(`Authorization: Bearer ${unissued()}`));
  });
  // Floods of refusals are answered otherwise; here every minute has a few.
  beforeEach(() => world.clock.advance(61_000));
  afterAll(() => world.close());

  const me = (...lines: string[]) => getRaw(world.urls[0]!, '/v1/me', ...lines);

  it('is answered by the contract’s 401, with a challenge that says a token was sent', async () => {
    const answer = await me(`Authorization: Bearer ${unissued()}`);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toEqual({
      error: 'unauthorized',
      message: 'Invalid or missing API key',
      request_id: answer.requestId,
    });
    expect(answer.header('www-authenticate')).toBe('Bearer realm="tooken", error="invalid_token"');
    expect(answer.header('cache-control')).toBe('no-store');
  });

  it('is answered the same when there is none at all, but that no token is called invalid', async () => {
    const answer = await me();
    expect(answer.header('www-authenticate')).toBe('Bearer realm="tooken"');
    const asIfSent = answer.headers.map(([name, value]): [string, string] =>
      name === 'www-authenticate' ? [name, `${value}, error="invalid_token"`] : [name, value],
    );
    expect(face({ ...answer, headers: asIfSent })).toEqual(refusal);
    await expect(answer).toHaveAudited(world, {
      action: 'me.read',
      outcome: 'denied',
      reason: 'missing_credential',
      workspace_id: 'instance',
      actor_id: null,
    });
  });

  it.each(Object.entries(malformed))('is refused with %s', async (_what, lines) => {
    const answer = await me(...lines(world.rootKey));
    expect(face(answer)).toEqual(refusal);
    await expect(answer).toHaveAudited(world, {
      action: 'me.read',
      outcome: 'denied',
      reason: 'malformed_credential',
      workspace_id: 'instance',
      actor_id: null,
    });
  });

  it.each([
    ['an API key', unissued()],
    ['a token', unissued('tkn', 'test')],
    ['a token with a prefix of its own', unissued('acme')],
  ])('is refused when it looks like %s but was never issued', async (_what, secret) => {
    for (const line of [`Authorization: Bearer ${secret}`, `Authorization: Basic ${base64(`:${secret}`)}`]) {
      const answer = await me(line);
      expect(face(answer)).toEqual(refusal);
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason: 'unknown_credential',
        workspace_id: 'instance',
        actor_id: null,
      });
    }
  });

  it.each(['somebody', 'DEFAULT', ' default', 'default\u0000', 'd\u00e9fault'])(
    'is refused with the Basic user name %j',
    async (user) => {
      const answer = await me(`Authorization: Basic ${base64(`${user}:${world.rootKey}`)}`);
      expect(face(answer)).toEqual(refusal);
      await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'unknown_credential' });
    },
  );

  it('is refused under another workspace’s slug', async () => {
    const { slug } = await world.workspace('Somebody else');
    const answer = await me(`Authorization: Basic ${base64(`${slug}:${world.rootKey}`)}`);
    expect(face(answer)).toEqual(refusal);
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'unknown_credential' });
  });

  it('is refused the same when it was one once; the event tells whose and why', async () => {
    const inAnHour = new Date(world.clock.now() + 3_600_000).toISOString();
    const inAMinute = new Date(world.clock.now() + 60_000).toISOString();
    const [regenerated, deleted, expired] = [
      await world.apiKey(),
      await world.apiKey(),
      await world.apiKey({ expires_at: inAMinute }),
    ];
    const [revoked, disabled, over, pending, elsewhere] = [
      await world.token(),
      await world.token(),
      await world.token({ expires_at: inAMinute }),
      await world.token({ not_before: inAnHour }),
      await world.token({ allowed_ips: ['203.0.113.0/24'] }),
    ];
    await world.root.post(`/v1/api-keys/${regenerated.id}/regenerate`);
    await world.root.delete(`/v1/api-keys/${deleted.id}`);
    await world.root.post(`/v1/tokens/${revoked.id}/revoke`);
    await world.root.patch(`/v1/tokens/${disabled.id}`, { enabled: false });
    world.clock.advance(60_000);

    const { id: workspaceId } = (await world.root.get<{ workspace: { id: string } }>('/v1/me')).body
      .workspace;
    for (const [id, secret, reason] of [
      [regenerated.id, regenerated.key, 'regenerated_key'],
      [deleted.id, deleted.key, 'deleted_key'],
      [expired.id, expired.key, 'expired_key'],
      [revoked.id, revoked.token, 'revoked_token'],
      [disabled.id, disabled.token, 'disabled_token'],
      [over.id, over.token, 'expired_token'],
      [pending.id, pending.token, 'not_yet_valid'],
      [elsewhere.id, elsewhere.token, 'ip_not_allowed'],
    ] as const) {
      const answer = await me(`Authorization: Bearer ${secret}`);
      expect(face(answer)).toEqual(refusal);
      await expect(answer).toHaveAudited(world, {
        outcome: 'denied',
        reason,
        actor_id: id,
        workspace_id: workspaceId,
      });
    }
  });

  it('is refused for its checksum without a question to the database', async () => {
    const client = new pg.Client({ connectionString: world.database.adminUrl });
    await client.connect();
    try {
      await client.query('begin');
      await client.query('lock table credential_secrets in access exclusive mode');
      // Whoever asks for a secret now waits in vain …
      const asked = me(`Authorization: Bearer ${unissued()}`);
      // … and a value that cannot be one is refused all the same.
      expect(face(await me(`Authorization: Bearer ${mistyped(world.rootKey)}`))).toEqual(refusal);
      expect((await asked).status).toBe(503);
    } finally {
      await client.end();
    }
    expect((await me(`Authorization: Bearer ${world.rootKey}`)).status).toBe(200);
  });
});
