import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { prepare } from '../../scripts/prepare.mjs';

/**
 * One real PostgreSQL for the whole run, and in it one migrated database that every test file clones. Uses the
 * built product, so what is tested to start is what is shipped.
 */
export default async function setUp() {
  await prepare({ say: (line) => console.error(line) });
  const { startEmbedded } = await import('../../dist/platform/database/embedded/embedded-server.js');
  const { migrate } = await import('../../dist/platform/database/migrate.js');
  const folder = await mkdtemp(join(tmpdir(), 'tooken-test-'));
  // As root PostgreSQL runs as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const server = await startEmbedded({
    dataDir: folder,
    onExit: () => console.error('the PostgreSQL of the tests ended'),
    say: () => undefined,
  });
  const client = new pg.Client({ connectionString: server.adminUrl('postgres') });
  await client.connect();
  // Its data end with the run. What has to be on disk is tested on clusters that tests have of their own.
  for (const setting of ['fsync', 'full_page_writes'])
    await client.query(`alter system set ${setting} = off`);
  await client.query('select pg_reload_conf()');
  await client.query('create database template_of_tests');
  await client.query(`create role tooken_app login password 'tooken_app'`);
  await client.end();
  await migrate(server.adminUrl('template_of_tests'), 'tooken_app');
  process.env.TOOKEN_TEST_DATABASE = server.adminUrl('postgres');
  globalThis.stopTestDatabase = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
