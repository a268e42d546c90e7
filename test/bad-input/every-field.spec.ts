import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { fromEverywhere } from '../support/addresses.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { person, session, type Person } from '../support/people.js';
import { passkeyRow } from '../support/second-factors.js';
import { World } from '../support/world.js';
import { inBatches } from './batches.js';
import { badRequests, otherFilters, type BadRequest } from './mutations.js';
import { OPERATIONS, type Operation } from './operations.js';
import { stored } from './stored.js';
import { thingsOf, withThing } from './things.js';

const LISTS = OPERATIONS.filter(({ query }) => query.some(({ name }) => name === 'cursor'));

const refusedCursor = (text: string): BadRequest => ({
  name: text,
  query: `?${text}`,
  body: undefined,
  fields: ['cursor'],
});

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
  let callers: Record<Operation['callers'], Caller>;
  let owner: Person;
  let asked = 0;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1', TOOKEN_SIGNUP: 'open' } });
    owner = await person(world, 'owner');
    // So that nothing is written for being a minute older.
    world.clock.hold();
    callers = { people: owner.by, credentials: world.root, anybody: world.anonymous() };
    things = await thingsOf(world, owner.by);
  });
  afterAll(() => world.close());

  const idOf = (at: number) => `bad-${String(asked)}-${String(at)}`;
  const ask = (operation: Operation, { query, body }: BadRequest, at: number) => {
    const by = callers[operation.callers].with({ 'x-request-id': idOf(at) });
    const sender = operation.callers === 'anybody' ? fromEverywhere(by) : by;
    return sender.send(operation.method, `${withThing(operation.path, things)}${query}`, body);
  };

  async function expectRefusals(operation: Operation, requests: BadRequest[]): Promise<void> {
    asked++;
    const before = await stored(world.database);
    const count = await eventCount(world);

    const answers = await inBatches(requests, (request, at) => ask(operation, request, at));

    const ids = requests.map((_request, at) => idOf(at));
    const events = await eventsOf(world, ids);
    const found = requests.map(({ name }, at) => outcome(name, answers[at]!, events.get(ids[at]!) ?? []));
    const wanted = requests.map(({ name, fields }) => ({
      request: name,
      status: 400,
      error: 'invalid_request',
      fields: [...fields].sort(),
      keys: ['details', 'error', 'message', 'request_id'],
      // Who cannot be known is refused.
      events: [`${operation.callers === 'anybody' ? 'denied' : 'failure'} invalid_request 400`],
    }));
    expect(found.filter((each, at) => !isSame(each, wanted[at]!))).toEqual(
      wanted.filter((each, at) => !isSame(each, found[at]!)),
    );
    expect(await eventCount(world)).toBe(count + requests.length);
    expect(await stored(world.database)).toEqual(before);
  }

  it.each(OPERATIONS.map((operation) => [operation.method, operation.path, operation] as const))(
    '%s %s',
    async (_method, _path, operation) => {
      const requests = badRequests(operation);
      // At the very least what is unknown.
      expect(requests.length).toBeGreaterThan(10);
      await expectRefusals(operation, requests);
    },
  );

  it.each(LISTS.map((operation) => [operation.path, operation] as const))(
    '%s takes no cursor but its own, with the filters it came with',
    async (path, operation) => {
      const another = world.as((await world.workspace('Another')).key);
      const test = world.as((await world.apiKey({ environment: 'test' })).key);
      const live = [world.root, another];
      for (const by of live) await by.patch('/v1/workspace', { require_expiry: false });
      for (const by of [world.root, another, test]) {
        for (const name of ['a', 'b']) await world.token({ name, scopes: [`${name}:read`] }, by);
        for (const name of ['a', 'b']) await world.apiKey({ name, environment: 'test' }, by);
        for (const _each of ['a', 'b']) await quietWebhook(by);
      }
      await world.root.post(withThing('/v1/webhooks/{id}/test', things));
      // What was issued is on the report of the workspace's policies.
      for (const by of live) await by.patch('/v1/workspace', { require_expiry: true });
      const cursorOf = async (of: Operation, by = callers[of.callers]) => {
        const list = `${withThing(of.path, things)}?limit=1`;
        const { next_cursor: cursor } = (await by.get<{ next_cursor: string }>(list)).body;
        return cursor;
      };
      await session(world, owner.id);
      await passkeyRow(world, owner.by);
      await world.root.post('/v1/members/invitations', { email: `${path}@example.com`, role: 'auditor' });
      const own = await cursorOf(operation);
      const next = `${withThing(path, things)}?limit=2&cursor=${own}`;
      expect((await callers[operation.callers].get(next)).status).toBe(200);

      const elsewhere = await Promise.all([
        ...LISTS.filter((each) => each !== operation).map((each) => cursorOf(each)),
        cursorOf(operation, another),
        cursorOf(operation, test),
      ]);
      const forged = [
        ...['a', 'null', '0', '..', own.slice(1), own.slice(0, -1), own.slice(0, 22), `${own}A`, `${own}==`],
        ...[own.toLowerCase(), `.${own}`, own + own, Buffer.from('["x"]').toString('base64url')],
        ...[...own.matchAll(/./g)].map(
          ({ index }) => own.slice(0, index) + (own[index] === 'B' ? 'C' : 'B') + own.slice(index + 1),
        ),
      ];
      await expectRefusals(operation, [
        ...[...elsewhere, ...forged].map((cursor) => refusedCursor(`cursor=${encodeURIComponent(cursor)}`)),
        ...otherFilters(operation).map((filter) => refusedCursor(`cursor=${own}&${filter}`)),
      ]);
    },
  );

  it('leaves no transaction open and no connection busy', async () => {
    // What works in the background has short ones all the time: those of now, and not others, are to end.
    const busy = async (): Promise<string[]> => {
      const rows = await world.database.query<{ transaction: string }>(
        `select concat_ws(' ', pid, xact_start, query_start) as transaction from pg_stat_activity
          where datname = current_database() and usename = 'tooken_app' and state <> 'idle'`,
      );
      return rows.map(({ transaction }) => transaction);
    };
    for (let open = await busy(); open.length > 0;) {
      const still = await busy();
      open = open.filter((transaction) => still.includes(transaction));
    }
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
