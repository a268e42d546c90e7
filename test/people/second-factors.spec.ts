import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from 'otpauth';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import {
  account,
  after,
  forgetSudo,
  fromDashboard,
  PASSWORD,
  person,
  session,
  signIn,
} from '../support/people.js';
import { appOf } from '../support/second-factors.js';
import { World } from '../support/world.js';

interface Enrolled {
  id: string;
  email: string;
  by: Caller;
  codes: string[];
  /** What the app shows at the moment of the clock. */
  code: (shift?: number) => string;
}

describe('an authenticator app', () => {
  let world: World;
  const logged: string[] = [];
  beforeAll(async () => {
    const onLog = (line: string): unknown => logged.push(line);
    world = await World.start({ instances: 2, env: { LOG_LEVEL: 'trace' }, onLog });
    world.clock.hold();
  });
  beforeEach(() => {
    world.clock.advance(60_000);
  });
  afterAll(() => world.close());

  async function enrolled(): Promise<Enrolled> {
    const { id, email, by } = await person(world, 'owner');
    const offer = await by.post<{ secret: string; uri: string }>('/v1/account/totp');
    const code = appOf(world, offer.body.secret);
    const confirmed = await by.post<{ recovery_codes: string[] }>('/v1/account/totp/confirm', {
      code: code(),
    });
    expect(confirmed.status).toBe(200);
    world.clock.advance(30_000);
    const current = after(fromDashboard(world), confirmed);
    return { id, email, by: current, codes: confirmed.body.recovery_codes, code };
  }
  const begun = async (email: string, instance = 0): Promise<Answer<{ ticket: string; methods: string[] }>> =>
    (await signIn(fromDashboard(world, instance), email)) as never;
  const finish = (ticket: string, proof: object, instance = 0) =>
    fromDashboard(world, instance).post('/v1/session/second-factor', { ticket, ...proof });

  it('is offered by a URI that apps read, and asked for once its first code was right', async () => {
    const { id, email, by } = await person(world, 'owner');
    const other = await session(world, id);
    const offer = await by.post<{ secret: string; uri: string }>('/v1/account/totp');
    expect(offer.body.uri).toContain(`otpauth://totp/Tooken:${encodeURIComponent(email)}?`);
    expect((await signIn(fromDashboard(world), email)).body.status).toBe('signed_in');

    const code = appOf(world, offer.body.secret);
    const wrong = await by.post('/v1/account/totp/confirm', { code: '000000' });
    expect(wrong).toBeProblem('forbidden', ['code']);
    const confirmed = await by.post<{ recovery_codes: string[] }>('/v1/account/totp/confirm', {
      code: code(),
    });
    expect(confirmed.body.recovery_codes).toHaveLength(10);
    await expect(confirmed).toHaveAudited(world, {
      action: 'session.mfa_enroll',
      outcome: 'success',
      actor_id: id,
    });
    // All sessions end, but this one, which goes on with a new value.
    expect((await by.get('/v1/me')).status).toBe(401);
    expect((await other.by.get('/v1/me')).status).toBe(401);
    const current = after(fromDashboard(world), confirmed);
    expect((await current.get('/v1/account')).body).toMatchObject({ totp: true, recovery_codes_left: 10 });
    expect(await current.post('/v1/account/totp')).toBeProblem('conflict');
    // Sealed, or by its hash: neither as it is typed nor as bytes is any of it in a table or a log.
    const written = [...logged, await everythingStored(world.database)].join('\n');
    const bytes = Buffer.from(Secret.fromBase32(offer.body.secret).bytes).toString('hex');
    for (const secret of [offer.body.secret, bytes, ...confirmed.body.recovery_codes]) {
      expect(written).not.toContain(secret);
    }
  });

  it('is asked for after the password: that alone signs nobody in', async () => {
    const { id, email, code } = await enrolled();
    const first = await begun(email);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      status: 'second_factor_required',
      user: null,
      workspaces: [],
      methods: ['totp', 'recovery_code'],
      ticket: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(first.headers.getSetCookie()).toEqual([]);
    await expect(first).toHaveAudited(world, {
      action: 'session.login',
      outcome: 'denied',
      reason: 'second_factor_required',
      actor_id: id,
    });
    const second = await finish(first.body.ticket, { code: code() }, 1);
    expect(second.body).toMatchObject({ status: 'signed_in', user: { id } });
    await expect(second).toHaveAudited(world, { action: 'session.login', outcome: 'success', actor_id: id });
    const by = after(fromDashboard(world), second);
    expect((await by.get<{ data: object[] }>('/v1/sessions')).body.data[0]).toMatchObject({
      second_factor: true,
    });
    // The ticket is used up.
    world.clock.advance(60_000);
    expect(await finish(first.body.ticket, { code: code() })).toBeProblem('unauthorized');
  });

  it('gives codes that are good once, on all instances, and for a moment', async () => {
    const { id, email, code } = await enrolled();
    const used = code();
    expect((await finish((await begun(email)).body.ticket, { code: used })).status).toBe(200);
    const replayed = await finish((await begun(email)).body.ticket, { code: used }, 1);
    expect(replayed).toBeProblem('unauthorized');
    await expect(replayed).toHaveAudited(world, { outcome: 'denied', reason: 'wrong_code', actor_id: id });
    world.clock.advance(60_000);
    expect((await finish((await begun(email)).body.ticket, { code: code(-90_000) })).status).toBe(401);
    expect((await finish((await begun(email)).body.ticket, { code: code(-30_000) })).status).toBe(200);
    // An app ahead of us is as good; the code of now, which is older, is over with it.
    expect((await finish((await begun(email)).body.ticket, { code: code(60_000) })).status).toBe(401);
    expect((await finish((await begun(email)).body.ticket, { code: code(30_000) })).status).toBe(200);
    expect((await finish((await begun(email)).body.ticket, { code: code() })).status).toBe(401);
  });

  it('gives a code to one of several who use it at the same time', async () => {
    for (const kind of ['code', 'recovery_code']) {
      const { email, code, codes } = await enrolled();
      const proof = { [kind]: kind === 'code' ? code() : codes[0] };
      const tickets: string[] = [];
      for (let i = 0; i < 4; i++) tickets.push((await begun(email)).body.ticket);
      const answers = await Promise.all(tickets.map((ticket, at) => finish(ticket, proof, at % 2)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    }
  });

  it('gives one sign-in for one ticket, whatever is sent with it at the same time', async () => {
    const { email, codes } = await enrolled();
    const { ticket } = (await begun(email)).body;
    const answers = await Promise.all(
      codes.slice(0, 4).map((recovery_code, at) => finish(ticket, { recovery_code }, at % 2)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    const [winner] = answers.filter(({ status }) => status === 200);
    // What lost was not used up.
    expect((await after(fromDashboard(world), winner!).get('/v1/account')).body.recovery_codes_left).toBe(9);
  });

  it('is stood in for by a recovery code, each once, however it is typed', async () => {
    const { id, email, codes } = await enrolled();
    const [first = '', second = ''] = codes;
    const answer = await finish((await begun(email)).body.ticket, { recovery_code: first.toUpperCase() });
    expect(answer.body).toMatchObject({ status: 'signed_in', user: { id } });
    expect((await after(fromDashboard(world), answer).get('/v1/account')).body.recovery_codes_left).toBe(9);
    expect((await finish((await begun(email)).body.ticket, { recovery_code: first })).status).toBe(401);
    const bare = second.replace('-', ' ');
    expect((await finish((await begun(email)).body.ticket, { recovery_code: bare })).status).toBe(200);
  });

  it('of somebody else opens nothing, nor does their recovery code', async () => {
    const { email } = await enrolled();
    const other = await enrolled();
    expect((await finish((await begun(email)).body.ticket, { code: other.code() })).status).toBe(401);
    expect((await finish((await begun(email)).body.ticket, { recovery_code: other.codes[0] })).status).toBe(
      401,
    );
  });

  it('is not guessed: after some wrong codes one has to wait, with whatever ticket and from wherever', async () => {
    const { email, code } = await enrolled();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await finish((await begun(email)).body.ticket, { code: '000000' }, i % 2)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await finish((await begun(email)).body.ticket, { code: code() })).status).toBe(429);
    world.clock.advance(60_000);
    expect((await finish((await begun(email)).body.ticket, { code: code() })).status).toBe(200);
  });

  it('is guessed by others without locking out its person, in a browser they have signed in with before', async () => {
    const { email, code } = await enrolled();
    const own = after(fromDashboard(world), await finish((await begun(email)).body.ticket, { code: code() }));
    for (let i = 0; i < 6; i++) await finish((await begun(email)).body.ticket, { code: '000000' });
    world.clock.advance(30_000);
    const { ticket } = (await begun(email)).body;
    for (let i = 0; i < 3; i++) await finish(ticket, { code: '000000' });
    expect((await finish(ticket, { code: code() })).status).toBe(429);
    expect((await own.post('/v1/session/second-factor', { ticket, code: code() })).status).toBe(200);
  });

  it('is waited for five minutes', async () => {
    const { email, code } = await enrolled();
    const { ticket } = (await begun(email)).body;
    world.clock.advance(5 * 60_000);
    expect(await finish(ticket, { code: code() })).toBeProblem('unauthorized');
    expect(await finish('x'.repeat(43), { code: code() })).toBeProblem('unauthorized');
  });

  it('takes one proof at a time', async () => {
    const { email, codes, code } = await enrolled();
    const { ticket } = (await begun(email)).body;
    expect(await finish(ticket, {})).toBeProblem('invalid_request', ['']);
    expect(await finish(ticket, { code: code(), recovery_code: codes[0] })).toBeProblem('invalid_request', [
      'code',
      'recovery_code',
    ]);
  });

  it('confirms that it is they, as the password does', async () => {
    const { id, by, code } = await enrolled();
    await forgetSudo(world, id);
    expect(await by.delete('/v1/account/totp')).toBeProblem('forbidden', ['session']);
    const confirmed = await by.post('/v1/session/sudo', { code: code() });
    expect(confirmed.status).toBe(200);
    const current = after(fromDashboard(world), confirmed);
    expect(await current.post('/v1/session/sudo', { code: code() })).toBeProblem('forbidden', ['code']);
    expect((await current.delete('/v1/account/totp')).status).toBe(204);
  });

  it('is removed, and with the last factor the recovery codes; then the password is enough again', async () => {
    const { id, email, by } = await enrolled();
    const other = await session(world, id);
    const answer = await by.delete('/v1/account/totp');
    expect(answer.status).toBe(204);
    await expect(answer).toHaveAudited(world, {
      action: 'session.mfa_remove',
      outcome: 'success',
      actor_id: id,
    });
    expect((await other.by.get('/v1/me')).status).toBe(401);
    const current = after(fromDashboard(world), answer);
    expect((await current.get('/v1/account')).body).toMatchObject({ totp: false, recovery_codes_left: 0 });
    expect((await signIn(fromDashboard(world), email)).body.status).toBe('signed_in');
    expect(await current.delete('/v1/account/totp')).toBeProblem('not_found');
  });

  it('is asked for after a password was replaced, and after an invitation was accepted', async () => {
    const { email } = await enrolled();
    const { key } = await world.workspace('Elsewhere');
    const invited = await world.as(key).post('/v1/members/invitations', { email, role: 'admin' });
    const { token } = invited.body as { token: string };
    const accepted = await fromDashboard(world).post('/v1/invitations/accept', { token, password: PASSWORD });
    expect(accepted.body).toMatchObject({ status: 'second_factor_required', user: null });
    expect(accepted.headers.getSetCookie()).toEqual([]);
  });

  it('gets new recovery codes on request, and the old ones are worth nothing', async () => {
    const { email, by, codes } = await enrolled();
    const renewed = await by.post<{ recovery_codes: string[] }>('/v1/account/recovery-codes');
    expect(renewed.body.recovery_codes).toHaveLength(10);
    expect((await finish((await begun(email)).body.ticket, { recovery_code: codes[0] })).status).toBe(401);
    const [fresh] = renewed.body.recovery_codes;
    expect((await finish((await begun(email)).body.ticket, { recovery_code: fresh })).status).toBe(200);
  });

  it('has no recovery codes to renew where there is no second factor', async () => {
    const { id } = await account(world, 'owner');
    const { by } = await session(world, id);
    expect(await by.post('/v1/account/recovery-codes')).toBeProblem('conflict');
  });
});
