import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

const foreign = (): string => `sk-${randomBytes(15).toString('hex')}`;
const ITEM = { name: 'Acme', scopes: ['invoices:read'] };

describe('an import', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  beforeEach(() => world.clock.advance(60_000));
  afterAll(() => world.close());
  const post = (items: unknown, by = world.root) => by.post('/v1/tokens/import', { items });
  const count = async () => (await world.database.query('select from tokens')).length;

  it('names every fault of every item, and imports none', async () => {
    const good = foreign();
    const before = await count();
    const answer = await post([
      { ...ITEM, value: good },
      { ...ITEM, value: 'short' },
      { ...ITEM, value: 'not a digest', hash: 'sha256' },
      { ...ITEM, value: foreign(), hash: 'md5' },
      { name: '', scopes: [], value: ' begins with a blank', more: 1 },
      ITEM,
      { ...ITEM, value: foreign(), expires_in: 1, expires_at: '2020-01-01T00:00:00Z' },
      { ...ITEM, value: unissued('tok') },
      { ...ITEM, value: 'key_01k2qj6m4xf3v9n0e7w8r5t2ya' },
    ]);
    expect(answer).toBeProblem('invalid_request', [
      'items[1].value',
      'items[2].value',
      'items[3].hash',
      'items[4].more',
      'items[4].name',
      'items[4].scopes',
      'items[4].value',
      'items[5].value',
      'items[6].expires_at',
      'items[7].value',
      'items[8].value',
    ]);
    await expect(answer).toHaveAudited(world, {
      action: 'token.import',
      outcome: 'failure',
      reason: 'invalid_request',
      target_id: null,
    });
    expect(await count()).toBe(before);
    expect((await world.verify(good)).valid).toBe(false);
    expect(answer.text).not.toContain('begins with');
  });

  it('with scopes that a strict workspace does not know names them where they stand', async () => {
    const { key } = await world.workspace('Strict');
    const owner = world.as(key);
    await owner.post('/v1/scopes', { name: 'invoices:read' });
    await owner.patch('/v1/workspace', { strict_scopes: true });
    const answer = await post(
      [
        { ...ITEM, value: foreign() },
        { ...ITEM, value: foreign(), scopes: ['invoices:read', 'invoices:rea'] },
        { ...ITEM, value: foreign(), scopes: ['invoices:rea'] },
      ],
      owner,
    );
    expect(answer).toBeProblem('unknown_scope', ['items[1].scopes[1]', 'items[2].scopes[0]']);
    expect(answer.text).toContain('did you mean invoices:read?');
    expect((await post([{ ...ITEM, value: foreign() }], owner)).status).toBe(200);
  });

  it('against the policies of its workspace is told which item they refuse, and why', async () => {
    const owner = world.as((await world.workspace('Governed')).key);
    const item = (more: object = {}) => ({ ...ITEM, value: foreign(), ...more });
    await owner.patch('/v1/workspace', { max_token_ttl: 3600 });
    const long = [item({ expires_in: 3601 }), item({ expires_at: '2999-01-01T00:00:00Z' }), item()];
    const fields = ['items[0].expires_in', 'items[1].expires_at'];
    expect(await post(long, owner)).toBeProblem('invalid_request', fields);
    const { results } = (await post([item()], owner)).body as { results: { id: string }[] };
    const { body } = await owner.get(`/v1/tokens/${results[0]!.id}`);
    expect(body.expires_at).toBe(new Date(Date.parse(body.created_at as string) + 3_600_000).toISOString());
    await owner.patch('/v1/workspace', { max_token_ttl: null, require_expiry: true });
    expect(await post([item({ expires_in: 60 }), item()], owner)).toBeProblem('invalid_request', [
      'items[1].expires_at',
    ]);
  });

  it('is for API keys: no token imports, whatever its scopes', async () => {
    const { token } = await world.token({ scopes: ['tokens:*', 'invoices:read'] });
    const answer = await post([{ ...ITEM, value: foreign() }], world.as(token));
    expect(answer).toBeProblem('forbidden');
    expect(answer.body.required_scopes).toEqual([]);
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'credential_type' });
  });

  it('that cannot be recorded did not happen', async () => {
    const value = foreign();
    await world.database.query('revoke insert on audit_events from tooken_app');
    expect(await post([{ ...ITEM, value }])).toBeProblem('unavailable');
    await world.database.query('grant insert on audit_events to tooken_app');
    expect((await world.verify(value)).valid).toBe(false);
  });
});
