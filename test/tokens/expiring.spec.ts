import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExpiringTokens } from '../../src/tokens/expiring/expiring-tokens.js';
import { thresholdOf } from '../../src/tokens/expiring/expiry-threshold.js';
import { World } from '../support/world.js';

const DAY = 86_400_000;

describe('a token that expires soon', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  afterAll(() => world.close());

  /** Both instances look, at the same time. */
  const look = async (): Promise<void> => {
    await Promise.all(world.apps.map((app) => app.get(ExpiringTokens).run()));
  };
  const told = async (id: string): Promise<unknown[]> => {
    const events = await world.events(`action=token.expiring&target_id=${id}&order=asc`);
    return events.map(({ details }) => details!.days);
  };

  it('is told of 30, 7 and 1 days before, once each, to the millisecond', async () => {
    const expiresAt = world.clock.now() + 100 * DAY;
    const token = await world.token({ name: 'Acme', expires_at: new Date(expiresAt).toISOString() });
    for (const [before, wanted] of [
      [31 * DAY, []],
      [30 * DAY + 1, []],
      [30 * DAY, [30]],
      [8 * DAY, [30]],
      [7 * DAY, [30, 7]],
      [DAY, [30, 7, 1]],
      [1, [30, 7, 1]],
      [0, [30, 7, 1]],
    ] as const) {
      world.clock.hold(expiresAt - before);
      await look();
      await look();
      expect(await told(token.id)).toEqual(wanted);
    }
    const [event] = await world.events(`action=token.expiring&target_id=${token.id}`);
    expect(event).toMatchObject({
      environment: 'live',
      outcome: 'success',
      actor: { type: 'system' },
      target: { type: 'token', id: token.id, name: 'Acme' },
      request: null,
      details: { days: 1, expires_at: new Date(expiresAt).toISOString() },
    });
  });

  it('is told of once when nobody looked for a while, and not when it was issued for so short a time', async () => {
    const late = await world.token({ expires_in: (60 * DAY) / 1000 });
    const short = await world.token({ expires_in: (59 * DAY) / 1000 });
    const shorter = await world.token({ expires_in: (60 * DAY) / 1000 });
    world.clock.hold(world.clock.now() + 55 * DAY);
    const brief = await world.token({ expires_in: (5 * DAY) / 1000 });
    await world.root.delete(`/v1/tokens/${shorter.id}`);
    await look();
    expect(await told(late.id)).toEqual([7]);
    expect(await told(short.id)).toEqual([7]);
    expect(await told(shorter.id)).toEqual([]);
    expect(await told(brief.id)).toEqual([]);
    world.clock.hold(world.clock.now() + 4 * DAY);
    await look();
    expect(await told(brief.id)).toEqual([1]);
  });

  it('is found among many, page by page, and events are written with the marks or not at all', async () => {
    const { body } = await world.root.get<{ workspace: { id: string } }>('/v1/me');
    const now = world.clock.now();
    await world.database.query(
      `insert into tokens (id, workspace_id, environment, name, scopes, hint, prefix, expires_at, created_at, created_by_type)
       select 'token_' || lpad(n::text, 26, '0'), $1, 'test', 'one of many', '{a:b}', '', 'tkn', $2, $3, 'system'
         from generate_series(1, 1200) as n`,
      [body.workspace.id, new Date(now + 20 * DAY), new Date(now - DAY * 100)],
    );
    await world.database.query('revoke insert on audit_events from tooken_app');
    await expect(look()).rejects.toThrow();
    expect(
      await world.database.query(`select from token_expiry_notices where days = 30 and expires_at > $1`, [
        new Date(now + 19 * DAY),
      ]),
    ).toEqual([]);
    await world.database.query('grant insert on audit_events to tooken_app');
    await look();
    await look();
    const rows = await world.database.query(
      `select target_id from audit_events where action = 'token.expiring' and environment = 'test'`,
    );
    expect(rows).toHaveLength(1200);
  });

  it('is told of anew when a rotation gives it another expiry', () => {
    const since = 0;
    const told = { expiresAt: 100 * DAY, days: 1 };
    expect(thresholdOf({ since, expiresAt: 100 * DAY, told }, 99.5 * DAY)).toBeNull();
    expect(thresholdOf({ since: 99.5 * DAY, expiresAt: 200 * DAY, told }, 180 * DAY)).toBe(30);
    expect(thresholdOf({ since: 99.5 * DAY, expiresAt: 110 * DAY, told }, 100 * DAY)).toBeNull();
    expect(thresholdOf({ since: 99.5 * DAY, expiresAt: 110 * DAY, told }, 103 * DAY)).toBe(7);
  });
});
