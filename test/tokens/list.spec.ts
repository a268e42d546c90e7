import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../support/caller.js';
import { World, type Json } from '../support/world.js';

interface Page {
  data: (Json & { name: string; status: string })[];
  next_cursor: string | null;
}

describe('the list of tokens', () => {
  let world: World;
  const at = (offset: number) => new Date(world.clock.now() + offset).toISOString();
  const page = async (query: Record<string, string>, by: Caller = world.root) => {
    const answer = await by.get<Page>(`/v1/tokens?${new URLSearchParams(query).toString()}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const names = async (query: Record<string, string>, by?: Caller) =>
    (await page({ limit: '100', ...query }, by)).data.map(({ name }) => name);
  /** A workspace of one test's own, so that its lists hold nothing else. */
  const elsewhere = async () => world.as((await world.workspace('elsewhere')).key);

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it('shows the newest first', async () => {
    const by = await elsewhere();
    for (const name of ['first', 'second', 'third']) await world.token({ name }, by);
    expect(await names({}, by)).toEqual(['third', 'second', 'first']);
  });

  it('shows a token exactly as reading it does', async () => {
    const by = await elsewhere();
    const parent = await world.token({ scopes: ['tokens:write', 'a:b'], expires_in: 60 }, by);
    await world.token({ scopes: ['a:b'], allowed_ips: ['10.0.0.0/8'] }, world.as(parent.token));
    for (const token of (await page({}, by)).data) {
      expect((await by.get(`/v1/tokens/${token.id}`)).body).toEqual(token);
    }
  });

  it('is one event without a target', async () => {
    const answer = await world.root.get('/v1/tokens?status=active');
    await expect(answer).toHaveAudited(world, { action: 'token.list', outcome: 'success', target_id: null });
  });

  describe('by status', () => {
    const family = async (by: Caller, status: string, body: object = {}) => {
      const scopes = ['tokens:write', 'a:b'];
      const parent = await world.token({ name: status, scopes, ...body }, by);
      const child = await world.token({ name: `child of ${status}`, scopes }, world.as(parent.token));
      await world.token({ name: `grandchild of ${status}`, scopes: ['a:b'] }, world.as(child.token));
      return parent;
    };

    it('finds each by its own state and by that of any ancestor, the first that holds', async () => {
      const by = await elsewhere();
      await family(by, 'active');
      const disabled = await family(by, 'disabled');
      await by.patch(`/v1/tokens/${disabled.id}`, { enabled: false });
      const revoked = await family(by, 'revoked', { expires_in: 60 });
      await by.patch(`/v1/tokens/${revoked.id}`, { enabled: false });
      await by.post(`/v1/tokens/${revoked.id}/revoke`);
      const disabledAndOver = await family(by, 'disabled, and over', { expires_in: 60 });
      await by.patch(`/v1/tokens/${disabledAndOver.id}`, { enabled: false });
      await family(by, 'expired', { expires_in: 60 });
      world.clock.advance(60_000);
      const exhausted = await family(by, 'exhausted', { max_uses: 1 });
      await world.verify(exhausted.token, {}, by);
      await world.token({ name: 'pending', not_before: at(60_000) }, by);

      const generations = (name: string) => [`grandchild of ${name}`, `child of ${name}`, name];
      expect(await names({ status: 'active' }, by)).toEqual(generations('active'));
      expect(await names({ status: 'revoked' }, by)).toEqual(generations('revoked'));
      expect(await names({ status: 'expired' }, by)).toEqual(generations('expired'));
      expect(await names({ status: 'exhausted' }, by)).toEqual(generations('exhausted'));
      expect(await names({ status: 'pending' }, by)).toEqual(['pending']);
      expect(await names({ status: 'disabled' }, by)).toEqual([
        ...generations('disabled, and over'),
        ...generations('disabled'),
      ]);
    });

    it('never disagrees with the status shown', async () => {
      for (const status of ['revoked', 'disabled', 'expired', 'pending', 'exhausted', 'active']) {
        const { data } = await page({ status, limit: '100' });
        expect(data.every((token) => token.status === status)).toBe(true);
      }
    });
  });

  it('by subject finds exactly that subject', async () => {
    const by = await elsewhere();
    for (const subject of ['partner_4', 'partner_42', 'Partner_42', 'partner%42']) {
      await world.token({ name: subject, subject }, by);
    }
    await world.token({ name: 'partner_42' }, by);
    expect(await names({ subject: 'partner_42' }, by)).toEqual(['partner_42']);
    expect(await names({ subject: 'partner%42' }, by)).toEqual(['partner%42']);
    expect(await names({ subject: 'partner' }, by)).toEqual([]);
  });

  it('by scope finds those that have it, or a pattern that covers it', async () => {
    const by = await elsewhere();
    for (const scope of ['a:*', 'a:b:*', 'a:b:c', 'a:b', 'a:b:d', 'ab:c', 'b:a']) {
      await world.token({ name: scope, scopes: ['z:z', scope] }, by);
    }
    expect(await names({ scope: 'a:b:c' }, by)).toEqual(['a:b:c', 'a:b:*', 'a:*']);
    expect(await names({ scope: 'a:b' }, by)).toEqual(['a:b', 'a:*']);
    expect(await names({ scope: 'a:b:*' }, by)).toEqual(['a:b:*', 'a:*']);
    expect(await names({ scope: 'a:*' }, by)).toEqual(['a:*']);
    expect(await names({ scope: 'c:d' }, by)).toEqual([]);
  });

  describe('by a part of the text', () => {
    it('looks into name, description, subject and hint, whatever the case', async () => {
      const by = await elsewhere();
      await world.token({ name: 'An ÉCLAIR a day' }, by);
      await world.token({ name: 'described', description: 'line one\nthe éclair line' }, by);
      await world.token({ name: 'subject', subject: 'éclair-7' }, by);
      await world.token({ name: 'metadata is not searched', metadata: { text: 'éclair' } }, by);
      const { token } = await world.token({ name: 'hinted', prefix: 'baker' }, by);
      expect(await names({ q: 'éclAIR' }, by)).toEqual(['subject', 'described', 'An ÉCLAIR a day']);
      expect(await names({ q: 'BAKER_live' }, by)).toEqual(['hinted']);
      expect(await names({ q: token.slice(-4) }, by)).toEqual(['hinted']);
      expect(await names({ q: token.slice(-5) }, by)).toEqual([]);
    });

    it('takes % and _ and \\ for themselves', async () => {
      const by = await elsewhere();
      for (const name of ['100% sure', '100 sure', 'snake_case', 'snakeXcase', 'back\\slash', 'backslash']) {
        await world.token({ name }, by);
      }
      expect(await names({ q: '100%' }, by)).toEqual(['100% sure']);
      expect(await names({ q: 'e_c' }, by)).toEqual(['snake_case']);
      expect(await names({ q: 'k\\s' }, by)).toEqual(['back\\slash']);
    });
  });

  it('by expiry finds what is over before that moment, the moment itself excluded', async () => {
    const by = await elsewhere();
    const end = at(60_000);
    const later = new Date(Date.parse(end) + 1).toISOString();
    await world.token({ name: 'never' }, by);
    await world.token({ name: 'then', expires_at: end }, by);
    await world.token({ name: 'later', expires_at: later }, by);
    expect(await names({ expires_before: end }, by)).toEqual([]);
    expect(await names({ expires_before: later }, by)).toEqual(['then']);
    expect(await names({ expires_before: '9999-12-31T23:59:59.999Z' }, by)).toEqual(['later', 'then']);
  });

  it('by several filters finds what satisfies all of them', async () => {
    const by = await elsewhere();
    await world.token({ name: 'Acme one', subject: 's', scopes: ['a:b'] }, by);
    await world.token({ name: 'Acme two', subject: 's', scopes: ['c:d'] }, by);
    await world.token({ name: 'Acme three', subject: 't', scopes: ['a:b'] }, by);
    expect(await names({ q: 'acme', subject: 's', scope: 'a:b', status: 'active' }, by)).toEqual([
      'Acme one',
    ]);
  });

  it.each([
    ['status=gone', 'status'],
    ['status=active&status=expired', 'status'],
    ['subject=', 'subject'],
    ['scope=nonsense', 'scope'],
    ['q=', 'q'],
    ['expires_before=tomorrow', 'expires_before'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['offset=1', 'offset'],
    ['cursor=nonsense', 'cursor'],
  ])('refuses ?%s', async (query, field) => {
    expect(await world.root.get(`/v1/tokens?${query}`)).toBeProblem('invalid_request', [field]);
  });

  describe('page by page', () => {
    const walk = async (
      by: Caller,
      query: Record<string, string>,
      between: () => Promise<unknown> = async () => null,
    ) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const { data, next_cursor }: Page = await page({ ...query, ...(cursor !== null && { cursor }) }, by);
        seen.push(...data.map(({ name }) => name));
        cursor = next_cursor;
        await between();
      } while (cursor !== null);
      return seen;
    };
    const issueMany = async (by: Caller, count: number) => {
      for (let n = 0; n < count; n++) await world.token({ name: `n${String(n)}` }, by);
    };

    it('has 25 on a page unless told, and null after the last', async () => {
      const by = await elsewhere();
      await issueMany(by, 26);
      const first = await page({}, by);
      expect(first.data).toHaveLength(25);
      const second = await page({ cursor: first.next_cursor! }, by);
      expect(second.data.map(({ name }) => name)).toEqual(['n0']);
      expect(second.next_cursor).toBeNull();
      expect((await page({ limit: '26' }, by)).next_cursor).toBeNull();
    });

    it('shows each exactly once while tokens are issued and revoked at the same time', async () => {
      const by = await elsewhere();
      await issueMany(by, 20);
      const before = await names({}, by);
      let round = 0;
      const disturb = async () => {
        const name = `new ${String(round++)}`;
        await Promise.all([1, 2, 3].map(() => world.token({ name }, by)));
        const { data } = await page({ q: `n${String(round)}`, limit: '1' }, by);
        if (data[0] !== undefined) await by.delete(`/v1/tokens/${data[0].id}`);
      };
      expect(await walk(by, { limit: '3' }, disturb)).toEqual(before);
    });

    it('keeps the filters, and shows no page of others', async () => {
      const by = await elsewhere();
      for (let n = 0; n < 9; n++)
        await world.token({ name: `n${String(n)}`, subject: n % 2 === 0 ? 'even' : 'odd' }, by);
      expect(await walk(by, { limit: '2', subject: 'even' })).toEqual(['n8', 'n6', 'n4', 'n2', 'n0']);
    });

    it('has cursors that belong to their filters and their workspace, but to no limit', async () => {
      const [by, other] = [await elsewhere(), await elsewhere()];
      await issueMany(by, 4);
      await issueMany(other, 4);
      const cursor = (await page({ limit: '2', status: 'active' }, by)).next_cursor!;
      expect((await page({ limit: '1', status: 'active', cursor }, by)).data.map(({ name }) => name)).toEqual(
        ['n1'],
      );
      for (const [caller, query] of [
        [by, ''],
        [by, '&status=revoked'],
        [by, '&status=active&q=n'],
        [other, '&status=active'],
      ] as const) {
        const answer = await caller.get(`/v1/tokens?cursor=${cursor}${query}`);
        expect(answer).toBeProblem('invalid_request', ['cursor']);
      }
    });
  });
});
