import { queryOptions } from '@tanstack/react-query';
import { call } from './call.ts';
import { makePasskey } from './passkeys.ts';
import type { Person } from './session.ts';
import type { Page } from './types.ts';

/** One's account, and what protects it besides the password. */
export interface Account extends Person {
  totp: boolean;
  passkeys: number;
  recovery_codes_left: number;
}

export interface Passkey {
  id: string;
  name: string;
  /** Whether the device's maker keeps it too, so that it survives the device. */
  backed_up: boolean;
  created_at: string;
  last_used_at: string | null;
}

/** Shown in one answer only; null when those of before are still good. */
export interface RecoveryCodes {
  recovery_codes: string[] | null;
}

/** For an authenticator app: to be typed, and the same as a URI for a QR code. */
export interface TotpOffer {
  secret: string;
  uri: string;
}

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: () => call<Account>('GET', '/v1/account'),
});

export function offerTotp(): Promise<TotpOffer> {
  return call('POST', '/v1/account/totp');
}

export function confirmTotp(code: string): Promise<RecoveryCodes> {
  return call('POST', '/v1/account/totp/confirm', { code });
}

export function removeTotp(): Promise<null> {
  return call('DELETE', '/v1/account/totp');
}

export function renewRecoveryCodes(): Promise<RecoveryCodes> {
  return call('POST', '/v1/account/recovery-codes');
}

export function listPasskeys(cursor: string | undefined): Promise<Page<Passkey>> {
  const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return call('GET', `/v1/account/passkeys?limit=100${after}`);
}

/** @param name what the person calls the device. */
export async function addPasskey(name: string): Promise<Passkey & RecoveryCodes> {
  return call('POST', '/v1/account/passkeys', { name, passkey: await makePasskey() });
}

export function removePasskey(id: string): Promise<null> {
  return call('DELETE', `/v1/account/passkeys/${id}`);
}
