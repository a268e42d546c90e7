import { PeopleService } from '../../src/people/accounts/people.service.js';
import type { Browser } from '../../src/people/sessions/browser.js';
import { SessionsService } from '../../src/people/sessions/sessions.service.js';
import { hashPassword } from '../../src/platform/passwords/password-hasher.js';
import type { Answer, Caller } from './caller.js';
import type { World } from './world.js';

export type Role = 'owner' | 'admin' | 'developer' | 'auditor';

/** What everybody here has, unless told. */
export const PASSWORD = 'grey kettle, seven spoons';
const hashed = hashPassword(PASSWORD);

/** A person who is signed in. */
export interface Person {
  id: string;
  email: string;
  /** With the cookie of the session, from the dashboard's own origin. */
  by: Caller;
  /** As `Cookie` has it. */
  cookie: string;
}

let count = 0;

/** An account that belongs to the workspace of this slug; without going through an invitation, which has tests of its own. */
export async function account(
  world: World,
  role: Role,
  { slug = 'default', email = `person-${String((count += 1))}@example.com`, name = 'Ada Lovelace' } = {},
): Promise<{ id: string; email: string }> {
  const people = world.apps[0]!.get(PeopleService, { strict: false });
  const user = await people.create({ email, name, passwordHash: await hashed });
  const [workspace] = await world.database.query<{ id: string }>(
    'select id from workspaces where slug = $1',
    [slug],
  );
  await people.join(user!.id, workspace!.id, role);
  return { id: user!.id, email };
}

/** The same, signed in; and as if they had just confirmed that it is they, unless told. */
export async function person(
  world: World,
  role: Role,
  options: { slug?: string; email?: string; name?: string; sudo?: boolean } = {},
): Promise<Person> {
  const { id, email } = await account(world, role, options);
  return { id, email, ...(await session(world, id, options)) };
}

/** A session more of a person. */
export async function session(
  world: World,
  userId: string,
  { sudo = true } = {},
): Promise<Pick<Person, 'by' | 'cookie'>> {
  let cookie = '';
  const browser = {
    ip: '127.0.0.1',
    userAgent: 'a browser',
    session: null,
    keepSession: (value: string) => (cookie = `tooken_session=${value}`),
  } as unknown as Browser;
  const { id } = await world.apps[0]!.get(SessionsService, { strict: false }).begin(userId, browser, false);
  if (sudo) {
    // Long, since tests move the clock.
    const until = new Date(world.clock.now() + 6 * 24 * 3600 * 1000);
    await world.database.query('update sessions set sudo_until = $1 where id = $2', [until, id]);
  }
  return { by: fromDashboard(world).with({ cookie }), cookie };
}

/** As if the person had last confirmed long ago that it is they. */
export async function forgetSudo(world: World, userId: string): Promise<void> {
  await world.database.query('update sessions set sudo_until = null where user_id = $1', [userId]);
}

/** A page of our own, in which nobody is signed in. */
export function fromDashboard(world: World, instance = 0): Caller {
  const caller = world.anonymous(instance);
  return caller.with({ origin: caller.url });
}

/** The cookies that an answer has set, by name. */
export function cookiesOf({ headers }: Answer): Record<string, string> {
  return Object.fromEntries(
    headers.getSetCookie().map((cookie) => {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Goes on with the cookies that an answer has set. */
export function after(caller: Caller, answer: Answer): Caller {
  const cookies = Object.entries(cookiesOf(answer)).filter(([, value]) => value !== '');
  return caller.with({ cookie: cookies.map(([name, value]) => `${name}=${value}`).join('; ') });
}

/** Signs in with a password, as the dashboard does. */
export function signIn(by: Caller, email: string, password = PASSWORD): Promise<Answer> {
  return by.post('/v1/session', { email, password });
}
