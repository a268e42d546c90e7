import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AnswerSeal, type KeyHolder } from '../../src/idempotency/answer-seal.js';
import { named, OPERATIONS, type Operation } from '../contract/openapi-document.js';
import { exampleRequest } from '../contract/openapi-requests.js';
import { holdKey } from '../support/held-key.js';
import { sendRaw } from '../support/raw-request.js';
import { World } from '../support/world.js';

const ISSUE = { name: 'Acme', scopes: ['invoices:read'] };
const POSTS = OPERATIONS.filter(({ method }) => method === 'POST');
const BAD = {
  'an empty one': '',
  '256 characters': 'k'.repeat(256),
  'a character beyond ASCII': 'k\u00e9y',
  'a tab within': 'k\tey',
};

describe('an Idempotency-Key', () => {
  let world: World;
  let key: string;
  beforeAll(async () => {
    world = await World.start();
  });
  beforeEach(() => {
    key = randomUUID();
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());
  const keyed = () => world.root.with({ 'idempotency-key': key });
  const count = async () => (await world.database.query('select from tokens')).length;

  it.each(
    named(POSTS.filter(({ security, isForm }) => !isForm && security.some((scheme) => 'bearer' in scheme))),
  )(
    'that is malformed is refused by every POST, which then changes nothing: %s',
    async (_name, operation: Operation) => {
      const { path, body } = await exampleRequest(world, operation);
      const text = body === undefined ? '' : JSON.stringify(body);
      for (const bad of [...Object.values(BAD).map((each) => [each]), ['one', 'other']]) {
        const {
          status,
          text: answered,
          requestId,
        } = await sendRaw(
          world.urls[0]!,
          [
            `POST ${path} HTTP/1.1`,
            `Authorization: Bearer ${world.rootKey}`,
            ...bad.map((each) => `Idempotency-Key: ${each}`),
            ...(body === undefined ? [] : ['Content-Type: application/json']),
            `Content-Length: ${String(Buffer.byteLength(text))}`,
          ],
          text,
        );
        const { error, details } = JSON.parse(answered) as { error: string; details: { field: string }[] };
        expect({ status, error, fields: details.map(({ field }) => field) }).toEqual({
          status: 400,
          error: 'invalid_request',
          fields: ['Idempotency-Key'],
        });
        expect(await world.eventsOf(requestId)).toMatchObject([
          { outcome: 'failure', reason: 'invalid_request' },
        ]);
      }
      const { parameters } = operation;
      const { schema } = parameters.find(({ name }) => name === 'Idempotency-Key')!;
      expect(schema).toMatchObject({ minLength: 1, maxLength: 255 });
    },
  );

  it('that is malformed is named together with everything else that is wrong', async () => {
    const answer = await world.root
      .with({ 'idempotency-key': 'k'.repeat(256) })
      .post('/v1/tokens?nonsense=1', { name: '', scopes: ['a:b'], more: 1 });
    expect(answer).toBeProblem('invalid_request', ['Idempotency-Key', 'more', 'name', 'nonsense']);
  });

  it.each(['k', 'k'.repeat(255), 'a key, "with" spaces; and =signs~'])('may be %s', async (value) => {
    const caller = world.root.with({ 'idempotency-key': value });
    const [one, two] = [await caller.post('/v1/tokens', ISSUE), await caller.post('/v1/tokens', ISSUE)];
    expect(one.status).toBe(201);
    expect(two.text).toBe(one.text);
  });

  it.each([
    ['another body', '/v1/tokens', { ...ISSUE, name: 'Another' }],
    ['one field more', '/v1/tokens', { ...ISSUE, subject: 'partner_42' }],
    ['another route', '/v1/api-keys', { name: 'Acme' }],
  ])('is refused for %s, whatever that is, and the first answer stands', async (_name, path, body) => {
    const first = await keyed().post('/v1/tokens', ISSUE);
    const before = await count();
    const answer = await keyed().post(path, body);
    expect(answer).toBeProblem('idempotency_mismatch');
    await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'idempotency_mismatch' });
    expect(await count()).toBe(before);
    expect((await keyed().post('/v1/tokens', ISSUE)).text).toBe(first.text);
  });

  it('is refused for the same route to another thing', async () => {
    const [one, other] = [await world.token(), await world.token()];
    expect((await keyed().post(`/v1/tokens/${one.id}/revoke`)).status).toBe(200);
    expect(await keyed().post(`/v1/tokens/${other.id}/revoke`)).toBeProblem('idempotency_mismatch');
    expect(await world.verify(other.token)).toMatchObject({ valid: true });
  });

  it('whose call is still under way is refused, and free once that has ended without success', async () => {
    const end = await holdKey(world, world.root, key);
    const before = await count();
    const answer = await keyed().post('/v1/tokens', ISSUE);
    expect(answer).toBeProblem('conflict');
    await expect(answer).toHaveAudited(world, {
      action: 'token.issue',
      outcome: 'failure',
      reason: 'conflict',
    });
    expect(await count()).toBe(before);
    await end();
    expect((await keyed().post('/v1/tokens', ISSUE)).status).toBe(201);
  });

  it('has no effect where nothing is changed, nor with another method', async () => {
    const { id, token } = await world.token();
    expect((await keyed().post('/v1/tokens/verify', { token })).body.valid).toBe(true);
    await world.root.patch(`/v1/tokens/${id}`, { enabled: false });
    expect((await keyed().post('/v1/tokens/verify', { token })).body.valid).toBe(false);
    expect((await keyed().patch(`/v1/tokens/${id}`, { name: 'one' })).status).toBe(200);
    expect((await keyed().patch(`/v1/tokens/${id}`, { name: 'two' })).body.name).toBe('two');
    expect(await keyed().post('/v1/tokens', {})).toBeProblem('invalid_request');
    expect(await world.database.query('select from idempotent_answers where expires_at is null')).toEqual([]);
  });
});

describe('what seals an answer', () => {
  const SERVER = Buffer.alloc(32, 1);
  const HOLDER: KeyHolder = { workspaceId: 'ws_a', environment: 'live', callerId: 'key_a' };
  const seal = new AnswerSeal(SERVER, HOLDER, 'the key');
  const request = seal.hashOf('the call');
  const sealed = seal.seal('a secret', request);

  it('opens it for the same call with the same key, and differs each time', () => {
    expect(new AnswerSeal(SERVER, { ...HOLDER }, 'the key').open(sealed, request)).toBe('a secret');
    expect(seal.seal('a secret', request)).not.toEqual(sealed);
    expect(sealed.toString('latin1')).not.toContain('secret');
  });

  it.each([
    ['another key', new AnswerSeal(SERVER, HOLDER, 'the kez')],
    ['another server', new AnswerSeal(Buffer.alloc(32, 2), HOLDER, 'the key')],
    ['another caller', new AnswerSeal(SERVER, { ...HOLDER, callerId: 'key_b' }, 'the key')],
    ['another workspace', new AnswerSeal(SERVER, { ...HOLDER, workspaceId: 'ws_b' }, 'the key')],
    ['another environment', new AnswerSeal(SERVER, { ...HOLDER, environment: 'test' }, 'the key')],
  ])('opens it not for %s, which has nothing in common with it', (_name, other) => {
    expect(() => other.open(sealed, request)).toThrow();
    expect(other.keyHash).not.toEqual(seal.keyHash);
    expect(other.lock).not.toBe(seal.lock);
    expect(other.hashOf('the call')).not.toEqual(request);
  });

  it('opens it not for another call, nor when a bit of it was changed', () => {
    expect(() => seal.open(sealed, seal.hashOf('another call'))).toThrow();
    for (const at of [0, 12, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => seal.open(changed, request)).toThrow();
    }
  });
});
