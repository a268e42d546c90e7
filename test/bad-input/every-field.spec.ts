import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/caller.js';
import { World } from '../support/world.js';
import { inBatches } from './batches.js';
import { badRequests, type BadRequest } from './mutations.js';
import { OPERATIONS, type Operation } from './operations.js';
import { stored } from './stored.js';
import { thingsOf, withThing } from './things.js';

interface Outcome {
  request: string;
  status: number;
  error: unknown;
  fields: unknown[];
  keys: string[];
  events: string[];
}

describe('whatever is wrong with a request, all of it is said at once, nothing changes and one event tells', () => {
  let world: World;
  let things: Record<string, string>;
  let asked = 0;
  beforeAll(async () => {
    world = await World.start();
    things = await thingsOf(world);
  });
  afterAll(() => world.close());

  const idOf = (at: number) => `bad-${String(asked)}-${String(at)}`;
  const ask = (operation: Operation, { query, body }: BadRequest, at: number) =>
    world.root
      .with({ 'x-request-id': idOf(at) })
      .send(operation.method, `${withThing(operation.path, things)}${query}`, body);

  it.each(OPERATIONS.map((operation) => [operation.method, operation.path, operation] as const))(
    '%s %s',
    async (_method, _path, operation) => {
      asked++;
      const requests = badRequests(operation);
      const before = await stored(world.database);
      const count = await eventCount(world);

      const answers = await inBatches(requests, (request, at) => ask(operation, request, at));

      const events = await eventsOf(
        world,
        requests.map((_request, at) => idOf(at)),
      );
      const wanted = requests.map(({ name, fields }) => ({
        request: name,
        status: 400,
        error: 'invalid_request',
        fields: [...fields].sort(),
        keys: ['details', 'error', 'message', 'request_id'],
        events: ['failure invalid_request 400'],
      }));
      const found = requests.map(({ name }, at) => outcome(name, answers[at]!, events.get(idOf(at)) ?? []));
      expect(found.filter((each, at) => !isSame(each, wanted[at]!))).toEqual(
        wanted.filter((each, at) => !isSame(each, found[at]!)),
      );
      expect(await eventCount(world)).toBe(count + requests.length);
      expect(await stored(world.database)).toEqual(before);
    },
  );

  it('leaves no transaction open and no connection busy', async () => {
    expect(
      await world.database.query(
        `select state from pg_stat_activity
          where datname = current_database() and usename = 'tooken_app' and state <> 'idle'`,
      ),
    ).toEqual([]);
  });
});

function outcome(request: string, { status, body }: Answer, events: string[]): Outcome {
  const { error, details } = body as { error?: unknown; details?: { field: string }[] };
  return {
    request,
    status,
    error,
    fields: (details ?? []).map(({ field }) => field).sort(),
    keys: Object.keys(body).sort(),
    events,
  };
}

function isSame(one: Outcome, other: Outcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function eventCount(world: World): Promise<number> {
  const [row] = await world.database.query<{ count: number }>(
    'select count(*)::int as count from audit_events',
  );
  return row!.count;
}

/** What the events of each request say. */
async function eventsOf(world: World, requestIds: string[]): Promise<Map<string, string[]>> {
  const rows = await world.database.query<{ request_id: string; events: string[] }>(
    `select request_id, array_agg(concat_ws(' ', outcome, reason, status)) as events
       from audit_events where request_id = any($1) group by 1`,
    [requestIds],
  );
  return new Map(rows.map(({ request_id, events }) => [request_id, events]));
}
