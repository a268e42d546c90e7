import type {
  AuthenticationResponseJSON,
  RegistrationResponseJSON,
  WebAuthnCredential,
} from '@simplewebauthn/server';

/** Only once a passkey is used: loading it would make every start a tenth longer. */
export const webAuthn = () => import('@simplewebauthn/server');

/** EdDSA, ES256 and RS256: what devices have. */
export const ALGORITHMS = [-8, -7, -257];

/** At most 1023 bytes (WebAuthn §4), in base64url. */
const CREDENTIAL_ID = /^[\w-]{1,1364}$/;

/** Where a passkey is used: it works for the site it was made for, and no other. */
export interface Site {
  /** As the browser names it. */
  origin: string;
  /** Its host, without the port. */
  host: string;
}

/** A passkey just made by a device. */
export interface MadePasskey {
  challenge: string;
  credential: WebAuthnCredential;
  backedUp: boolean;
}

/** A passkey just used. */
export interface UsedPasskey {
  challenge: string;
  counter: number;
  backedUp: boolean;
}

/**
 * What a device says of a key it has made; null: it cannot be believed. Whether the challenge is one of ours is the
 * caller's to find out. The person must have shown the device that it is they.
 */
export async function readRegistration(response: object, site: Site): Promise<MadePasskey | null> {
  const { verifyRegistrationResponse } = await webAuthn();
  let challenge = '';
  const verified = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: (given) => {
      challenge = given;
      return true;
    },
    expectedOrigin: site.origin,
    expectedRPID: site.host,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => null);
  if (verified?.verified !== true) return null;
  const { credential, credentialBackedUp } = verified.registrationInfo;
  return { challenge, credential, backedUp: credentialBackedUp };
}

/** The same of a key it has signed with. A count that goes back is refused: there are two of that key. */
export async function readAssertion(
  response: object,
  credential: WebAuthnCredential,
  site: Site,
): Promise<UsedPasskey | null> {
  const { verifyAuthenticationResponse } = await webAuthn();
  let challenge = '';
  const verified = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: (given) => {
      challenge = given;
      return true;
    },
    expectedOrigin: site.origin,
    expectedRPID: site.host,
    credential,
    requireUserVerification: true,
  }).catch(() => null);
  if (verified?.verified !== true) return null;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return { challenge, counter: newCounter, backedUp: credentialBackedUp };
}

/** By which credential an answer claims to be; null: it does not say. */
export function credentialIdIn(response: object): string | null {
  const { id } = response as { id?: unknown };
  return typeof id === 'string' && CREDENTIAL_ID.test(id) ? id : null;
}
