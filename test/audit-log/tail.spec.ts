import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LogPages } from '../../src/audit-log/streams/log-pages.js';
import { MOST_TAILS, OpenTails } from '../../src/audit-log/streams/open-tails.js';
import { EventStream } from '../support/event-stream.js';
import { cleanUp, emptyFolder, Product, until } from '../support/product.js';
import { World, type EventJson } from '../support/world.js';
import { eventOf, fill, sequenced, workspaceOf, Writer } from './direct-writes.js';

describe('the tail of the log', () => {
  let world: World;
  let workspaceId: string;
  let idle: EventStream;
  const open: EventStream[] = [];
  const follow = async (query = '', secret = world.rootKey, headers = {}): Promise<EventStream> => {
    const stream = await EventStream.open(world.urls[0]!, secret, query, headers);
    open.push(stream);
    return stream;
  };
  /** Something that leaves an event, by whoever. */
  const act = async (secret = world.rootKey): Promise<string> => {
    const { requestId } = await world.as(secret).get('/v1/me');
    const [event] = await world.eventsOf(requestId);
    return String(event!.id);
  };
  /** Every event of the log that has its place, in order of index. */
  const wholeLog = async (by = world.root, query = ''): Promise<(EventJson & { index: number })[]> => {
    await sequenced(world);
    const { body } = await by.get<{ data: (EventJson & { index: number })[] }>(
      `/v1/audit-events?limit=1000&${query}`,
    );
    return body.data
      .filter(({ index }) => (index as number | null) !== null)
      .sort((a, b) => a.index - b.index);
  };

  const tailsOpen = (): number => world.apps[0]!.get(OpenTails).count;

  beforeAll(async () => {
    world = await World.start();
    workspaceId = await workspaceOf(world);
    const quiet = await world.workspace('quiet');
    idle = await follow('', quiet.key);
    await act();
    await sequenced(world);
  });
  afterAll(() => world.close());

  it('is server-sent events: the index as id, and as data the event in one line, as the API shows it', async () => {
    const stream = await follow();
    const id = await act();
    await until(() => stream.ids.includes(id));

    expect(stream.answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
    expect(stream.text.startsWith('retry: 1000\n\nid: ')).toBe(true);
    expect(stream.sent[0]!.event).toBe('audit');
    for (const { id: index, data } of stream.sent) {
      expect(Number(index)).toBe(data.index);
      expect(data).toEqual((await world.root.get(`/v1/audit-events/${data.id}`)).body);
    }
  });

  it('begins with what comes from now on, which the event of following itself is the first of', async () => {
    await sequenced(world);
    const [{ size }] = (await world.database.query<{ size: string }>(
      'select size from audit_trees where workspace_id = $1',
      [workspaceId],
    )) as [{ size: string }];
    const stream = await follow();
    await stream.has(1);
    expect(stream.sent[0]!.data).toMatchObject({
      index: Number(size),
      action: 'audit.tail',
      outcome: 'success',
      details: { after_index: null },
    });
  });

  it('has its event on disk before its headers leave', async () => {
    const stream = await follow();
    const events = await world.eventsOf(String(stream.answer.headers['x-request-id']));
    expect(events).toMatchObject([{ action: 'audit.tail', outcome: 'success', status: 200 }]);
  });

  it.each([-1, 0, 3])('begins behind index %i, for whoever names it', async (after) => {
    const log = await wholeLog();
    const stream = await follow(`after_index=${after}`);
    await stream.has(log.length - after - 1);
    expect(stream.ids.slice(0, log.length - after - 1)).toEqual(log.slice(after + 1).map(({ id }) => id));
  });

  it('begins behind the newest index, where whoever has seen everything stands', async () => {
    const last = (await wholeLog()).at(-1)!.index;
    const stream = await follow(`after_index=${last}`, world.rootKey, { 'last-event-id': String(last) });
    await stream.has(1);
    expect(stream.indexes[0]).toBe(last + 1);
  });

  it('begins behind every index as soon as anybody can have learnt it', async () => {
    const first = await follow();
    for (let i = 0; i < 20; i++) {
      await act();
      await first.has(i + 1);
      const stream = await follow('', world.rootKey, { 'last-event-id': String(first.indexes.at(-1)) });
      expect(stream.answer.statusCode).toBe(200);
      stream.close();
    }
  });

  /** Whoever has it got it before an older backup was restored, or made it up: other events would take the places up to it. */
  it.each(['Last-Event-ID', 'after_index'])('refuses a place that no event has had yet (%s)', async (by) => {
    const last = (await wholeLog()).at(-1)!.index;
    // Further than this test itself makes the log grow.
    const beyond = last + 1_000;
    const answer =
      by === 'after_index'
        ? await world.root.get(`/v1/audit-events/tail?after_index=${beyond}`)
        : await world.root
            .with({ 'last-event-id': String(beyond) })
            .get(`/v1/audit-events/tail?after_index=${last}`);
    expect(answer).toBeProblem('conflict');
    expect(answer.body.message).toContain(`index ${beyond}`);
    expect(await world.eventsOf(answer.requestId)).toMatchObject([
      { action: 'audit.tail', outcome: 'failure', reason: 'conflict', details: { after_index: beyond } },
    ]);
  });

  it('refuses even index 0 of a log that is empty, and follows it from behind -1', async () => {
    const empty = await world.workspace('empty');
    expect(await world.as(empty.key).get('/v1/audit-events/tail?after_index=0')).toBeProblem('conflict');
    const another = await world.workspace('another empty one');
    const stream = await follow('after_index=-1', another.key);
    await stream.has(1);
    expect(stream.sent[0]).toMatchObject({ id: '0', data: { action: 'audit.tail' } });
  });

  it('goes on behind Last-Event-ID, whatever the URL says', async () => {
    const log = await wholeLog();
    const stream = await follow('after_index=0', world.rootKey, { 'last-event-id': '2' });
    await stream.has(log.length - 3);
    expect(stream.ids.slice(0, log.length - 3)).toEqual(log.slice(3).map(({ id }) => id));
  });

  it.each([
    ['after_index=-2', undefined, ['after_index']],
    ['after_index=x', undefined, ['after_index']],
    ['after_index=1.5', undefined, ['after_index']],
    ['after_index=', undefined, ['after_index']],
    ['after_index=9007199254740992', undefined, ['after_index']],
    ['after_index=1&after_index=2', undefined, ['after_index']],
    ['limit=1&after_index=x&log=other', undefined, ['after_index', 'limit', 'log']],
    ['', 'x', ['Last-Event-ID']],
    ['', '-1', ['Last-Event-ID']],
    ['', '01', ['Last-Event-ID']],
    ['', '9007199254740992', ['Last-Event-ID']],
    ['after_index=x&limit=1', 'x', ['Last-Event-ID', 'after_index', 'limit']],
  ])('refuses %j with Last-Event-ID %j, naming all that is wrong', async (query, id, fields) => {
    const caller = id === undefined ? world.root : world.root.with({ 'last-event-id': id });
    const answer = await caller.get(`/v1/audit-events/tail?${query}`);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, { action: 'audit.tail', outcome: 'failure' });
  });

  it('answers HEAD at once, and leaves nothing open', async () => {
    const answer = await world.root.send('HEAD', '/v1/audit-events/tail');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  describe('shows', () => {
    it('its own environment only, whose indexes then have gaps', async () => {
      const { key } = await world.apiKey({ environment: 'test' });
      const [live, test] = [await follow(), await follow('', key)];
      const inTest: string[] = [];
      for (let i = 0; i < 5; i++) {
        await act();
        inTest.push(await act(key));
      }
      await until(() => inTest.every((id) => test.ids.includes(id)));
      await until(() => live.sent.length >= 6);
      expect(test.sent.filter(({ data }) => data.environment === 'live')).toEqual([]);
      expect(live.sent.filter(({ data }) => data.environment === 'test')).toEqual([]);
      expect(test.indexes.at(-1)! - test.indexes[0]!).toBeGreaterThan(test.sent.length - 1);
    });

    it('its own workspace only', async () => {
      const other = await world.workspace('other');
      const stream = await follow('after_index=-1', other.key);
      await act();
      await until(() => stream.sent.some(({ data }) => data.action === 'audit.tail'));
      const log = await wholeLog(world.as(other.key));
      expect(stream.ids).toEqual(log.slice(0, stream.ids.length).map(({ id }) => id));
    });

    it('the instance log to the operator, and to nobody else', async () => {
      const stream = await follow('log=instance');
      const { requestId } = await world.anonymous().get('/v1/me');
      await until(() => stream.sent.some(({ data }) => data.request?.id === requestId));
      const other = await world.workspace('no operator');
      expect(await world.as(other.key).get('/v1/audit-events/tail?log=instance')).toBeProblem('forbidden');
    });

    it('events that were erased, without what was personal', async () => {
      const id = await act();
      await sequenced(world);
      await world.database.query('delete from audit_personal where event_id = $1', [id]);
      const [event] = (await wholeLog()).filter((each) => each.id === id);
      const stream = await follow(`after_index=${event!.index - 1}`);
      await stream.has(1);
      expect(stream.sent[0]!.data).toMatchObject({ id, actor: { name: null }, request: { ip: null } });
    });
  });

  describe('ends with its credential:', () => {
    const OTHER = { name: 'other', scopes: ['audit:read'] };
    const ENDS: [string, () => Promise<{ secret: string; end: () => Promise<unknown> }>][] = [
      [
        'an API key that is deleted',
        async () => {
          const { id, key } = await world.apiKey();
          return { secret: key, end: () => world.root.delete(`/v1/api-keys/${id}`) };
        },
      ],
      [
        'an API key that gets a new value',
        async () => {
          const { id, key } = await world.apiKey();
          return { secret: key, end: () => world.root.post(`/v1/api-keys/${id}/regenerate`) };
        },
      ],
      [
        'an API key that expires',
        async () => {
          const expires_at = new Date(world.clock.now() + 3_600_000).toISOString();
          const { key } = await world.apiKey({ expires_at });
          return { secret: key, end: () => past(3_600_000) };
        },
      ],
      [
        'a token that is revoked',
        async () => {
          const { id, token } = await world.token(OTHER);
          return { secret: token, end: () => world.root.post(`/v1/tokens/${id}/revoke`) };
        },
      ],
      [
        'a token that is disabled',
        async () => {
          const { id, token } = await world.token(OTHER);
          return { secret: token, end: () => world.root.patch(`/v1/tokens/${id}`, { enabled: false }) };
        },
      ],
      [
        'a token that loses the scope',
        async () => {
          const { id, token } = await world.token(OTHER);
          return { secret: token, end: () => world.root.patch(`/v1/tokens/${id}`, { scopes: ['a:b'] }) };
        },
      ],
      [
        'a token whose addresses are narrowed',
        async () => {
          const { id, token } = await world.token(OTHER);
          return {
            secret: token,
            end: () => world.root.patch(`/v1/tokens/${id}`, { allowed_ips: ['203.0.113.0/24'] }),
          };
        },
      ],
      [
        'a token whose parent is revoked',
        async () => {
          const parent = await world.token({ scopes: ['tokens:write', 'audit:read'] });
          const { token } = await world.token(OTHER, world.as(parent.token));
          return { secret: token, end: () => world.root.post(`/v1/tokens/${parent.id}/revoke`) };
        },
      ],
    ];

    const past = (ms: number): Promise<void> => {
      world.clock.advance(ms);
      return Promise.resolve();
    };

    it.each(ENDS)('%s', async (_what, make) => {
      const { secret, end } = await make();
      const stream = await follow('', secret);
      await stream.has(1);
      await end();
      expect(await stream.ended()).toBe('cleanly');
    });

    it('and what is committed after a revocation is never shown to whom it revoked', async () => {
      const writer = await Writer.connect(world);
      for (let round = 0; round < 5; round++) {
        const { id, key } = await world.apiKey();
        const stream = await follow('', key);
        await stream.has(1);
        await world.root.delete(`/v1/api-keys/${id}`);
        const late = Array.from({ length: 20 }, () => eventOf(workspaceId));
        await writer.write(late);
        await stream.ended();
        expect(late.filter((event) => stream.ids.includes(event.id))).toEqual([]);
      }
      await writer.close();
    });

    it('also of a reader who has stopped reading', async () => {
      const { id, key } = await world.apiKey();
      await fill(world, workspaceId, 2_000, () => eventOf(workspaceId, { user_agent: 'x'.repeat(5_000) }));
      const stream = await follow('after_index=-1', key);
      stream.pause();
      const before = tailsOpen();
      await world.root.delete(`/v1/api-keys/${id}`);
      await until(() => tailsOpen() < before);
      stream.close();
    });
  });

  it('reads no more of the log than its reader takes, who then gets all of it', async () => {
    const [slow, count] = [await world.workspace('slow'), 4_000];
    await fill(world, slow.id, count, () => eventOf(slow.id, { user_agent: 'x'.repeat(6_000) }));
    const read = jest.spyOn(world.apps[0]!.get(LogPages), 'read');
    const stream = await follow('after_index=-1', slow.key);
    stream.pause();
    for (let last = -1; read.mock.calls.length !== last;) {
      last = read.mock.calls.length;
      await delay(1_000);
    }
    // Of twenty pages the sockets between the two hold some.
    expect(read.mock.calls.length).toBeLessThan(15);
    read.mockRestore();

    stream.resume();
    await stream.has(count);
    expect(stream.indexes.slice(0, count)).toEqual(Array.from({ length: count }, (_, index) => index));
    stream.close();
  });

  it('is open to a limited number at a time, of each workspace', async () => {
    const full = await world.workspace('full');
    const streams = await Promise.all(Array.from({ length: MOST_TAILS }, () => follow('', full.key)));
    const answer = await world.as(full.key).get('/v1/audit-events/tail');
    expect(answer).toBeProblem('rate_limited');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await expect(answer).toHaveAudited(world, {
      action: 'audit.tail',
      outcome: 'denied',
      reason: 'rate_limited',
    });
    expect((await follow()).answer.statusCode).toBe(200);

    streams[0]!.close();
    await until(async () => (await world.as(full.key).get('/v1/audit-events/tail')).status === 200);
    for (const stream of streams) stream.close();
  });

  it('takes up no room when its event could not be written', async () => {
    await world.database.query('revoke insert on audit_events from tooken_app');
    try {
      const before = tailsOpen();
      expect((await world.root.get('/v1/audit-events/tail')).status).toBe(503);
      await until(() => tailsOpen() <= before);
    } finally {
      await world.database.query('grant insert on audit_events to tooken_app');
    }
  });

  it('says something at least every 15 seconds', async () => {
    await until(() => idle.text.includes('\n\n: keep-alive\n\n'));
  });

  it('ends at once when the product stops', async () => {
    const product = await Product.start({ TOOKEN_DATA_DIR: emptyFolder() });
    try {
      const stream = await EventStream.open(product.url, product.key!);
      await stream.has(1);
      const begun = performance.now();
      const ended = product.stop();
      expect(await stream.ended()).toBe('cleanly');
      // What is promised is 2 s; the machine may be busy.
      expect(performance.now() - begun).toBeLessThan(4_000);
      expect(await ended).toBe(0);
      expect(product.program.errors).toBe('');
    } finally {
      await cleanUp();
    }
  }, 60_000);
});
