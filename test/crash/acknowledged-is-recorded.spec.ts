import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { runningEmbedded } from '../../src/platform/database/embedded/embedded-server.js';
import { CRASH_ROUNDS } from '../support/crash-rounds.js';
import { DEEDS, newTenant, type Tenant } from '../support/load-deeds.js';
import { MixedLoad } from '../support/mixed-load.js';
import { cleanUp, emptyFolder, processesOn, Product, run, until } from '../support/product.js';
import { killAll } from '../support/server-processes.js';
import { evidence, type Scene } from './evidence.js';
import { judge, type Asked } from './judge.js';

jest.setTimeout(120_000);

/** So much is answered before the end may come, and it comes within so many milliseconds from then on. */
const ANSWERS_BEFORE = 200;
const END_WITHIN_MS = 1_000;

/** Tokens whose uses are not as many as there are events of successful verifications. */
const MISCOUNTED = `
  select counter.token_id, counter.uses, count(event.id) as events
    from token_counters counter
    left join audit_events event on event.target_id = counter.token_id
          and event.action = 'token.verify' and event.outcome = 'success'
   group by counter.token_id having counter.uses <> count(event.id)`;

/** Logs whose places have gaps, are taken twice, or are not as many as the leaves of the tree. */
const WITH_GAPS = `
  select workspace_id, size, places from audit_trees
    full join (select workspace_id, count(*) as places, count(distinct index) as indexes, max(index) + 1 as next
                 from audit_entries group by workspace_id) as entries using (workspace_id)
   where (places, indexes, next) is distinct from (size, size, size)`;

/** Events that have no place, and do not wait for one. */
const UNPLACED = `
  select id from audit_events event
   where not exists (select from audit_entries where workspace_id = event.workspace_id and event_id = event.id)
     and not exists (select from audit_pending where strpos(payload, event.id) > 0)`;

const dataDir = emptyFolder();
// Each request says from which address it comes, so that the refused are no flood.
const settings = { TOOKEN_DATA_DIR: dataDir, TOOKEN_TRUST_PROXY: '127.0.0.1' };
const since = new Date().toISOString();
const asked: Asked[] = [];
let product: Product;
let tenants: Tenant[];
let former: string[];

beforeAll(async () => {
  product = await Product.start(settings);
  const root = product.key!;
  const { body } = await product.as(root).post<{ api_key: string }>('/v1/workspaces', { name: 'Acme' });
  tenants = [newTenant(root), newTenant(body.api_key)];
  former = (await query<{ id: string }>('select id from api_keys')).map(({ id }) => id);
});
afterAll(cleanUp);

describe('when server and database are killed under load, and started again', () => {
  const rounds = Array.from({ length: CRASH_ROUNDS }, (_each, at) => at + 1);

  it.each(rounds)(
    'nothing that was answered is lost, and no change is without its event, nor an event without its change (%i)',
    async (round) => {
      const load = new MixedLoad(product.url, tenants, `load-${round}`);
      await until(() => load.answered >= ANSWERS_BEFORE);
      await delay(Math.random() * END_WITHIN_MS);
      killAll(dataDir, product.program.pid);
      await load.end();
      await product.program.ended;
      await until(() => processesOn(dataDir).length === 0);
      asked.push(...load.asked);

      product = await Product.start(settings);
      expect(judge({ asked, ...(await evidence(scene())) })).toEqual([]);
      expect(await query(MISCOUNTED)).toEqual([]);
      await until(async () => (await query('select from audit_pending limit 1')).length === 0);
      expect(await query(WITH_GAPS)).toEqual([]);
      expect(await query(UNPLACED)).toEqual([]);
    },
  );

  it('the logs can be proven afterwards: a scrub finds nothing', async () => {
    const scrub = await run(['dist/bundle/cli.js', 'audit', 'scrub'], settings);
    expect(scrub.exitCode).toBe(0);
    const { logs } = JSON.parse(scrub.output) as { logs: { events: number; faults: unknown[] }[] };
    expect(logs.flatMap(({ faults }) => faults)).toEqual([]);
    expect(logs.length).toBeGreaterThanOrEqual(tenants.length + 1);
  });

  it('has been tried in earnest: everything there is to do was done, and was under way at the end', async () => {
    const done = new Set(asked.flatMap(({ action, answer }) => (answer === null ? [] : [action])));
    expect([...done].sort()).toEqual([...new Set(DEEDS.map(({ action }) => action))].sort());
    expect(asked.filter(({ answer }) => answer === null).length).toBeGreaterThan(CRASH_ROUNDS);

    const { shownEvents } = await evidence(scene());
    const recorded = new Set(shownEvents.map(({ requestId }) => requestId));
    const unanswered = asked.filter(({ answer }) => answer === null);
    const doneAllTheSame = unanswered.filter(({ requestId }) => recorded.has(requestId)).length;
    process.stdout.write(
      `${CRASH_ROUNDS} crashes, ${asked.length - unanswered.length} answers; of ${unanswered.length} requests ` +
        `without an answer ${doneAllTheSame} were done all the same\n`,
    );
  });
});

function scene(): Scene {
  const callers = tenants.map(({ key }) => product.as(key));
  return { callers, query, name: 'load-', since, former };
}

/** Past the product, as the owner of the tables. */
async function query<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const server = await runningEmbedded(dataDir);
  const client = new pg.Client({ connectionString: server!.adminUrl('tooken') });
  await client.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}
