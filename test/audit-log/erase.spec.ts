import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { Erasure, type ErasedFrom, type Selector } from '../../src/audit-log/keeping/erasure.js';
import { leafHash } from '../../src/audit-log/proofs/merkle.js';
import { ScrubService } from '../../src/audit-log/scrubbing/scrub.service.js';
import { SEQUENCE_LOCK } from '../../src/audit-log/sequencing/sequence-lock.js';
import { AUDIT_COMMANDS } from '../../src/cli.audit.js';
import { Clock } from '../../src/platform/clock.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { Owner } from '../../src/platform/database/owner.js';
import type { Caller } from '../support/caller.js';
import { emptyDatabase } from '../support/empty-database.js';
import { emptyFolder, run, until, type Program } from '../support/product.js';
import { after, fromDashboard, PASSWORD, person } from '../support/people.js';
import { passkeyRow } from '../support/second-factors.js';
import { SECRET_KEY, World, type EventJson } from '../support/world.js';
import { Receiver, type Received } from '../webhooks/receiver.js';
import { ALLOWED, delivery, followed, webhook } from '../webhooks/webhook-world.js';
import { sequenced, writePast } from './past-events.js';

jest.setTimeout(60_000);

interface ProofJson {
  leaf: string;
  leaf_hash: string;
  index: number;
  personal: string | null;
}

async function startWorld(): Promise<World> {
  return World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1' } });
}

const from = (caller: Caller, ip: string): Caller =>
  caller.with({ 'x-forwarded-for': ip, 'user-agent': `agent of ${ip}` });

function erase(
  world: World,
  selector: Selector,
  workspaceId: string | null = null,
  dryRun = false,
): Promise<ErasedFrom[]> {
  return world.apps[0]!.get(Erasure).erase(selector, workspaceId, dryRun);
}

async function proofOf(world: World, id: string): Promise<ProofJson> {
  const { status, body, text } = await world.root.get<ProofJson>(`/v1/audit-events/${id}/proof`);
  if (status !== 200) throw new Error(text);
  return body;
}

describe('erasing an address', () => {
  const IP = '203.0.113.7';
  let world: World;
  let ws: string;
  let other: { id: string; key: string };
  let key: { id: string; key: string };
  let token: { id: string; token: string };
  let before: EventJson[];
  let proof: ProofJson;
  let erased: ErasedFrom[];

  const eventWith = async (requestId: string | null): Promise<EventJson> =>
    (await world.events(`request_id=${String(requestId)}`))[0]!;
  const requests: Record<string, string | null> = {};

  beforeAll(async () => {
    world = await startWorld();
    other = await world.workspace('Another');
    [key, token] = [await world.apiKey({ name: 'Key of somebody' }), await world.token()];
    ws = (await world.root.get<{ workspace: { id: string } }>('/v1/me')).body.workspace.id;

    requests.used = (await from(world.as(key.key), IP).get('/v1/me')).requestId;
    requests.verified = (
      await world.root.post('/v1/tokens/verify', {
        token: token.token,
        client_ip: IP,
        user_agent: 'a phone',
        operation: 'print',
      })
    ).requestId;
    requests.elsewhere = (await from(world.root, '203.0.113.8').get('/v1/me')).requestId;
    requests.quoting = (
      await from(world.root, '198.51.100.1')
        .with({ 'user-agent': `"client_ip":"${IP}"` })
        .get('/v1/me')
    ).requestId;
    await from(world.as(other.key), IP).get('/v1/me');
    await from(world.anonymous(), IP).get('/v1/me');
    await sequenced(world.database);
    before = await world.events('limit=1000&order=asc');
    proof = await proofOf(world, (await eventWith(requests.used)).id);
  });
  afterAll(() => world.close());

  it('says beforehand what it would do, and does nothing', async () => {
    const wouldBe = await erase(world, { by: 'ip', range: `${IP}/32` }, null, true);
    expect(wouldBe).toEqual(
      expect.arrayContaining([
        { workspace_id: ws, events: 2, names: 0, last_uses: 0, notices: 0 },
        { workspace_id: other.id, events: 1, names: 0, last_uses: 0, notices: 0 },
        { workspace_id: 'instance', events: 1, names: 0, last_uses: 0, notices: 0 },
      ]),
    );
    expect(wouldBe).toHaveLength(3);
    expect((await eventWith(requests.used!)).request!.ip).toBe(IP);
    expect(await world.events('action=audit.erase')).toEqual([]);

    erased = await erase(world, { by: 'ip', range: `${IP}/32` });
    expect(erased).toEqual(wouldBe);
  });

  it('leaves the events without what was personal, and all others as they were', async () => {
    const used = await eventWith(requests.used!);
    expect(used).toMatchObject({
      actor: { type: 'api_key', id: key.id, name: null },
      action: 'me.read',
      request: { id: requests.used, route: '/v1/me', status: 200, ip: null, user_agent: null },
    });
    const verified = await eventWith(requests.verified!);
    expect(verified).toMatchObject({ target: { id: token.id, name: null }, request: { ip: null } });
    expect(verified.details).toMatchObject({ operation: 'print' });
    expect(verified.details).not.toHaveProperty('client_ip');
    expect(verified.details).not.toHaveProperty('user_agent');

    const touched = [used.id, verified.id];
    const untouched = (events: EventJson[]): EventJson[] => events.filter(({ id }) => !touched.includes(id));
    const after = await world.events('limit=1000&order=asc');
    expect(untouched(after).slice(0, before.length - 2)).toEqual(untouched(before));
    expect((await eventWith(requests.elsewhere!)).request!.ip).toBe('203.0.113.8');
    expect((await eventWith(requests.quoting!)).request!.user_agent).toBe(`"client_ip":"${IP}"`);
  });

  it('is found by nobody who searches for the address', async () => {
    expect(await world.events(`ip=${IP}`)).toEqual([]);
    expect((await world.events('ip=203.0.113.0/24')).map(({ request }) => request?.id)).toEqual([
      requests.elsewhere,
    ]);
    for (const table of ['audit_events', 'audit_names', 'audit_last_uses', 'audit_pending']) {
      expect(
        await world.database.query(`select from ${table} t where strpos(t::text, $1) > 0`, [IP]),
      ).toEqual([]);
    }
    // But for the one who only spoke of it.
    expect(
      await world.database.query('select from audit_personal t where strpos(t::text, $1) > 0', [IP]),
    ).toHaveLength(1);
  });

  it('tells no last address of who was last seen there, but when', async () => {
    const { body } = await world.root.get(`/v1/api-keys/${key.id}`);
    expect(body).toMatchObject({ last_used_at: expect.stringMatching(/Z$/), last_used_ip: null });
    const { body: verified } = await world.root.get(`/v1/tokens/${token.id}`);
    expect(verified).toMatchObject({ last_used_at: expect.stringMatching(/Z$/), last_used_ip: null });
  });

  it('changes no byte of an event, and every proof still verifies', async () => {
    const after = await proofOf(world, (await eventWith(requests.used!)).id);
    expect(after).toMatchObject({ leaf: proof.leaf, leaf_hash: proof.leaf_hash, index: proof.index });
    expect(leafHash(after.leaf).toString('base64')).toBe(proof.leaf_hash);
    expect([proof.personal, after.personal]).toEqual([expect.stringContaining(IP), null]);
    for (const log of [ws, other.id, 'instance']) {
      await sequenced(world.database);
      expect(await world.apps[0]!.get(ScrubService).scrub(log)).toMatchObject({ faults: [], failed: null });
    }
  });

  it('is itself in every log it touched: how much was erased, and not what', async () => {
    const [event, ...more] = await world.events('action=audit.erase');
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      actor: { type: 'system', id: null },
      outcome: 'success',
      details: { by: 'ip', events: 2, names: 0, last_uses: 0, notices: 0 },
    });
    expect(JSON.stringify(event)).not.toContain(IP);
    expect(await world.events('action=audit.erase', world.as(other.key))).toHaveLength(1);
    expect(await world.events('action=audit.erase&log=instance')).toHaveLength(1);
  });

  it('finds nothing the second time, and then leaves no event', async () => {
    expect(await erase(world, { by: 'ip', range: `${IP}/32` })).toEqual([]);
    expect(await world.events('action=audit.erase')).toHaveLength(1);
  });

  it('takes a range of either family, of one workspace’s log if told so', async () => {
    await from(world.root, '2001:db8:1::1').get('/v1/me');
    await from(world.as(other.key), '2001:db8:1::2').get('/v1/me');
    const [one] = await erase(world, { by: 'ip', range: '2001:db8:1::/48' }, other.id);
    expect(one).toMatchObject({ workspace_id: other.id, events: 1 });
    expect(await world.events('ip=2001:db8:1::/48')).toHaveLength(1);
    expect(await world.events('ip=2001:db8:1::/48', world.as(other.key))).toEqual([]);
  });
});

describe('erasing an actor', () => {
  let world: World;
  let key: { id: string; key: string };
  let bystander: { id: string; key: string };
  beforeAll(async () => {
    world = await startWorld();
    key = await world.apiKey({ name: 'Somebody Somewhere' });
    bystander = await world.apiKey({ name: 'Bystander' });
    for (const { key: secret } of [key, bystander]) await world.as(secret).get('/v1/me');
    await world.root.get(`/v1/api-keys/${key.id}`);
    await sequenced(world.database);
  });
  afterAll(() => world.close());

  it('takes the name, address and agent from all it did and all that was done to it, and from nothing else', async () => {
    const of = (id: string): Promise<EventJson[]> => world.events(`actor_id=${id}`);
    const about = (id: string): Promise<EventJson[]> => world.events(`target_id=${id}`);
    const [did, suffered] = [await of(key.id), await about(key.id)];
    const others = await of(bystander.id);
    expect((await world.events('q=somewhere')).length).toBeGreaterThan(0);

    const erased = await erase(world, { by: 'actor', id: key.id });
    expect(erased).toEqual([expect.objectContaining({ events: did.length + suffered.length, last_uses: 0 })]);
    expect(erased[0]!.names).toBeGreaterThan(0);
    for (const event of [...(await of(key.id)), ...(await about(key.id))]) {
      expect(JSON.stringify(event)).not.toContain('Somebody');
      expect(event).toMatchObject({ actor: { name: null }, request: { ip: null, user_agent: null } });
    }
    expect(await of(bystander.id)).toEqual(others);
    expect(await world.events('q=somewhere')).toEqual([]);
    expect((await world.events('q=bystander')).length).toBeGreaterThan(0);
    const [event] = await world.events('action=audit.erase');
    expect(event!.details).toEqual({
      by: 'actor',
      actor_id: key.id,
      events: did.length + suffered.length,
      names: erased[0]!.names,
      last_uses: 0,
      notices: 0,
    });
    expect(await erase(world, { by: 'actor', id: key.id })).toEqual([]);
  });

  it('forgets also the name of an event that has no place in the log yet', async () => {
    const late = await world.apiKey({ name: 'Late Comer' });
    await sequenced(world.database);
    const holder = new pg.Client({ connectionString: world.database.adminUrl });
    await holder.connect();
    try {
      await holder.query('select pg_advisory_lock($1)', [SEQUENCE_LOCK]);
      await world.as(late.key).get('/v1/me');
      await world.as(bystander.key).get('/v1/me');
      const [pending] = await world.database.query<{ count: number }>(
        `select count(*)::int from audit_pending where payload like '%Late Comer%'`,
      );
      expect(pending!.count).toBe(1);
      const erasing = erase(world, { by: 'actor', id: late.id });
      // It waits its turn behind whoever is giving places just now, and is the next.
      await until(async () => {
        const waiting = await world.database.query(
          `select from pg_locks where locktype = 'advisory' and not granted
              and database = (select oid from pg_database where datname = current_database())`,
        );
        return waiting.length === 1;
      });
      await holder.query('select pg_advisory_unlock($1)', [SEQUENCE_LOCK]);
      await erasing;
    } finally {
      await holder.end();
    }
    await sequenced(world.database);
    expect(await world.database.query('select from audit_names where id = $1', [late.id])).toEqual([]);
    expect(await world.events('q=late+comer')).toEqual([]);
    const [event] = await world.events(`actor_id=${late.id}&action=me.read`);
    expect(event).toMatchObject({ index: expect.any(Number), actor: { name: null } });
  });

  it('forgets the address that was kept of a use whose event retention had dropped', async () => {
    const { id } = await world.apiKey();
    const [{ id: ws }] = (await world.database.query('select id from workspaces')) as [{ id: string }];
    await world.database.query(`insert into audit_last_uses values ($1, $2, now(), '192.0.2.7')`, [ws, id]);
    expect((await world.root.get(`/v1/api-keys/${id}`)).body).toMatchObject({ last_used_ip: '192.0.2.7' });
    const [byRange] = await erase(world, { by: 'ip', range: '192.0.2.0/24' });
    expect(byRange).toMatchObject({ events: 0, last_uses: 1 });
    expect((await world.root.get(`/v1/api-keys/${id}`)).body).toMatchObject({
      last_used_at: expect.any(String),
      last_used_ip: null,
    });
  });
});

describe('erasing a person', () => {
  const EMAIL = 'Grace.Hopper@Example.com';
  let world: World;
  let receiver: Receiver;
  let owner: Caller;
  beforeAll(async () => {
    world = await World.start({ env: ALLOWED });
    receiver = await Receiver.start();
    owner = (await person(world, 'owner')).by;
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  const invite = async (email: string): Promise<{ id: string; token: string }> =>
    (await owner.post<{ id: string; token: string }>('/v1/members/invitations', { email, role: 'owner' }))
      .body;
  const join = async (token: string): Promise<{ id: string; by: Caller }> => {
    const accepting = { token, name: 'Grace Hopper', password: PASSWORD };
    const answer = await fromDashboard(world).post<{ user: { id: string } }>(
      '/v1/invitations/accept',
      accepting,
    );
    return { id: answer.body.user.id, by: after(fromDashboard(world), answer) };
  };
  const confirmed = (id: string): Promise<unknown> =>
    world.database.query(`update sessions set sudo_until = now() + interval '1 day' where user_id = $1`, [
      id,
    ]);
  /** What the log still holds of these words, anywhere. */
  const traces = async (words: string): Promise<unknown[]> => {
    await sequenced(world.database);
    const found = await Promise.all(
      ['audit_events', 'audit_personal', 'audit_names', 'audit_pending', 'webhook_deliveries'].map((table) =>
        world.database.query(`select t::text from ${table} t where strpos(lower(t::text), lower($1)) > 0`, [
          words,
        ]),
      ),
    );
    return found.flat();
  };

  it('takes also the address they were invited by, whichever invitation it was and however it was written', async () => {
    const [unused, taken] = [await invite(EMAIL.toUpperCase()), await invite(EMAIL)];
    const other = await invite('bystander@example.com');
    await owner.delete(`/v1/members/invitations/${unused.id}`);
    const { id, by } = await join(taken.token);
    await by.post('/v1/api-keys', { name: 'x' });
    expect((await world.events('q=grace.hopper')).length).toBeGreaterThan(2);

    await erase(world, { by: 'actor', id });
    expect(await traces('hopper')).toEqual([]);
    expect(await world.events('q=grace.hopper')).toEqual([]);
    expect(await world.events('q=bystander')).toHaveLength(1);
    for (const invitation of [unused, taken]) {
      const events = await world.events(`target_id=${invitation.id}`);
      expect(events.length).toBeGreaterThan(0);
      expect(events.map(({ target }) => target!.name)).toEqual(events.map(() => null));
    }
    expect(await world.events(`target_id=${other.id}`)).toMatchObject([
      { target: { name: 'bystander@example.com' } },
    ]);
    expect(await erase(world, { by: 'actor', id })).toEqual([]);
  });

  it('knows of a person who has no account any more by which invitation they came', async () => {
    const [unused, taken] = [await invite('lost@example.com'), await invite('lost@example.com')];
    const { id } = await join(taken.token);
    await world.database.query('delete from memberships where user_id = $1', [id]);
    await world.database.query('delete from sessions where user_id = $1', [id]);
    await world.database.query('delete from users where id = $1', [id]);

    await erase(world, { by: 'actor', id });
    expect(await traces('lost@example.com')).toEqual([]);
    expect((await world.events(`target_id=${unused.id}`)).length).toBeGreaterThan(0);
  });

  it('takes the address of one who was invited and never came, by the invitation', async () => {
    const { id } = await invite('never@example.com');
    await sequenced(world.database);
    const [erased] = await erase(world, { by: 'actor', id });
    expect(erased).toMatchObject({ events: 1, names: 1 });
    expect(await traces('never@example.com')).toEqual([]);
  });

  it('takes the names of their passkeys', async () => {
    const { id, by } = await join((await invite('passkey@example.com')).token);
    await confirmed(id);
    const passkey = await passkeyRow(world, by);
    await world.database.query(`update passkeys set name = 'Phone of Grace' where id = $1`, [passkey]);
    expect((await by.delete(`/v1/account/passkeys/${passkey}`)).status).toBe(204);
    expect((await traces('phone of grace')).length).toBeGreaterThan(0);
    await erase(world, { by: 'actor', id });
    expect(await traces('phone of grace')).toEqual([]);
  });

  it('takes their names from notices too, which are signed as they are when they are sent', async () => {
    const { id, by } = await join((await invite('notified@example.com')).token);
    const hook = await webhook(world.root, receiver.url, { events: ['api_key.deleted'] });
    const made = await world.apiKey({ name: 'Key of somebody' }, owner);
    await confirmed(id);
    await by.delete(`/v1/api-keys/${made.id}`);
    await followed(world);
    const sent = await delivery(world.root, hook.id, ({ status }) => status === 'delivered');
    expect(receiver.notices().at(-1)!.data).toMatchObject({ actor: { id, name: 'Grace Hopper' } });

    const options = { by: 'actor', id } as const;
    const [counted] = await erase(world, options, null, true);
    expect(counted).toMatchObject({ notices: 1 });
    expect(await erase(world, options)).toEqual([counted]);
    expect(await traces('Grace Hopper')).toEqual([]);

    const path = `/v1/webhooks/${hook.id}/deliveries/${sent.id}`;
    expect((await world.root.post(`${path}/replay`)).status).toBe(202);
    await receiver.has(2);
    const [first, again] = receiver.at() as [Received, Received];
    expect(new Webhook(hook.secret).verify(again.body, again.headers)).toEqual({
      ...JSON.parse(first.body),
      data: {
        ...JSON.parse(first.body).data,
        actor: { type: 'user', id, name: null },
        api_key: { id: made.id, hint: expect.any(String), name: null },
      },
    });
    expect(again.headers['webhook-id']).toBe(sent.id);
  });
});

it('works for an owner of the tables who is no superuser, in every workspace’s log', async () => {
  const database = await emptyDatabase();
  try {
    await migrate(database.ownerUrl, new URL(database.guestUrl).username);
    const past = { ...database, url: database.guestUrl, adminUrl: database.ownerUrl };
    await writePast(
      past,
      ['ws_1', 'ws_2', 'instance'].map((ws) => ({
        workspace_id: ws,
        at: Date.now(),
        ip: ws === 'ws_2' ? '192.0.2.1' : '198.51.100.1',
      })),
    );
    const erasure = new Erasure(new Owner(database.ownerUrl), new Clock());
    const erased = await erasure.erase({ by: 'ip', range: '198.51.100.0/24' }, null, false);
    expect(erased.map(({ workspace_id, events }) => [workspace_id, events])).toEqual([
      ['instance', 1],
      ['ws_1', 1],
    ]);
    expect(
      await database.query(
        `select distinct workspace_id, host(ip) as ip from audit_personal where ip is not null`,
      ),
    ).toEqual([{ workspace_id: 'ws_2', ip: '192.0.2.1' }]);
    const guest = new Erasure(new Owner(database.guestUrl), new Clock());
    await expect(guest.erase({ by: 'ip', range: '::/0' }, null, false)).rejects.toThrow(
      'Erasing needs the role that owns the tables; set DATABASE_MIGRATION_URL to it.',
    );
  } finally {
    await database.drop();
  }
});

describe('tooken audit erase', () => {
  let world: World;
  const tooken = (...args: string[]): Promise<Program> =>
    run(['dist/bundle/cli.js', 'audit', 'erase', ...args], {
      DATABASE_URL: world.database.url,
      DATABASE_MIGRATION_URL: world.database.adminUrl,
      TOOKEN_SECRET_KEY: SECRET_KEY.toString('base64'),
      TOOKEN_DATA_DIR: emptyFolder(),
    });
  beforeAll(async () => {
    world = await startWorld();
    await from(world.root, '203.0.113.7').get('/v1/me');
  });
  afterAll(() => world.close());

  it('prints from which logs it has erased how much, as JSON, beside the running product', async () => {
    const [{ id }] = (await world.database.query('select id from workspaces')) as [{ id: string }];
    const dry = await tooken('--ip', '203.0.113.7', '--all', '--dry-run');
    expect(dry).toMatchObject({ exitCode: 0, errors: '' });
    const logs = [{ workspace_id: id, events: 1, names: 0, last_uses: 0, notices: 0 }];
    expect(JSON.parse(dry.output)).toEqual({ dry_run: true, logs });
    expect(await world.events('ip=203.0.113.7')).toHaveLength(1);

    const done = await tooken('--ip', '203.0.113.0/24', '--workspace', 'default');
    expect(JSON.parse(done.output)).toEqual({ dry_run: false, logs });
    expect(await world.events('ip=203.0.113.7')).toEqual([]);
  });

  it.each(['key', 'token', 'usr', 'inv'])('takes ids that begin with %s_', (prefix) => {
    const options = { actor: `${prefix}_${'0'.repeat(26)}`, all: true };
    expect(() => AUDIT_COMMANDS[0]!.read([], options)).not.toThrow();
  });

  it.each([
    ['nobody', ['--all']],
    ['both an address and an actor', ['--ip', '10.0.0.1', '--actor', `key_${'0'.repeat(26)}`, '--all']],
    ['something that is no address', ['--ip', '10.1', '--all']],
    ['something that is no id', ['--actor', 'Acme', '--all']],
    ['neither a workspace nor all', ['--ip', '10.0.0.1']],
    ['a workspace and all', ['--ip', '10.0.0.1', '--all', '--workspace', 'default']],
    ['an unknown workspace', ['--ip', '10.0.0.1', '--workspace', 'nowhere']],
    ['a word too many', ['10.0.0.1', '--ip', '10.0.0.1', '--all']],
  ])('asked to erase %s, prints its usage and erases nothing', async (_what, args) => {
    const failed = await tooken(...args);
    expect(failed).toMatchObject({ exitCode: 2, output: '' });
    expect(failed.errors).toContain('audit erase (--ip ADDRESS|CIDR | --actor ID)');
  });
});
