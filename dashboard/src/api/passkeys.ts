import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/browser';
import { call } from './call.ts';

/** Only where the browser has them: a secure context, under a name, and not every browser. */
export function canUsePasskeys(): boolean {
  return window.isSecureContext && !isAtAddress() && browserSupportsWebAuthn();
}

/** A passkey belongs to a name: browsers have none for an address such as 127.0.0.1. */
export function isAtAddress(): boolean {
  return /^[\d.]+$|^\[/.test(location.hostname);
}

/** Asks the person for a passkey, whichever of theirs it is. */
export async function presentPasskey(): Promise<AuthenticationResponseJSON> {
  const optionsJSON = await call<PublicKeyCredentialRequestOptionsJSON>(
    'POST',
    '/v1/session/passkey/options',
  );
  return inWords(startAuthentication({ optionsJSON }), 'No passkey was presented');
}

/** Makes a new passkey on the person's device. */
export async function makePasskey(): Promise<RegistrationResponseJSON> {
  const optionsJSON = await call<PublicKeyCredentialCreationOptionsJSON>(
    'POST',
    '/v1/account/passkeys/options',
  );
  return inWords(startRegistration({ optionsJSON }), 'No passkey was made');
}

/** Of a browser's own that ended without one; its message is for programmers. */
export class PasskeyError extends Error {
  override readonly name = 'PasskeyError';
}

async function inWords<T>(ceremony: Promise<T>, message: string): Promise<T> {
  try {
    return await ceremony;
  } catch (cause) {
    const isKnown = cause instanceof Error && cause.name === 'InvalidStateError';
    throw new PasskeyError(isKnown ? 'This device has a passkey of yours already' : message, { cause });
  }
}
