import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { World } from '../support/world.js';

const TAMPERING = [
  `update audit_events set outcome = 'success'`,
  `update audit_events set count = 0 where false`,
  `insert into audit_events select * from audit_events on conflict (workspace_id, id) do update set count = 2`,
  'delete from audit_events',
  'delete from audit_events where false',
  'truncate audit_events',
];

describe('an event, once written', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.root.get('/v1/me');
    await world.root.get('/v1/tokens');
  });
  afterAll(() => world.close());

  const everything = (): Promise<unknown[]> => world.database.query('select * from audit_events order by id');

  it.each(TAMPERING)('is not changed by the owner of the table either: %s', async (statement) => {
    const before = await everything();
    await expect(world.database.query(statement)).rejects.toMatchObject({
      code: '23001',
      message: expect.stringContaining('append-only'),
    });
    expect(await everything()).toEqual(before);
  });

  it.each([
    ...TAMPERING,
    'alter table audit_events disable trigger all',
    'drop trigger audit_events_append_only on audit_events',
    'drop table audit_events',
    'alter table audit_events rename to audit_events_of_old',
    'create or replace function audit_events_are_append_only() returns trigger language sql as $$ select null $$',
  ])('is out of reach of the role that serves requests: %s', async (statement) => {
    const before = await everything();
    const client = new pg.Client({ connectionString: world.database.url });
    await client.connect();
    try {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
    expect(await everything()).toEqual(before);
  });
});
