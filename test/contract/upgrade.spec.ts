import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadMigrations } from '../../src/platform/database/migrate.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';
import { EVENTS } from '../support/world.js';

/** Events as they were kept at first: every column filled, and every column empty that may be. */
const OLD_EVENTS = [
  `insert into audit_events values ('ws_1', 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya', 'live', '2026-08-15T12:00:00.123Z',
    'token.verify', 'denied', 'expired', 3, 'api_key', 'key_1', 'CI', 'tok_live_…a1B2', 'token', 'token_1', 'Acme',
    'req_1', 'POST', '/v1/tokens/verify', 200, '203.0.113.7', 'curl/8.5', '[{"to": 2, "from": {"b": 1, "10": 2}, "field": "x"}]',
    '{"client_ip": "198.51.100.9", "user_agent": "phone", "operation": "ä"}')`,
  `insert into audit_events values ('instance', 'evt_01k2qj6m4xf3v9n0e7w8r5t2yb', null, '2026-08-15T12:00:00.124Z',
    'me.read', 'success', null, 1, 'system')`,
  `insert into audit_events select 'ws_1', 'evt_01k2qj6m4xf3v9n0e7w8r' || lpad(at::text, 5, '0'), 'test',
    '2026-08-15T12:00:01Z', 'me.read', 'success', null, 1, 'system' from generate_series(1, 1100) as at`,
];

describe('a database of before the log was provable', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await cloneDatabase();
  });
  afterEach(() => database.drop());

  it('keeps every event as it was, also when it goes back', async () => {
    const migrations = await loadMigrations();
    const source = new DataSource({ type: 'postgres', url: database.adminUrl, migrations });
    await source.initialize();
    try {
      while ((await database.query('select from migrations')).length > 1) await source.undoLastMigration();
      for (const statement of OLD_EVENTS) await database.query(statement);
      const old = `select *, host(ip) as ip from audit_events order by id`;
      const before = await database.query(old);

      await source.runMigrations();
      const after = await database.query(`${EVENTS} order by e.id`);
      expect(after).toEqual(before);
      const [pending] = await database.query<{ count: number }>(
        `select sum(json_array_length(payload::json -> 'events'))::int as count from audit_pending`,
      );
      expect(pending!.count).toBe(before.length);

      while ((await database.query('select from migrations')).length > 1) await source.undoLastMigration();
      expect(await database.query(old)).toEqual(before);
    } finally {
      await source.destroy();
    }
  });
});
