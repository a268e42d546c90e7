import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditDraft } from '../../src/audit-log/audit-draft.js';
import { AuditRecorder } from '../../src/audit-log/audit-recorder.js';
import { auditRows, type AuditEntry } from '../../src/audit-log/audit-row.js';
import { Batcher } from '../../src/platform/database/batcher.js';
import type { Answer } from '../support/caller.js';
import { World } from '../support/world.js';

const UNAVAILABLE = { code: 'unavailable', status: 503 };
const OUT_OF_REACH = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe('a batcher', () => {
  /** The batches carried out so far; the next one is when `go` lets it. */
  let batches: string[][];
  let go: (error?: Error) => void;

  const held = (
    maxWaiting: number,
    maxBatch = 3,
    sizeOf?: (job: string) => number,
  ): Batcher<string, string> => {
    batches = [];
    const run = async (jobs: string[]): Promise<string[]> => {
      batches.push(jobs);
      await new Promise<void>((resolve, reject) => {
        go = (error) => (error === undefined ? resolve() : reject(error));
      });
      return jobs.map((job) => job.toUpperCase());
    };
    return new Batcher(run, { maxBatch, maxWaiting, ...(sizeOf !== undefined && { sizeOf }) });
  };
  const started = async (count: number): Promise<void> => {
    while (batches.length < count) await new Promise(setImmediate);
  };
  const outcomes = async (jobs: Promise<string>[]): Promise<unknown[]> =>
    (await Promise.allSettled(jobs)).map((job) =>
      job.status === 'fulfilled' ? job.value : (job.reason as unknown),
    );

  it('carries out together whatever waits, and gives each its own result', async () => {
    const batcher = held(100);
    const jobs = [...'abcde'].map((job) => batcher.submit(job));
    await started(1);
    jobs.push(batcher.submit('f'));
    go();
    await started(2);
    go();
    expect(await outcomes(jobs)).toEqual([...'ABCDEF']);
    expect(batches).toEqual([[...'abc'], [...'def']]);
  });

  it('refuses what is too much to wait with 503, at once, and nothing else', async () => {
    const batcher = held(4);
    const jobs = [...'abcdefg'].map((job) => batcher.submit(job));
    expect(await outcomes(jobs.slice(4))).toMatchObject([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
    await started(1);
    jobs.push(batcher.submit('h'));
    go();
    await started(2);
    go();
    expect(await outcomes([...jobs.slice(0, 4), ...jobs.slice(7)])).toEqual([...'ABCDH']);
  });

  it('counts a large job by its size, but never refuses to carry out one alone', async () => {
    const batcher = held(6, 4, (job) => job.length);
    const jobs = outcomes(['aaaaa', 'b', 'c'].map((job) => batcher.submit(job)));
    for (const count of [1, 2]) {
      await started(count);
      go();
    }
    expect(await jobs).toMatchObject(['AAAAA', 'B', UNAVAILABLE]);
    expect(batches).toEqual([['aaaaa'], ['b']]);
  });

  it('tells all that wait when the database is out of reach, and tries again with the next', async () => {
    const batcher = held(100);
    const jobs = [...'abcde'].map((job) => batcher.submit(job));
    await started(1);
    go(OUT_OF_REACH);
    expect(await outcomes(jobs)).toMatchObject(jobs.map(() => UNAVAILABLE));
    const next = batcher.submit('f');
    await started(2);
    go();
    expect(await next).toBe('F');
    await batcher.drained();
  });

  it('begins with all of a turn at once, as far as it may', async () => {
    const batches: string[][] = [];
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const batcher = new Batcher<string, string>(
      async (jobs) => {
        batches.push(jobs);
        await ended;
        return jobs;
      },
      { maxBatch: 2, maxWaiting: 100, atOnce: 2 },
    );
    const jobs = [...'abcde'].map((job) => batcher.submit(job));
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    expect(batches).toEqual([[...'ab'], [...'cd']]);
    end();
    expect(await Promise.all(jobs)).toEqual([...'abcde']);
    await batcher.drained();
  });

  it('has as many batches under way at once as it may, each by a worker of its own', async () => {
    const taken: { jobs: string[]; worker: number; end: () => void }[] = [];
    const batcher = new Batcher<string, string>(
      async (jobs, worker) => {
        await new Promise<void>((end) => taken.push({ jobs, worker, end }));
        return jobs;
      },
      { maxBatch: 2, maxWaiting: 100, atOnce: 2 },
    );
    const begun = async (count: number) => {
      while (taken.length < count) await new Promise(setImmediate);
      // Nor are there more a while later.
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
      return taken.map(({ jobs, worker }) => [jobs.join(''), worker]);
    };
    const jobs = [batcher.submit('a')];
    expect(await begun(1)).toEqual([['a', 0]]);
    jobs.push(...[...'bcdef'].map((job) => batcher.submit(job)));
    expect(await begun(2)).toEqual([
      ['a', 0],
      ['bc', 1],
    ]);
    taken[1]!.end();
    expect((await begun(3)).at(-1)).toEqual(['de', 1]);
    taken[0]!.end();
    expect((await begun(4)).at(-1)).toEqual(['f', 0]);
    for (const { end } of taken) end();
    expect(await Promise.all(jobs)).toEqual([...'abcdef']);
    await batcher.drained();
  });

  it('tells a job when its time is up, and carries it out no more if it has not begun', async () => {
    const batcher = held(100, 1);
    const soon = performance.now() + 150;
    const jobs = [batcher.submit('a', soon), batcher.submit('b', soon), batcher.submit('c')];
    expect(await outcomes(jobs.slice(0, 2))).toMatchObject([UNAVAILABLE, UNAVAILABLE]);
    await expect(batcher.submit('d', performance.now())).rejects.toMatchObject(UNAVAILABLE);
    go();
    await started(2);
    go();
    expect(await jobs[2]).toBe('C');
    expect(batches).toEqual([['a'], ['c']]);
  });
});

describe('the recorder of events', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.close());

  const entry = (ip: string): AuditEntry => {
    const request = { id: `from-${ip}`, method: 'GET', route: '/v1/me', ip, userAgent: null };
    const answer = { status: 200, outcome: 'success', reason: null } as const;
    return auditRows('me.read', request, new AuditDraft(world.clock.now()), answer);
  };
  const recordedAs = async (pattern: string): Promise<string[]> => {
    const rows = await world.database.query<{ request_id: string }>(
      'select request_id from audit_events where request_id like $1 order by id',
      [pattern],
    );
    return rows.map(({ request_id }) => request_id);
  };

  it('writes every event but the ones PostgreSQL refuses', async () => {
    const recorder = world.apps[0]!.get(AuditRecorder);
    const ips = Array.from({ length: 100 }, (_each, at) =>
      [13, 14, 77].includes(at) ? 'nowhere' : `10.0.0.${at}`,
    );
    const results = await Promise.allSettled(ips.map((ip) => recorder.record(entry(ip))));
    expect(results.map(({ status }) => status)).toEqual(
      ips.map((ip) => (ip === 'nowhere' ? 'rejected' : 'fulfilled')),
    );
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(UNAVAILABLE);
    }
    const expected = ips.filter((ip) => ip !== 'nowhere').map((ip) => `from-${ip}`);
    expect((await recordedAs('from-%')).sort()).toEqual(expected.sort());
  });

  it('keeps text that PostgreSQL cannot, in what is nearest to it', async () => {
    const draft = new AuditDraft(world.clock.now());
    draft.target = { type: 'scope', id: null, name: 'a\u0000b\ud800c' };
    draft.details = { text: '\udc00\u0000', literal: '\\u0000' };
    const request = { id: 'strange', method: 'GET', route: '/v1/me', ip: '10.0.0.1', userAgent: '\u0000' };
    const answer = { status: 200, outcome: 'success', reason: null } as const;
    await world.apps[0]!.get(AuditRecorder).record(auditRows('me.read', request, draft, answer));
    expect(await world.eventsOf('strange')).toMatchObject([
      {
        target_name: 'a\ufffdb\ufffdc',
        user_agent: '\ufffd',
        details: { text: '\ufffd\ufffd', literal: '\\u0000' },
      },
    ]);
  });

  it('finishes what is in flight when the product stops: no answer without its event', async () => {
    const token = await world.token();
    const asks: ((caller: ReturnType<World['as']>) => Promise<Answer>)[] = [
      (caller) => caller.get('/v1/me'),
      (caller) => caller.post('/v1/tokens/verify', { token: token.token }),
      (caller) => caller.post('/v1/tokens', { name: 'late', scopes: ['things:read'] }),
      (caller) => caller.get('/v1/tokens/token_00000000000000000000000000'),
    ];
    // Or the server would wait for the client to give its connections up.
    const once = { connection: 'close' };
    const answers: Answer[] = [];
    const sent = Array.from({ length: 400 }, (_each, at) =>
      asks[at % asks.length]!(world.root.with({ ...once, 'x-request-id': `late-${String(at)}` })).then(
        (answer) => void answers.push(answer),
        () => undefined,
      ),
    );
    while (answers.length === 0) await Promise.race(sent);
    const answeredBefore = answers.length;
    await Promise.all([world.apps[0]!.close(), ...sent]);

    const done = answers.filter(({ status }) => status !== 503);
    expect(done.length).toBeGreaterThan(answeredBefore);
    const recorded = await recordedAs('late-%');
    expect(new Set(recorded).size).toBe(recorded.length);
    expect(done.map(({ requestId }) => requestId).filter((id) => !recorded.includes(id))).toEqual([]);
    const [changed] = await world.database.query<{ made: number; recorded: number }>(
      `select (select count(*)::int from tokens where name = 'late') as made,
              (select count(*)::int from audit_events e join tokens t on t.id = e.target_id
                where t.name = 'late' and e.action = 'token.issue' and e.outcome = 'success') as recorded`,
    );
    expect(changed!.made).toBe(changed!.recorded);
  });
});
