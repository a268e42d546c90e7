import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { SEQUENCE_LOCK } from '../../src/audit-log/sequencing/sequence-lock.js';
import { checkExport, type Evidence, type ExportCheck } from '../../src/audit-log/streams/check-export.js';
import { LogPages } from '../../src/audit-log/streams/log-pages.js';
import type { Caller } from '../support/caller.js';
import { until } from '../support/product.js';
import { World, type EventJson } from '../support/world.js';
import { eventOf, fill, sequenced, workspaceOf } from './direct-writes.js';
import { DISARM } from './tampering.js';

type Placed = EventJson & { index: number };

interface Export {
  /** Every line, but for the last line feed. */
  lines: string[];
  events: Placed[];
  manifest: Record<string, unknown>;
}

/** So many events are one page of an export, and a little more. */
const MANY = 1_100;

describe('an export of the log', () => {
  let world: World;
  let workspaceId: string;
  let testKey: string;
  let other: { id: string; key: string };

  beforeAll(async () => {
    world = await World.start();
    workspaceId = await workspaceOf(world);
    testKey = (await world.apiKey({ environment: 'test' })).key;
    other = await world.workspace('other');
    await fill(world, workspaceId, MANY, (at) =>
      eventOf(workspaceId, {
        environment: at % 3 === 0 ? 'test' : 'live',
        actor_name: ['CI', '=cmd|calc', 'a "b", c\r\nd', 'Zoë \u2028 😀'][at % 4]!,
        ip: at % 2 === 0 ? '203.0.113.7' : '2001:db8::1',
        ...(at % 5 === 0 && {
          outcome: 'denied',
          reason: 'expired',
          details: { code: 'expired', client_ip: '198.51.100.1' },
        }),
      }),
    );
    await world.anonymous().get('/v1/me');
    await world.token({ name: 'Acme' });
    await sequenced(world);
  });
  afterAll(() => world.close());

  const get = async (query = '', by: Caller = world.root): Promise<Export> => {
    await sequenced(world);
    const { status, text, body } = await by.get<string>(`/v1/audit-events/export?${query}`);
    if (status !== 200) throw new Error(`the export answered ${String(status)}: ${JSON.stringify(body)}`);
    return readExport(text);
  };
  const evidenceOf = async (by: Caller = world.root, query = ''): Promise<Required<Evidence>> => {
    const text = by.with({ accept: 'text/plain' });
    const [checkpoint, key] = [
      await text.get<string>(`/v1/audit-log/checkpoint?${query}`),
      await text.get<string>(`/v1/audit-log/public-key?${query}`),
    ];
    return { note: checkpoint.text, vkey: key.text.trim() };
  };
  /** The same events as the list shows them, in order of index. */
  const listed = async (query: string, by: Caller = world.root): Promise<Placed[]> => {
    await sequenced(world);
    const found: Placed[] = [];
    for (let cursor = ''; ;) {
      const { body } = await by.get<{ data: Placed[]; next_cursor: string | null }>(
        `/v1/audit-events?limit=1000&${query}${cursor}`,
      );
      found.push(...body.data);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    return found.filter(({ index }) => (index as number | null) !== null).sort((a, b) => a.index - b.index);
  };
  /** Without what came to the log since. */
  const until_ = (events: Placed[], { manifest }: Export): Placed[] =>
    events.filter(({ index }) => index < Number(manifest.tree_size));

  describe('as NDJSON', () => {
    it('has all of the log that its caller may see, in order of index, each event as the API shows it', async () => {
      const exported = await get();
      const events = until_(await listed(''), exported);
      expect(exported.events.length).toBeGreaterThan((MANY * 2) / 3);
      expect(exported.events.map(bare)).toEqual(events);
    });

    it('ends with a manifest that says what it is', async () => {
      const exported = await get('outcome=denied&log=workspace');
      const indexes = exported.events.map(({ index }) => index);
      expect(exported.manifest).toEqual({
        checkpoint: expect.stringContaining(
          `tooken/${workspaceId}\n${String(exported.manifest.tree_size)}\n`,
        ),
        complete: true,
        count: exported.events.length,
        epoch: 1,
        filters: { outcome: ['denied'] },
        format: 'tooken-audit-export/1',
        from_index: Math.min(...indexes),
        to_index: Math.max(...indexes),
        log: workspaceId,
        origin: `tooken/${workspaceId}`,
        root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        tree_size: expect.any(Number),
      });
    });

    it.each([
      ['everything', '', 'root'],
      ['the other environment', '', 'test'],
      ['another workspace', '', 'other'],
      ['the instance’s log', 'log=instance', 'root'],
      ['an outcome', 'outcome=denied', 'root'],
      ['what nobody did', 'actor_id=key_00000000000000000000000000', 'root'],
      ['several filters', 'action=token.*&outcome=success&ip=203.0.113.0/24&q=acme', 'root'],
      ['a time in the past', 'to=2020-01-01T00:00:00Z', 'root'],
      ['a time to come', 'from=2999-01-01T00:00:00Z', 'root'],
      ['all of time', 'from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z', 'root'],
    ])('of %s holds against the log’s signed checkpoint', async (_what, query, by) => {
      const caller = { root: world.root, test: world.as(testKey), other: world.as(other.key) }[by]!;
      const exported = await get(query, caller);
      const log = query.includes('instance') ? 'log=instance' : '';
      const { vkey } = await evidenceOf(caller, log);
      expect(await check(exported.lines, { vkey })).toMatchObject({
        ok: true,
        fault: null,
        events: exported.events.length,
        skipped: Number(exported.manifest.tree_size) - exported.events.length,
        checkpoint: { size: exported.manifest.tree_size, isSigned: true },
      });
      const events = until_(await listed(query, caller), exported);
      expect(exported.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    });

    it('of a part of the time holds, and is that part', async () => {
      const middle = (await listed(''))[500]!.occurred_at;
      for (const query of [`from=${middle}`, `to=${middle}`]) {
        const exported = await get(query);
        const events = until_(await listed(query), exported);
        expect(exported.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
        expect((await check(exported.lines, await evidenceFrom(exported))).fault).toBeNull();
      }
    });

    it('holds against a checkpoint that somebody kept from before', async () => {
      const evidence = await evidenceOf();
      for (let i = 0; i < 7; i++) await world.root.get('/v1/me');
      const { lines } = await get();
      expect(await check(lines, evidence)).toMatchObject({ ok: true, fault: null });
    });

    it('is one line an event, and every line is JSON in the form of RFC 8785', async () => {
      const { lines } = await get();
      for (const line of lines) expect(line).toBe(JSON.stringify(sorted(JSON.parse(line))));
    });
  });

  describe('as CSV', () => {
    it('has the same events, one a row, with CRLF and a header', async () => {
      const exported = await get();
      const { text, headers } = await world.root.get('/v1/audit-events/export?format=csv');
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(text.startsWith('id,index,occurred_at,')).toBe(true);
      expect(text.endsWith('\r\n')).toBe(true);
      const rows: Record<string, string>[] = parse(text, { columns: true, record_delimiter: '\r\n' });
      const details = rows.map((row) => (row.details === '' ? null : (JSON.parse(row.details!) as unknown)));
      expect(details.slice(0, exported.events.length)).toEqual(exported.events.map((event) => event.details));
      expect(rows.slice(0, exported.events.length)).toEqual(
        exported.events.map((event) =>
          expect.objectContaining({
            id: event.id,
            index: String(event.index),
            environment: event.environment ?? '',
            'actor.name': safe(event.actor.name ?? ''),
            'request.ip': event.request?.ip ?? '',
          }),
        ),
      );
    });

    it('begins no cell as a formula', async () => {
      const { text } = await world.root.get('/v1/audit-events/export?format=csv');
      const rows: string[][] = parse(text, { record_delimiter: '\r\n' });
      expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
      expect(text).toContain(`'=cmd|calc`);
    });
  });

  it.each(['ndjson', 'csv'])('is offered as a file (%s)', async (format) => {
    const { headers } = await world.as(testKey).get(`/v1/audit-events/export?format=${format}`);
    expect(headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="audit-events-default-test-\\d{8}T\\d{6}Z\\.${format}"$`),
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).not.toBeNull();
  });

  it('has its event on disk before its first byte leaves', async () => {
    const answer = await world.root.get('/v1/audit-events/export?format=csv');
    await expect(answer).toHaveAudited(world, { action: 'audit.export', outcome: 'success' });
    const [event] = await world.eventsOf(answer.requestId);
    expect(event!.details).toEqual({ format: 'csv' });
  });

  it('has nothing of another workspace, nor of the other environment', async () => {
    const [ours, theirs, inTest] = [
      await get(),
      await get('', world.as(other.key)),
      await get('', world.as(testKey)),
    ];
    expect(theirs.events.some(({ id }) => ours.events.some((each) => each.id === id))).toBe(false);
    expect(new Set(inTest.events.map(({ environment }) => environment))).toEqual(new Set(['test', null]));
    expect(await world.as(other.key).get('/v1/audit-events/export?log=instance')).toBeProblem('forbidden');
  });

  it.each([
    ['format=xml', ['format']],
    ['limit=10&cursor=x&order=asc', ['cursor', 'limit', 'order']],
    ['from=yesterday&ip=nowhere&format=CSV', ['format', 'from', 'ip[0]']],
  ])('refuses %s, naming all that is wrong', async (query, fields) => {
    expect(await world.root.get(`/v1/audit-events/export?${query}`)).toBeProblem('invalid_request', fields);
  });

  it('answers HEAD without a body', async () => {
    const { status, text, headers } = await world.root.send('HEAD', '/v1/audit-events/export');
    expect([status, text]).toEqual([200, '']);
    expect(headers.get('content-disposition')).toContain('attachment');
  });

  it('leaves out what has no place in the log yet', async () => {
    const sequencer = new pg.Client({ connectionString: world.database.adminUrl });
    await sequencer.connect();
    try {
      await sequencer.query('select pg_advisory_lock($1)', [SEQUENCE_LOCK]);
      const { requestId } = await world.root.get('/v1/me');
      const { text } = await world.root.get<string>('/v1/audit-events/export');
      const { events, lines } = readExport(text);
      expect(events.some(({ request }) => request?.id === requestId)).toBe(false);
      expect((await check(lines)).ok).toBe(true);
    } finally {
      await sequencer.end();
    }
  });

  it('is answered with 503 when the log cannot be read', async () => {
    await world.database.query('revoke select on audit_trees from tooken_app');
    try {
      expect(await world.root.get('/v1/audit-events/export')).toBeProblem('unavailable');
    } finally {
      await world.database.query('grant select on audit_trees to tooken_app');
    }
  });

  describe('of a log in whose database somebody has meddled', () => {
    let id: string;
    let index: number;
    beforeAll(async () => {
      const { events } = await get();
      [{ id, index }] = [events.find((event) => event.index > 700 && event.action === 'token.verify')!];
      await world.database.query(DISARM);
    });

    it.each([
      [
        'an event was changed',
        `update audit_events set body = replace(body, '"count":1', '"count":2') where id = $1`,
      ],
      ['an event is no event any more', `update audit_events set body = '{}' where id = $1`],
      ['an event was given a space', `update audit_events set body = body || ' ' where id = $1`],
      ['an event is gone', `delete from audit_events where id = $1`],
      [
        'an event is gone with its place',
        `with gone as (delete from audit_events where id = $1) delete from audit_entries where event_id = $1`,
      ],
      ['its place has another hash', `update audit_entries set leaf_hash = sha256('x') where event_id = $1`],
      [
        'a name was changed',
        `update audit_personal set data = regexp_replace(data, '"actor_name":"[^"]*"', '"actor_name":"x"') where event_id = $1`,
      ],
    ])('names the event when %s', async (_what, sql) => {
      await sequenced(world);
      const restore = await kept(['audit_events', 'audit_entries', 'audit_personal']);
      await world.database.query(sql, [id]);
      const { text } = await world.root.get<string>(
        '/v1/audit-events/export?environment=live&environment=test',
      );
      await restore();
      const { ok, fault } = await check(readExport(text).lines);
      expect({ ok, index: fault?.index }).toEqual({ ok: false, index });
    });

    it('and even if he has made its place fit, says in which part of the log it is', async () => {
      await sequenced(world);
      const restore = await kept(['audit_events', 'audit_entries']);
      await world.database.query(
        `with changed as (update audit_events set body = replace(body, '"count":1', '"count":2') where id = $1 returning body)
         update audit_entries set leaf_hash = sha256(decode('00', 'hex') || convert_to(body, 'utf8')) from changed where event_id = $1`,
        [id],
      );
      const { text } = await world.root.get<string>('/v1/audit-events/export');
      await restore();
      const { ok, fault } = await check(readExport(text).lines);
      expect(ok).toBe(false);
      expect(fault?.message).toMatch(/at least one is not the log's/);
    });

    it('shows what retention has dropped as dropped, and that it was, if an event tells so', async () => {
      await sequenced(world);
      const restore = await kept(['audit_events', 'audit_entries', 'audit_personal']);
      for (const table of ['audit_events', 'audit_personal', 'audit_entries']) {
        await world.database.query(
          `delete from ${table} where workspace_id = $1 and ${table === 'audit_events' ? 'id' : 'event_id'} in (
             select event_id from audit_entries_whole where workspace_id = $1 and index < 256)`,
          [workspaceId],
        );
      }
      const untold = readExport((await world.root.get<string>('/v1/audit-events/export')).text);
      expect(await check(untold.lines)).toMatchObject({
        ok: false,
        dropped: 256,
        fault: { index: 0, message: expect.stringMatching(/no event tells that retention/) },
      });
      await fill(world, workspaceId, 1, () =>
        eventOf(workspaceId, { action: 'audit.retain', environment: null, details: { dropped: [[0, 255]] } }),
      );
      const told = await get();
      expect(await check(told.lines, await evidenceFrom(told))).toMatchObject({ ok: true, dropped: 256 });
      await restore();
    });

    /** @returns what puts these tables back as they are now, with what has come to them since. */
    async function kept(tables: string[]): Promise<() => Promise<void>> {
      for (const table of tables) {
        await world.database.query(`drop table if exists ${table}_whole`);
        await world.database.query(`create table ${table}_whole as select * from ${table}`);
      }
      return async () => {
        await sequenced(world);
        for (const table of tables) {
          const key = table === 'audit_events' ? 'id' : 'event_id';
          await world.database.query(
            `delete from ${table} where (workspace_id, ${key}) in (select workspace_id, ${key} from ${table}_whole)`,
          );
          await world.database.query(`insert into ${table} select * from ${table}_whole`);
        }
      };
    }
  });

  const evidenceFrom = async (exported: Export): Promise<Evidence> => ({
    vkey: (await evidenceOf()).vkey,
    note: String(exported.manifest.checkpoint),
  });
});

describe('a long export', () => {
  /** About 30 MB, which no socket takes at once. */
  const EVENTS = 25_000;
  let world: World;
  let workspaceId: string;

  beforeAll(async () => {
    world = await World.start();
    workspaceId = await workspaceOf(world);
    await fill(world, workspaceId, EVENTS, () => eventOf(workspaceId, { user_agent: 'x'.repeat(500) }));
  }, 120_000);
  afterAll(() => world.close());

  it('is read only as fast as its reader takes it', async () => {
    const read = pagesRead();
    const answer = await open(world.rootKey);
    await once(answer, 'readable');
    expect(await still(read)).toBeLessThan(EVENTS / 300 / 1.5);
    const { lines, events } = readExport(await rest(answer));
    expect(events.length).toBeGreaterThan(EVENTS);
    expect((await check(lines)).ok).toBe(true);
  });

  it('has what was in the log when it began, and not what came meanwhile', async () => {
    const answer = await open(world.rootKey);
    await once(answer, 'readable');
    for (let i = 0; i < 5; i++) await world.root.get('/v1/me');
    await sequenced(world);
    const { events, manifest } = readExport(await rest(answer));
    expect(events.at(-1)!.index).toBe(Number(manifest.tree_size) - 1);
    const [row] = await world.database.query<{ size: number }>(
      'select size::int from audit_trees where workspace_id = $1',
      [workspaceId],
    );
    expect(row!.size).toBeGreaterThan(Number(manifest.tree_size));
  });

  it('is no longer read once its reader has gone', async () => {
    const read = pagesRead();
    const answer = await open(world.rootKey);
    await once(answer, 'readable');
    answer.destroy();
    expect(await still(read)).toBeLessThan(EVENTS / 300 / 1.5);
  });

  it.each(['ndjson', 'csv'])(
    'breaks off when its credential ends, and does not look finished (%s)',
    async (format) => {
      const { id, key } = await world.apiKey();
      const answer = await open(key, `format=${format}`);
      await once(answer, 'readable');
      await world.root.delete(`/v1/api-keys/${id}`);
      await expect(rest(answer)).rejects.toThrow('aborted');
      expect(answer.complete).toBe(false);
    },
  );

  function open(secret: string, query = ''): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      http
        .get(
          `${world.urls[0]!}/v1/audit-events/export?${query}`,
          { agent: false, headers: { authorization: `Bearer ${secret}` } },
          resolve,
        )
        .once('error', reject);
    });
  }

  /** Says how many pages of the log were read from now on. */
  function pagesRead(): () => number {
    const read = jest.spyOn(world.apps[0]!.get(LogPages), 'read');
    read.mockClear();
    return () => read.mock.calls.length;
  }

  /** Once it has stayed the same for longer than anything under way takes. */
  async function still(count: () => number): Promise<number> {
    let [last, since] = [count(), Date.now()];
    await until(() => {
      if (count() !== last) [last, since] = [count(), Date.now()];
      return Date.now() - since > 1_500;
    });
    return last;
  }
});

function readExport(text: string): Export {
  const lines = text.split('\n').slice(0, -1);
  const values = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    lines,
    events: values.filter((value) => 'id' in value) as unknown as Placed[],
    manifest: (values.at(-1)?.manifest ?? {}) as Record<string, unknown>,
  };
}

/** The event alone. */
function bare(event: Placed): unknown {
  const { leaf_hash: _, personal: __, ...shown } = event as Placed & { leaf_hash: string; personal: unknown };
  return shown;
}

async function check(lines: string[], evidence: Evidence = {}): Promise<ExportCheck> {
  async function* each(): AsyncGenerator<string> {
    for (const line of lines) yield await Promise.resolve(line);
  }
  return checkExport(each(), evidence);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([key, each]) => [key, sorted(each)]));
}

function safe(text: string): string {
  return /^[=+\-@\t\r\n']/.test(text) ? `'${text}` : text;
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()));
}

async function rest(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
