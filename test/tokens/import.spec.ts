import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { until } from '../support/product.js';
import { unissued } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

interface Report {
  imported: number;
  existing: number;
  results: { id: string; status: string }[];
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
const foreign = (): string => `sk-${randomBytes(15).toString('hex')}`;
const ITEM = { name: 'Acme', scopes: ['invoices:read'] };

describe('a token that is imported', () => {
  let world: World;
  let owner: Caller;
  let workspaceKey: string;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    workspaceKey = (await world.workspace('Owner')).key;
    owner = world.as(workspaceKey);
  });
  afterAll(() => world.close());

  /** Who is told to come back, since another import of the same value takes long, does. */
  async function imported(items: object[], by = owner): Promise<Report> {
    for (;;) {
      const { status, body, text } = await by.post('/v1/tokens/import', { items });
      if (status === 200) return body as unknown as Report;
      if (status !== 503) throw new Error(text);
    }
  }

  // First, before anything was imported.
  it('is what makes a workspace look for values that are not of our form', async () => {
    const value = foreign();
    expect(await world.verify(value, {}, owner)).toMatchObject({ valid: false, code: 'malformed' });
    await imported([{ ...ITEM, value }]);
    expect(await world.verify(value, {}, owner)).toMatchObject({ valid: true });
    expect(await world.verify(foreign(), {}, owner)).toMatchObject({ valid: false, code: 'not_found' });
    for (const bad of ['short', 'ends with a blank ', 'with\u00e9', 'x'.repeat(513)])
      expect(await world.verify(bad, {}, owner)).toMatchObject({ valid: false, code: 'malformed' });
  });

  it('is verified on every instance, one by one and in a batch, whether its value was known or only its hash', async () => {
    const [one, two] = [foreign(), foreign()];
    const more = { subject: 'partner_42', metadata: { plan: 'pro' }, expires_in: 3600 };
    const { imported: count, results } = await imported([
      { ...ITEM, value: one, ...more },
      { ...ITEM, value: sha256(two).toUpperCase(), hash: 'sha256', ...more },
    ]);
    expect(count).toBe(2);
    for (const [at, value] of [one, two].entries()) {
      const by = world.as(workspaceKey, 1);
      const wanted = { valid: true, token_id: results[at]!.id, scopes: ['invoices:read'] };
      expect(await world.verify(value, { scopes: ['invoices:read'] }, by)).toMatchObject({
        ...wanted,
        subject: 'partner_42',
        metadata: { plan: 'pro' },
      });
      const batch = await owner.post('/v1/tokens/verify-batch', {
        items: [{ token: value }, { token: foreign() }],
      });
      expect(batch.body.results).toMatchObject([wanted, { valid: false, code: 'not_found' }]);
      expect(await world.verify(value, { scopes: ['invoices:write'] }, owner)).toMatchObject({
        valid: false,
        code: 'insufficient_scope',
      });
    }
    // The hash is no value.
    expect(await world.verify(sha256(two), {}, owner)).toMatchObject({ valid: false, code: 'not_found' });
  });

  it('is a token like any other: listed, changed, suspended, revoked', async () => {
    const value = foreign();
    const [{ id } = { id: '' }] = (await imported([{ ...ITEM, name: 'Findable', value }])).results;
    const { body } = await owner.get<Json>(`/v1/tokens/${id}`);
    expect(body).toMatchObject({
      imported: true,
      hint: `…${value.slice(-4)}`,
      status: 'active',
      last_used_at: null,
    });
    await world.verify(value, {}, owner);
    const list = (await owner.get<{ data: Json[] }>('/v1/tokens?imported=true&q=Findable')).body.data;
    expect(list).toMatchObject([{ id, last_used_at: expect.any(String) }]);
    expect((await owner.get<{ data: Json[] }>('/v1/tokens?imported=false&q=Findable')).body.data).toEqual([]);

    await owner.patch(`/v1/tokens/${id}`, { enabled: false });
    expect((await world.verify(value, {}, owner)).code).toBe('disabled');
    await owner.patch(`/v1/tokens/${id}`, { enabled: true });
    const byForm = owner.with({ 'content-type': 'application/x-www-form-urlencoded' });
    const asked = await byForm.post('/oauth/introspect', `token=${value}`);
    expect(asked.body).toMatchObject({ active: true, client_id: id });
    const revoked = await owner.post('/v1/tokens/revoke', { token: value });
    expect(revoked.body).toMatchObject({ revoked: 1, ids: [id] });
    expect((await world.verify(value, {}, owner)).code).toBe('revoked');
    expect(await imported([{ ...ITEM, value }])).toMatchObject({ results: [{ id, status: 'exists' }] });
    expect((await world.verify(value, {}, owner)).code).toBe('revoked');
  });

  it('is no credential for Tooken itself, whatever its scopes and its form', async () => {
    const ours = unissued('tkn');
    const values = [foreign(), ours, 'abcdefgh12345678'];
    await imported(values.map((value) => ({ name: 'x', scopes: ['tokens:*'], value })));
    for (const value of values) {
      expect(await world.as(value).get('/v1/me')).toBeProblem('unauthorized');
      expect(await world.verify(value, {}, owner)).toMatchObject({ valid: true });
    }
  });

  it('exists only in its workspace and environment, where the same value may be imported too', async () => {
    const value = foreign();
    const other = await world.workspace('Other');
    const test = world.as((await world.apiKey({ environment: 'test' }, owner)).key);
    const [{ id } = { id: '' }] = (await imported([{ ...ITEM, value }])).results;
    for (const stranger of [world.as(other.key), test, world.root]) {
      expect((await world.verify(value, {}, stranger)).code).not.toBe('valid');
      const [theirs] = (await imported([{ ...ITEM, name: 'Theirs', value }], stranger)).results;
      expect(theirs).toMatchObject({ status: 'imported' });
      expect(theirs!.id).not.toBe(id);
      expect(await world.verify(value, {}, stranger)).toMatchObject({ token_id: theirs!.id, name: 'Theirs' });
    }
    expect(await world.verify(value, {}, owner)).toMatchObject({ token_id: id, name: 'Acme' });
  });

  it('is imported once, however often and from wherever at the same time', async () => {
    const items = [foreign(), foreign(), foreign()].map((value) => ({ ...ITEM, value }));
    const mirrored = [...items]
      .reverse()
      .map(({ value }) => ({ ...ITEM, value: sha256(value), hash: 'sha256' }));
    const reports = await Promise.all(
      Array.from({ length: 8 }, (_each, at) =>
        imported(at % 2 === 0 ? items : mirrored, world.as(workspaceKey, at % 2)),
      ),
    );
    expect(reports.reduce((sum, { imported: count }) => sum + count, 0)).toBe(3);
    const ids = reports.map(({ results }, at) =>
      (at % 2 === 0 ? results : [...results].reverse()).map(({ id }) => id),
    );
    expect(new Set(ids.map((each) => each.join())).size).toBe(1);

    const twice = await imported([...items, { ...ITEM, value: foreign() }, ...items]);
    expect(twice).toMatchObject({ imported: 1, existing: 6 });
  });

  it('is the token it was, where its value is one of our own making', async () => {
    const { id, token } = await world.token({}, owner);
    expect(await imported([{ ...ITEM, value: token }])).toMatchObject({
      results: [{ id, status: 'exists' }],
    });
  });

  it('leaves an event each, which says nothing of its value', async () => {
    const values = [foreign(), foreign()];
    const answer = await owner.post('/v1/tokens/import', {
      items: values.map((value) => ({ ...ITEM, value })),
    });
    const results = answer.body.results as { id: string }[];
    expect(await world.eventsOf(answer.requestId)).toMatchObject(
      results.map(({ id }) => ({
        action: 'token.import',
        outcome: 'success',
        target_id: id,
        target_name: 'Acme',
        details: { status: 'imported', hashed: false, scopes: ['invoices:read'] },
      })),
    );
    for (const value of values) {
      const search = await owner.post<{ data: unknown[]; credential: unknown }>(
        '/v1/audit-events/search-by-secret',
        { secret: value },
      );
      expect(search.body.credential).toMatchObject({ type: 'token', status: 'active' });
    }
  });

  it('leaves neither its value nor its hash in the database', async () => {
    const [one, two] = [foreign(), foreign()];
    await imported([
      { ...ITEM, value: one },
      { ...ITEM, value: sha256(two), hash: 'sha256' },
    ]);
    const stored = await everythingStored(world.database);
    for (const value of [one, two]) {
      for (const text of [value, value.slice(0, -4), sha256(value), Buffer.from(value).toString('hex')])
        expect(stored).not.toContain(text);
    }
  });

  it('can be rotated: both values hold until the grace ends, and the new one is a credential too', async () => {
    const value = foreign();
    const [{ id } = { id: '' }] = (await imported([{ ...ITEM, value }])).results;
    const { body } = await owner.post<{ token: string }>(`/v1/tokens/${id}/rotate`, {
      grace_period_seconds: 60,
    });
    expect(body.token).toMatch(/^tkn_live_[0-9A-Za-z]{36}$/);
    for (const each of [value, body.token])
      expect(await world.verify(each, {}, owner)).toMatchObject({ valid: true, token_id: id });
    expect((await world.as(body.token).get('/v1/me')).body.id).toBe(id);
    const previous = async () => (await owner.get<{ previous: Json }>(`/v1/tokens/${id}`)).body.previous;
    await until(async () => (await previous()).uses_since_rotation === 1);
    expect(await previous()).toMatchObject({ hint: `…${value.slice(-4)}` });
    world.clock.advance(61_000);
    const late = await owner.post('/v1/tokens/verify', { token: value });
    expect(late.body).toMatchObject({ valid: false, code: 'expired', token_id: id });
    await expect(late).toHaveAudited(world, { outcome: 'denied', reason: 'rotated_value', target_id: id });
    // Nobody is stopped by what is no value any more.
    const revoked = await owner.post('/v1/tokens/revoke', { token: value });
    expect(revoked.body).toMatchObject({ revoked: 0 });
    expect(await world.verify(body.token, {}, owner)).toMatchObject({ valid: true });
    expect(await imported([{ ...ITEM, value }])).toMatchObject({ results: [{ id, status: 'exists' }] });
  });

  it('is revoked when its value comes back after a rotation, where the workspace wants that', async () => {
    await owner.patch('/v1/workspace', { reuse_policy: 'revoke' });
    const value = foreign();
    const [{ id } = { id: '' }] = (await imported([{ ...ITEM, value: sha256(value), hash: 'sha256' }]))
      .results;
    const { body } = await owner.post<{ token: string }>(`/v1/tokens/${id}/rotate`, {});
    expect(await world.verify(value, {}, owner)).toMatchObject({ code: 'expired', token_id: id });
    expect(await world.verify(body.token, {}, owner)).toMatchObject({ code: 'revoked', token_id: id });
    await owner.patch('/v1/workspace', { reuse_policy: 'alert' });
  });

  it('shows no more than the end of a long value, and nothing of a short one or a hash', async () => {
    const [long, short] = [foreign(), randomBytes(8).toString('hex')];
    const { results } = await imported([
      { ...ITEM, value: long },
      { ...ITEM, value: short },
      { ...ITEM, value: sha256(foreign()), hash: 'sha256' },
    ]);
    const hints = [];
    for (const { id } of results) hints.push((await owner.get(`/v1/tokens/${id}`)).body.hint);
    expect(hints).toEqual([`…${long.slice(-4)}`, '…', '…']);
  });
});
