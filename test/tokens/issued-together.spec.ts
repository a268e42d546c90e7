import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { World, type Json } from '../support/world.js';

const COUNT = 60;
const UNWRITABLE =
  'create function refuse() returns trigger language plpgsql as $$ begin raise check_violation; end $$';

describe('tokens that are issued at the same time, on two instances', () => {
  let world: World;
  const issue = (at: number) =>
    world.as(world.rootKey, at % 2).post<Json & { token: string }>('/v1/tokens', {
      name: `Partner ${String(at)}`,
      // In every order: who registers them one after the other would wait for another in a ring.
      scopes: at % 3 === 0 ? ['orders:write', 'invoices:read'] : ['invoices:read', 'orders:write'],
      metadata: { at },
    });
  const issueAll = () => Promise.all(Array.from({ length: COUNT }, (_, at) => issue(at)));
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  afterAll(() => world.close());

  it('are each there, as asked for, with an event of their own', async () => {
    const answers = await issueAll();
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    for (const [at, { body }] of answers.entries()) {
      const { token, ...rest } = body;
      expect((await world.root.get(`/v1/tokens/${body.id}`)).body).toEqual(rest);
      expect(rest).toMatchObject({ name: `Partner ${String(at)}`, metadata: { at } });
      expect(await world.verify(token, { scopes: ['orders:write'] })).toMatchObject({ code: 'valid' });
      expect(await world.events(`action=token.issue&target_id=${body.id}`)).toHaveLength(1);
    }
    const { body: scopes } = await world.root.get<{ data: { name: string }[] }>('/v1/scopes');
    expect(scopes.data.map(({ name }) => name)).toEqual(['invoices:read', 'orders:write']);
  });

  it('one that the database refuses is refused alone, and leaves nothing', async () => {
    await world.database.query(UNWRITABLE);
    await world.database.query(
      `create trigger refuse before insert on tokens for each row when (new.name = 'Partner 7') execute function refuse()`,
    );
    const before = await counts();
    const answers = await issueAll();
    expect(answers.flatMap(({ status }, at) => (status === 201 ? [] : [[at, status]]))).toEqual([[7, 500]]);
    const after = await counts();
    expect(after.tokens - before.tokens).toBe(COUNT - 1);
    expect(after.secrets - before.secrets).toBe(COUNT - 1);
    expect(after.issued - before.issued).toBe(COUNT - 1);
  });

  it('while the log is locked all are refused, and none of them comes into being after', async () => {
    await world.database.query('drop trigger if exists refuse on tokens');
    const client = new pg.Client({ connectionString: world.database.adminUrl });
    await client.connect();
    await client.query('begin; lock table audit_events in exclusive mode');
    const before = await counts();
    const answers = await issueAll();
    expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
    await client.query('rollback');
    await client.end();

    for (const at of [0, 1]) await untilIssued(at);
    expect((await counts()).tokens).toBe(before.tokens + 2);
  });

  /** Behind whatever that instance still has to do. */
  async function untilIssued(at: number): Promise<void> {
    while ((await issue(at)).status !== 201);
  }

  async function counts(): Promise<{ tokens: number; secrets: number; issued: number }> {
    const [row] = await world.database.query<{ tokens: number; secrets: number; issued: number }>(
      `select (select count(*)::int from tokens) as tokens,
              (select count(*)::int from credential_secrets where kind = 'token') as secrets,
              (select count(*)::int from audit_events where action = 'token.issue' and outcome = 'success') as issued`,
    );
    return row!;
  }
});
