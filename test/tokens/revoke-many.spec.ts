import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World, type Json } from '../support/world.js';

interface Revoked {
  revoked: number;
  ids: string[];
  truncated?: true;
  dry_run?: true;
  tokens?: Json[];
  subjects?: { subject: string | null; tokens: number }[];
}

describe('revoking many tokens', () => {
  let world: World;
  const scopes = ['tokens:write', 'things:read'];
  const revoke = (body: object, by: Caller = world.root): Promise<Answer<Revoked>> =>
    by.post<Revoked>('/v1/tokens/revoke', body);
  const read = async (id: string, by: Caller = world.root) => (await by.get<Json>(`/v1/tokens/${id}`)).body;
  const eventOf = async (answer: Answer<Revoked>) =>
    (await world.eventsOf(answer.requestId))[0] as {
      details: Record<string, unknown>;
      id: string;
      changes: unknown;
    };

  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  afterAll(() => world.close());

  describe('by value', () => {
    it('revokes the token that has it, with its descendants, on every instance', async () => {
      const parent = await world.token({ scopes });
      const child = await world.token({}, world.as(parent.token));
      const aside = await world.token({ scopes });

      const answer = await revoke({ token: parent.token });

      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ revoked: 2, ids: [parent.id, child.id] });
      for (const { token } of [parent, child]) {
        expect(await world.verify(token, {}, world.as(world.rootKey, 1))).toMatchObject({ code: 'revoked' });
      }
      expect(await world.verify(aside.token)).toMatchObject({ valid: true });
      await expect(answer).toHaveAudited(world, {
        action: 'token.revoke_many',
        outcome: 'success',
        target_id: parent.id,
      });
      expect((await eventOf(answer)).details).toEqual({
        known: true,
        reason: null,
        revoked: 2,
        revoked_ids: [parent.id, child.id],
      });
    });

    it('finds nothing for what is unknown, malformed, an API key, dead, another’s or of the other environment', async () => {
      const dead = await world.token();
      await revoke({ token: dead.token });
      const other = world.as((await world.workspace('Other')).key);
      const test = world.as((await world.apiKey({ environment: 'test' })).key);
      const foreign = [await world.token({}, other), await world.token({}, test)];
      const { key } = await world.apiKey();
      const values = [dead.token, ...foreign.map(({ token }) => token), unissued('tkn')];
      for (const token of [...values, mistyped(dead.token), key, 'nothing']) {
        const answer = await revoke({ token });
        expect([answer.status, answer.body]).toEqual([200, { revoked: 0, ids: [] }]);
        expect((await eventOf(answer)).details).toMatchObject({ known: false });
      }
      expect((await read(foreign[0]!.id, other)).status).toBe('active');
      expect((await read(foreign[1]!.id, test)).status).toBe('active');
      expect((await world.as(key).get('/v1/me')).status).toBe(200);
    });

    it('lets a token stop what it has issued; of others, itself included, only a living value is refused', async () => {
      const parent = await world.token({ scopes });
      const child = await world.token({}, world.as(parent.token));
      const other = await world.token();
      const dead = await world.token();
      await world.root.delete(`/v1/tokens/${dead.id}`);
      const by = world.as(parent.token);
      for (const token of [other.token, parent.token]) {
        const refused = await revoke({ token }, by);
        expect(refused).toBeProblem('forbidden');
        await expect(refused).toHaveAudited(world, { action: 'token.revoke_many', outcome: 'denied' });
      }
      expect((await revoke({ token: dead.token }, by)).body).toEqual({ revoked: 0, ids: [] });
      expect((await revoke({ token: child.token }, by)).body).toEqual({ revoked: 1, ids: [child.id] });
      expect((await read(other.id)).status).toBe('active');
    });

    it('is done once by many who do it at the same time', async () => {
      const { token } = await world.token();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_each, at) => revoke({ token }, world.as(world.rootKey, at % 2))),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(answers.reduce((sum, { body }) => sum + body.revoked, 0)).toBe(1);
    });
  });

  describe('by filter', () => {
    it('takes the tokens that fulfil every condition, with their descendants, and no others', async () => {
      const by = world.as((await world.apiKey()).key);
      const { id: creator } = (await by.get<Json>('/v1/me')).body;
      const issue = (subject: string, wanted: string[], caller = by) =>
        world.token({ subject, scopes: wanted }, caller);
      const hit = await issue('a', ['tokens:write', 'orders:*']);
      const child = await issue('elsewhere', ['orders:write'], world.as(hit.token));
      const others = [
        await issue('b', ['orders:*']),
        await issue('a', ['invoices:read']),
        await issue('a', ['orders:read'], world.root),
      ];
      world.clock.advance(1);
      const issued_before = new Date(world.clock.now()).toISOString();
      others.push(await issue('a', ['orders:read']));

      const filter = { subject: 'a', scope: 'orders:read', created_by: creator, issued_before };
      const answer = await revoke({ filter, reason: 'broken into' });

      expect(answer.body).toEqual({ revoked: 2, ids: [hit.id, child.id] });
      for (const { id } of [hit, child])
        expect(await read(id)).toMatchObject({ status: 'revoked', revoked_reason: 'broken into' });
      for (const { id } of others) expect((await read(id)).status).toBe('active');
      expect((await eventOf(answer)).details).toEqual({
        filter,
        reason: 'broken into',
        revoked: 2,
        revoked_ids: [hit.id, child.id],
      });
    });

    it('notes with each token why it has ended: the reason, or else the event that tells', async () => {
      const { id } = await world.token({ subject: 'why' });
      const answer = await revoke({ filter: { subject: 'why' } });
      const event = await eventOf(answer);
      expect(await read(id)).toMatchObject({ status: 'revoked', revoked_reason: event.id });
      expect((await world.root.get(`/v1/audit-events/${event.id}`)).status).toBe(200);
    });

    it('again finds nothing, and changes neither the moment nor the reason', async () => {
      const { id } = await world.token({ subject: 'once' });
      await revoke({ filter: { subject: 'once' }, reason: 'first' });
      const before = await read(id);
      world.clock.advance(1000);
      const again = await revoke({ filter: { subject: 'once' }, reason: 'second' });
      expect(again.body).toEqual({ revoked: 0, ids: [] });
      expect(await read(id)).toEqual(before);
    });

    it('shows with dry_run what would be revoked and whose it is, and changes nothing', async () => {
      const parent = await world.token({ subject: 'trial', scopes: [...scopes, 'trial:it'] });
      const child = await world.token({ subject: 'theirs' }, world.as(parent.token));
      const other = await world.token({ subject: 'trial', scopes: ['trial:it'] });
      await world.verify(other.token);
      const ids = [parent, other, child].map(({ id }) => id);

      const answer = await revoke({ filter: { scope: 'trial:it' }, dry_run: true });

      expect(answer.body).toMatchObject({ revoked: 3, ids, dry_run: true });
      expect(answer.body.subjects).toEqual([
        { subject: 'trial', tokens: 2 },
        { subject: 'theirs', tokens: 1 },
      ]);
      expect(answer.body.tokens).toEqual(
        await Promise.all([other.id, child.id, parent.id].map((id) => read(id))),
      );
      expect(answer.body.tokens?.[0]?.last_used_at).not.toBeNull();
      for (const { token } of [parent, child, other])
        expect(await world.verify(token)).toMatchObject({ valid: true });
      expect((await eventOf(answer)).details).toEqual({
        filter: { scope: 'trial:it' },
        reason: null,
        dry_run: true,
        would_revoke: 3,
      });
      const { body } = await revoke({ filter: { scope: 'trial:it' } });
      expect([body.revoked, body.ids]).toEqual([answer.body.revoked, answer.body.ids]);
    });

    it('of a calling token reaches only what it has issued', async () => {
      const parent = await world.token({ scopes, subject: 'same' });
      const child = await world.token({ subject: 'same' }, world.as(parent.token));
      const other = await world.token({ subject: 'same' });
      const { body } = await revoke({ filter: { subject: 'same' } }, world.as(parent.token));
      expect(body).toEqual({ revoked: 1, ids: [child.id] });
      for (const { id } of [parent, other]) expect((await read(id)).status).toBe('active');
    });

    it('stays within the caller’s workspace and environment', async () => {
      const other = world.as((await world.workspace('Beside')).key);
      const test = world.as((await world.apiKey({ environment: 'test' })).key);
      const tokens = [
        { by: other, ...(await world.token({ subject: 'near' }, other)) },
        { by: test, ...(await world.token({ subject: 'near' }, test)) },
      ];
      expect((await revoke({ filter: { subject: 'near' } })).body).toEqual({ revoked: 0, ids: [] });
      for (const { id, by } of tokens) expect((await read(id, by)).status).toBe('active');
    });

    it('takes ten thousand in one transaction with one event', async () => {
      const [model] = [await world.token({ subject: 'many' })];
      await world.database.query(
        `insert into tokens (id, workspace_id, environment, name, subject, scopes, hint, prefix, created_at, created_by_type)
         select left(id, 20) || lpad(n::text, 12, '0'), workspace_id, environment, name, subject, scopes, hint, prefix, created_at,
                created_by_type from tokens, generate_series(1, 11999) n where id = $1`,
        [model.id],
      );
      const trial = await revoke({ filter: { subject: 'many' }, dry_run: true });
      expect(trial.body).toMatchObject({ revoked: 12_000, truncated: true });
      expect([trial.body.ids.length, trial.body.tokens?.length]).toEqual([10_000, 100]);

      const answer = await revoke({ filter: { subject: 'many' } });

      expect(answer.body).toMatchObject({ revoked: 12_000, truncated: true });
      const [row] = await world.database.query<{ left: number }>(
        `select count(*)::int as left from tokens where subject = 'many' and revoked_at is null`,
      );
      expect(row?.left).toBe(0);
      expect(await world.verify(model.token)).toMatchObject({ code: 'revoked' });
      const { details } = await eventOf(answer);
      expect(details.revoked).toBe(12_000);
      expect(details.revoked_ids).toHaveLength(100);
    });
  });

  it('beside issues, changes and other revocations in the same families fails for nobody', async () => {
    const top = await world.token({ scopes, subject: 'family' });
    const middles = await Promise.all(
      [1, 2, 3].map(() => world.token({ scopes, subject: 'family' }, world.as(top.token))),
    );
    for (const middle of middles) await world.token({ subject: 'family' }, world.as(middle.token));
    const answers = await Promise.all([
      revoke({ filter: { subject: 'family' } }),
      revoke({ filter: { scope: 'things:read', subject: 'family' } }, world.as(world.rootKey, 1)),
      ...middles.map(({ id }) => world.root.post(`/v1/tokens/${id}/revoke`)),
      ...middles.map(({ token }) => revoke({ token }, world.as(world.rootKey, 1))),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { body } = await world.root.get<{ data: Json[] }>('/v1/tokens?subject=family');
    expect(body.data.map(({ status }) => status)).toEqual(Array(7).fill('revoked'));
  });

  it.each([
    [{}, ['filter', 'token']],
    [{ dry_run: true }, ['filter', 'token']],
    [{ token: null }, ['filter', 'token']],
    [{ token: 'x', filter: { subject: 'a' } }, ['filter']],
    [{ filter: {} }, ['filter']],
    [{ filter: { subject: '' } }, ['filter.subject']],
    [{ filter: { scope: 'no scope', status: 'active' } }, ['filter.scope', 'filter.status']],
    [
      { filter: { issued_before: 'yesterday' }, dry_run: 'yes', reason: '' },
      ['dry_run', 'filter.issued_before', 'reason'],
    ],
    [{ filter: [], token: 7 }, ['filter', 'token']],
  ])('refuses %j', async (body, fields) => {
    const answer = await revoke(body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, { action: 'token.revoke_many', outcome: 'failure' });
  });
});
