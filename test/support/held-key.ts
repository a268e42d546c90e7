import pg from 'pg';
import { AnswerSeal } from '../../src/idempotency/answer-seal.js';
import { SecretHasher } from '../../src/platform/secrets/secret-hasher.js';
import type { Caller } from './caller.js';
import { SECRET_KEY, type World } from './world.js';

/** As if a call of this caller's with this idempotency key were under way; returns how it ends. */
export async function holdKey(world: World, caller: Caller, key: string): Promise<() => Promise<void>> {
  const { body } = await caller.get<{ id: string; environment: 'live'; workspace: { id: string } }>('/v1/me');
  const holder = { workspaceId: body.workspace.id, environment: body.environment, callerId: body.id };
  const { lock } = new AnswerSeal(new SecretHasher(SECRET_KEY).answersKey, holder, key);
  const client = new pg.Client({ connectionString: world.database.adminUrl });
  await client.connect();
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [lock]);
  return () => client.end();
}
