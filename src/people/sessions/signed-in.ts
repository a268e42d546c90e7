import type { UserCredential } from '../../credentials/credential-facts.js';
import type { Principal } from '../../credentials/principal.js';

/** The session behind a caller whom `@Requires('session')` has let in. */
export function sessionOf(caller: Principal): UserCredential {
  if (caller.credential.kind !== 'user') throw new Error('only a person who is signed in gets here');
  return caller.credential;
}
