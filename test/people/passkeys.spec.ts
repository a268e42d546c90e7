import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Authenticator } from '../support/authenticator.js';
import type { Answer, Caller } from '../support/caller.js';
import { after, forgetSudo, fromDashboard, person, session, signIn } from '../support/people.js';
import { World } from '../support/world.js';

interface Options {
  challenge: string;
  rpId: string;
  rp: { id: string };
  user: { id: string };
  excludeCredentials?: { id: string }[];
}

type Added = Record<string, unknown> & { id: string; recovery_codes: string[] | null };

describe('a passkey', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  const creation = async (by: Caller) => (await by.post<Options>('/v1/account/passkeys/options')).body;
  const request = async (by: Caller = fromDashboard(world)) =>
    (await by.post<Options>('/v1/session/passkey/options')).body;
  async function enrolled() {
    const one = await person(world, 'owner');
    const device = new Authenticator(one.by.url);
    const passkey = device.create(await creation(one.by));
    const added = await one.by.post<Added>('/v1/account/passkeys', { name: 'Phone', passkey });
    expect(added.status).toBe(201);
    return { ...one, device, added, by: after(fromDashboard(world), added) };
  }
  const enter = (passkey: object): Promise<Answer> =>
    fromDashboard(world).post('/v1/session/passkey', { passkey });

  it('is added with a name, ends all other sessions, and is listed', async () => {
    const one = await person(world, 'owner');
    const other = await session(world, one.id);
    const device = new Authenticator(one.by.url);
    const options = await creation(one.by);
    expect(options.rp).toEqual({ id: '127.0.0.1', name: 'Tooken' });
    const passkey = device.create(options);
    const added = await one.by.post<Added>('/v1/account/passkeys', { name: 'Phone', passkey });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ name: 'Phone', backed_up: true, last_used_at: null });
    expect(added.body.recovery_codes).toHaveLength(10);
    await expect(added).toHaveAudited(world, {
      action: 'session.mfa_enroll',
      outcome: 'success',
      target_id: added.body.id,
    });
    expect([(await one.by.get('/v1/me')).status, (await other.by.get('/v1/me')).status]).toEqual([401, 401]);
    const by = after(fromDashboard(world), added);
    expect((await by.get<{ data: object[] }>('/v1/account/passkeys')).body.data).toEqual([
      expect.objectContaining({ id: added.body.id, name: 'Phone' }),
    ]);
    expect((await creation(by)).excludeCredentials).toHaveLength(1);
  });

  it('signs in by itself, without a name or a password', async () => {
    const { id, device } = await enrolled();
    const answer = await enter(device.get(await request()));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'signed_in', user: { id } });
    await expect(answer).toHaveAudited(world, { action: 'session.login', outcome: 'success', actor_id: id });
    const by = after(fromDashboard(world), answer);
    expect((await by.get<{ data: object[] }>('/v1/sessions')).body.data[0]).toMatchObject({
      second_factor: true,
    });
  });

  it('is asked for after the password, and answers', async () => {
    const { id, email, device } = await enrolled();
    const first = await signIn(fromDashboard(world), email);
    expect(first.body).toMatchObject({
      status: 'second_factor_required',
      methods: ['passkey', 'recovery_code'],
    });
    const { ticket } = first.body as { ticket: string };
    const passkey = device.get(await request());
    const second = await fromDashboard(world).post('/v1/session/second-factor', { ticket, passkey });
    expect(second.body).toMatchObject({ status: 'signed_in', user: { id } });
  });

  it('confirms that it is they', async () => {
    const { id, by, device } = await enrolled();
    await forgetSudo(world, id);
    expect(await by.post('/v1/api-keys', { name: 'x' })).toBeProblem('forbidden', ['session']);
    const confirmed = await by.post('/v1/session/sudo', { passkey: device.get(await request(by)) });
    expect(confirmed.status).toBe(200);
    expect((await after(fromDashboard(world), confirmed).post('/v1/api-keys', { name: 'x' })).status).toBe(
      201,
    );
  });

  it('of somebody else confirms nothing, and is no second factor', async () => {
    const { id, email, by } = await enrolled();
    const other = await enrolled();
    const passkey = other.device.get(await request(by));
    expect(await by.post('/v1/session/sudo', { passkey })).toBeProblem('forbidden', ['passkey']);

    const { ticket } = (await signIn(fromDashboard(world), email)).body as { ticket: string };
    const answer = await fromDashboard(world).post('/v1/session/second-factor', { ticket, passkey });
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_passkey', actor_id: id });
  });

  it('answers one challenge once', async () => {
    const { device } = await enrolled();
    const options = await request();
    const passkey = device.get(options);
    expect((await enter(passkey)).status).toBe(200);
    expect(await enter(passkey)).toBeProblem('unauthorized');
    expect(await enter(device.get(options))).toBeProblem('unauthorized');
  });

  it('answers within five minutes', async () => {
    const { device } = await enrolled();
    const options = await request();
    world.clock.advance(5 * 60_000);
    expect(await enter(device.get(options))).toBeProblem('unauthorized');
  });

  it.each<[string, object]>([
    ['on a page of another site', { origin: 'https://evil.example' }],
    ['made for another site', { rpId: 'evil.example' }],
    ['by a device that has not asked who is there', { isVerified: false }],
    ['with a challenge of its own making', { challenge: 'x'.repeat(43) }],
  ])('is nothing %s', async (_what, quirks) => {
    const { id, device } = await enrolled();
    const answer = await enter(device.get(await request(), quirks));
    expect(answer).toBeProblem('unauthorized');
    expect(answer.headers.getSetCookie()).toEqual([]);
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_passkey', actor_id: id });

    const another = await person(world, 'owner');
    const made = new Authenticator(another.by.url).create(await creation(another.by), quirks);
    const added = await another.by.post('/v1/account/passkeys', { name: 'x', passkey: made });
    expect(added).toBeProblem('invalid_request', ['passkey']);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['nonsense', { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 'x' } }],
    ['another type', { id: 1, rawId: [], response: 'x' }],
  ])('that says %s is nobody’s', async (_what, passkey) => {
    const answer = await enter(passkey);
    expect(answer).toBeProblem('unauthorized');
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_passkey', actor_id: null });
  });

  it('that was copied is found out: its count goes back', async () => {
    const { device } = await enrolled();
    expect((await enter(device.get(await request()))).status).toBe(200);
    expect((await enter(device.get(await request()))).status).toBe(200);
    device.counter = 0;
    expect(await enter(device.get(await request()))).toBeProblem('unauthorized');
  });

  it('of another person’s options is added to nobody', async () => {
    const one = await person(world, 'owner');
    const other = await person(world, 'owner');
    const passkey = new Authenticator(one.by.url).create(await creation(other.by));
    expect(await one.by.post('/v1/account/passkeys', { name: 'x', passkey })).toBeProblem('invalid_request', [
      'passkey',
    ]);
  });

  it('is removed, and then signs nobody in; another’s is not there', async () => {
    const { by, device, added } = await enrolled();
    const stranger = await person(world, 'owner');
    expect(await stranger.by.delete(`/v1/account/passkeys/${added.body.id}`)).toBeProblem('not_found');
    const removed = await by.delete(`/v1/account/passkeys/${added.body.id}`);
    expect(removed.status).toBe(204);
    await expect(removed).toHaveAudited(world, {
      action: 'session.mfa_remove',
      outcome: 'success',
      target_id: added.body.id,
    });
    expect(await enter(device.get(await request()))).toBeProblem('unauthorized');
    expect((await after(fromDashboard(world), removed).get('/v1/account')).body).toMatchObject({
      passkeys: 0,
      recovery_codes_left: 0,
    });
  });

  it('is asked for by no page of another site', async () => {
    const elsewhere = world.anonymous().with({ origin: 'https://evil.example' });
    expect(await elsewhere.post('/v1/session/passkey/options')).toBeProblem('forbidden');
    expect(await world.anonymous().post('/v1/session/passkey/options')).toBeProblem('invalid_request', [
      'Origin',
    ]);
  });
});

describe('where TOOKEN_PUBLIC_URL says what the dashboard is called', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      env: { TOOKEN_PUBLIC_URL: 'https://tooken.example.com', TOOKEN_TRUST_PROXY: '127.0.0.1' },
    });
  });
  afterAll(() => world.close());

  const under = (by: Caller, host: string) =>
    by.with({ 'x-forwarded-host': host, 'x-forwarded-proto': 'https', origin: `https://${host}` });

  it('a passkey is made for that host, whatever proxy is in front, and for none besides', async () => {
    const { by, cookie } = await person(world, 'owner');
    const there = under(by, 'tooken.example.com').with({ cookie: `__Host-${cookie}` });
    const options = (await there.post<Options>('/v1/account/passkeys/options')).body;
    expect(options.rp.id).toBe('tooken.example.com');
    const device = new Authenticator('https://tooken.example.com');
    const added = await there.post('/v1/account/passkeys', {
      name: 'Phone',
      passkey: device.create(options),
    });
    expect(added.status).toBe(201);

    const page = under(world.anonymous(), 'tooken.example.com');
    const request = (await page.post<Options>('/v1/session/passkey/options')).body;
    expect(request.rpId).toBe('tooken.example.com');
    const passkey = device.get(request);
    const elsewhere = under(world.anonymous(), 'other.example.com');
    expect(await elsewhere.post('/v1/session/passkey', { passkey })).toBeProblem('unauthorized');
    expect(await elsewhere.post('/v1/session/passkey/options')).toBeProblem('invalid_request', ['Origin']);
    expect((await page.post('/v1/session/passkey', { passkey })).status).toBe(200);
  });
});
