import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EventStream } from '../support/event-stream.js';
import { until } from '../support/product.js';
import { World } from '../support/world.js';
import { eventOf, sequenced, workspaceOf, Writer } from './direct-writes.js';

jest.setTimeout(120_000);

/** Together 64: some with connections of their own, the others over HTTP. */
const DIRECT = 24;
const BY_HTTP = 40;
const ROUNDS = 12;
const LONGEST_COMMIT_S = 0.3;

/**
 * Commits take their time, at random: whoever has written first is by no means there first. Once a transaction,
 * however many events it has.
 */
const SLOW_COMMITS = [
  `create function slow_commit() returns trigger language plpgsql as $$
   begin
     if current_setting('test.slept_in', true) is distinct from txid_current()::text then
       perform set_config('test.slept_in', txid_current()::text, false);
       perform pg_sleep(random() * ${LONGEST_COMMIT_S});
     end if;
     return null;
   end $$`,
  `create constraint trigger slow_commit after insert on audit_events deferrable initially deferred
     for each row execute function slow_commit()`,
];

describe('64 writers on two instances, whose commits overlap, while the tail is read on a third:', () => {
  let world: World;
  let workspaceId: string;
  let everything: Follower;
  let restless: Follower;
  /** `X-Request-Id` of every answer that was given. */
  const answered: string[] = [];
  const written = new Set<string>();
  let committed: { id: string }[];

  beforeAll(async () => {
    world = await World.start({ instances: 3 });
    workspaceId = await workspaceOf(world);
    for (const statement of SLOW_COMMITS) await world.database.query(statement);
    everything = new Follower(world, [2]);
    restless = new Follower(world, [2, 1], 40);
    const following = [everything.follow(), restless.follow()];

    const writers = [
      ...Array.from({ length: DIRECT }, () => writeDirectly()),
      ...Array.from({ length: BY_HTTP }, (_, at) => writeByHttp(at)),
    ];
    await until(() => answered.length > 100);
    // Whichever instance sequences: the next has to take over where this one stops.
    await world.apps[0]!.close();
    await Promise.all(writers);
    // Those who follow leave events too, whenever they come back: what comes after this is not waited for.
    committed = await world.database.query('select id from audit_events where workspace_id = $1', [
      workspaceId,
    ]);
    await sequenced(world);
    const [row] = await world.database.query<{ size: number }>(
      'select size::int from audit_trees where workspace_id = $1',
      [workspaceId],
    );
    for (const follower of [everything, restless]) follower.stopAfter(row!.size);
    await Promise.all(following);
  });
  afterAll(() => world.close());

  it('each event is delivered exactly once, in order of index and without a gap', async () => {
    const events = await world.database.query<{ id: string }>(
      'select event_id as id from audit_entries where workspace_id = $1 order by index',
      [workspaceId],
    );
    expect(events.length).toBeGreaterThan(DIRECT * ROUNDS * 2);
    const upTo = everything.indexes.slice(0, events.length);
    expect(upTo).toEqual(events.map((_event, index) => index));
    expect(everything.ids.slice(0, events.length)).toEqual(events.map(({ id }) => id));
  });

  it('none that was committed is missing', () => {
    const delivered = new Set(everything.ids);
    expect(committed.filter(({ id }) => !delivered.has(id))).toEqual([]);
    expect([...written].filter((id) => !delivered.has(id))).toEqual([]);
  });

  it('nor one of an answer that was given', () => {
    const requests = new Set(everything.requests);
    expect(answered.length).toBeGreaterThan(100);
    expect(answered.filter((id) => !requests.has(id))).toEqual([]);
  });

  it('the commits did overlap: the order is not that of the handles', () => {
    expect(everything.ids).not.toEqual([...everything.ids].sort());
  });

  it('a follower who reconnects all the time, here and there, loses nothing and sees nothing twice', () => {
    expect(restless.connections).toBeGreaterThan(5);
    expect(restless.ids).toEqual(everything.ids.slice(0, restless.ids.length));
    expect(restless.ids.length).toBeGreaterThanOrEqual(DIRECT * ROUNDS * 2);
  });

  async function writeDirectly(): Promise<void> {
    const writer = await Writer.connect(world);
    for (let round = 0; round < ROUNDS; round++) {
      const rows = [eventOf(workspaceId), eventOf(workspaceId)];
      await writer.write(rows, Math.random() * LONGEST_COMMIT_S);
      for (const { id } of rows) written.add(id);
    }
    await writer.close();
  }

  /** Goes on at the other instance once its own is gone. */
  async function writeByHttp(at: number): Promise<void> {
    let instance = at % 2;
    for (let round = 0; round < ROUNDS; round++) {
      const by = world.as(world.rootKey, instance);
      const asked =
        at % 4 < 2
          ? by.get('/v1/me')
          : by.post('/v1/scopes', { name: `scope:${String(at)}.${String(round)}` });
      const answer = await asked.catch(() => null);
      if (answer === null) instance = 1;
      else if (answer.status !== 503) answered.push(answer.requestId);
    }
  }
});

/** Reads the whole tail; if told to, comes back after every few events with the last id it has seen. */
class Follower {
  readonly ids: string[] = [];
  readonly indexes: number[] = [];
  readonly requests: string[] = [];
  connections = 0;
  private enough = Infinity;

  constructor(
    private readonly world: World,
    private readonly instances: number[],
    private readonly eventsAConnection = Infinity,
  ) {}

  stopAfter(count: number): void {
    this.enough = count;
  }

  async follow(): Promise<void> {
    while (this.ids.length < this.enough) {
      const url = this.world.urls[this.instances[this.connections % this.instances.length]!]!;
      const last = this.indexes.at(-1);
      const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': String(last) };
      const stream = await EventStream.open(url, this.world.rootKey, 'after_index=-1', headers);
      this.connections++;
      while (
        stream.sent.length < this.eventsAConnection &&
        this.ids.length + stream.sent.length < this.enough
      ) {
        if (stream.end !== null) break;
        await delay(5);
      }
      stream.close();
      for (const { id, data } of stream.sent) {
        this.ids.push(data.id);
        this.indexes.push(Number(id));
        this.requests.push(data.request?.id ?? '');
      }
    }
  }
}
