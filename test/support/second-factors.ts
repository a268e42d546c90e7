import { Secret, TOTP } from 'otpauth';
import { newHandle } from '../../src/platform/ids.js';
import { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';
import type { World } from './world.js';

/** What an app that was given this secret shows at the moment of the clock, or a little before or after. */
export function appOf(world: World, secret: string): (shift?: number) => string {
  const app = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30, algorithm: 'SHA1' });
  return (shift = 0) => app.generate({ timestamp: world.clock.now() + shift });
}

/** An authenticator app, as if its first code had been right long ago: the caller's session goes on as it is. */
export async function withApp(world: World, by: Caller): Promise<(shift?: number) => string> {
  const { body } = await by.post<{ secret: string }>('/v1/account/totp');
  const { id } = (await by.get<{ id: string }>('/v1/account')).body;
  await world.database.query('update totp_secrets set confirmed_at = $2 where user_id = $1', [
    id,
    new Date(world.clock.now()),
  ]);
  return appOf(world, body.secret);
}

/** A row of a passkey that no device has. */
export async function passkeyRow(world: World, by: Caller): Promise<string> {
  const { id: userId } = (await by.get<{ id: string }>('/v1/account')).body;
  const id = newHandle('passkey', world.clock.now());
  await world.database.query(
    `insert into passkeys (id, user_id, credential_id, public_key, counter, transports, name, backed_up, created_at)
     values ($1, $2, $1, '', 0, '{}', 'a passkey', false, now())`,
    [id, userId],
  );
  return id;
}

/** What a new device answers to the caller's options for making a passkey. */
export async function newPasskey(by: Caller): Promise<{ device: Authenticator; passkey: object }> {
  const { body } = await by.post<never>('/v1/account/passkeys/options');
  const device = new Authenticator(by.url);
  return { device, passkey: device.create(body) };
}

/** What a device answers to a request of this page to use its passkey. */
export async function usedPasskey(by: Caller, device: Authenticator): Promise<object> {
  const { body } = await by.post<never>('/v1/session/passkey/options');
  return device.get(body);
}
