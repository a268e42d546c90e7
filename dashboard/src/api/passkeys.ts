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

/** Only where the browser has them: a secure context, and not every browser. */
export function canUsePasskeys(): boolean {
  return window.isSecureContext && browserSupportsWebAuthn();
}

/** Asks the person for a passkey, whichever of theirs it is. */
export async function presentPasskey(): Promise<AuthenticationResponseJSON> {
  const optionsJSON = await call<PublicKeyCredentialRequestOptionsJSON>(
    'POST',
    '/v1/session/passkey/options',
  );
  return startAuthentication({ optionsJSON });
}

/** Makes a new passkey on the person's device. */
export async function makePasskey(): Promise<RegistrationResponseJSON> {
  const optionsJSON = await call<PublicKeyCredentialCreationOptionsJSON>(
    'POST',
    '/v1/account/passkeys/options',
  );
  return startRegistration({ optionsJSON });
}
