import { hash, verify } from '@node-rs/argon2';
import { Turns } from './turns.js';

/** OWASP's least for argon2id: 19 MiB, two passes, one lane. About 30 ms of one processor. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Two of the four threads that Node has for whatever takes long: while many sign in, the other two open connections to
 * the database, sign and read files. Who would have to wait for seconds is told so at once.
 */
const TURNS = new Turns({ atOnce: 2, waiting: 100 });

/** The hash of a password that nobody has: whoever has no account is checked for as long as whoever has one. */
const NOBODY = hash('nobody has this password', COST);
// Asked for at once, so that the first stranger does not wait for it.
NOBODY.catch(() => undefined);

/**
 * @returns argon2id (RFC 9106) in PHC form, with a salt of its own.
 * @throws Problem `unavailable` when too many wait already.
 */
export function hashPassword(password: string): Promise<string> {
  return TURNS.take(() => hash(plain(password), COST));
}

/**
 * Whether it is the password, in the same time whether there is one to compare with or not.
 *
 * @param hashed null: there is no such account.
 * @throws Problem `unavailable` when too many wait already.
 */
export async function isPassword(password: string, hashed: string | null): Promise<boolean> {
  const nobody = await NOBODY;
  const matches = await TURNS.take(() => verify(hashed ?? nobody, plain(password)));
  return hashed !== null && matches;
}

/** One password has one spelling, on whatever keyboard it is typed (NIST SP 800-63B §3.1.1.2). */
function plain(password: string): string {
  return password.normalize('NFKC');
}
