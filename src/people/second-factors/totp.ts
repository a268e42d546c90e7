import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;
/** Clocks differ, and people type slowly: the code before and the one after are taken too (RFC 6238 §5.2). */
const WINDOW = 1;

/** 160 bits (RFC 4226 §4), as raw bytes. */
export function newTotpSecret(): Buffer {
  return Buffer.from(new Secret({ size: 20 }).bytes);
}

/** What an authenticator app is told. */
export function totpFor(secret: Buffer, email: string): { secret: string; uri: string } {
  const totp = totpOf(secret, email);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/**
 * The step of time whose code this is, or null; apps show codes in two halves, so blanks are nothing. Pure.
 *
 * @param now Unix milliseconds.
 */
export function totpStep(secret: Buffer, code: string, now: number): number | null {
  const delta = totpOf(secret, '').validate({
    token: code.replace(/\s/g, ''),
    timestamp: now,
    window: WINDOW,
  });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

function totpOf(secret: Buffer, label: string): TOTP {
  const bytes = new Uint8Array(secret);
  return new TOTP({
    issuer: 'Tooken',
    label: label === '' ? 'account' : label,
    secret: new Secret({ buffer: bytes.buffer }),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
  });
}
