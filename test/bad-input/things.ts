import { PeopleBySystem } from '../../src/founding/people-by-system.service.js';
import type { Caller } from '../support/caller.js';
import { account } from '../support/people.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { passkeyRow } from '../support/second-factors.js';
import type { World } from '../support/world.js';

/**
 * One thing of each kind, by the path that leads to it, so that nothing is refused merely for not being there.
 *
 * @param signedIn whose session is one of them.
 */
export async function thingsOf(world: World, signedIn: Caller): Promise<Record<string, string>> {
  const { id: token } = await world.token({ scopes: ['things:read'] });
  const { id: key } = await world.apiKey();
  const [event] = await world.events();
  const hook = await quietWebhook(world.root);
  const { body: session } = await signedIn.get<{ id: string }>('/v1/session');
  const people = world.apps[0]!.get(PeopleBySystem, { strict: false });
  const invitation = await people.invite('guest@example.com', 'auditor', 'default');
  return {
    '/v1/members/{id}': (await account(world, 'developer')).id,
    '/v1/members/invitations/{id}': invitation!.id,
    '/v1/sessions/{id}': session.id,
    '/v1/account/passkeys/{id}': await passkeyRow(world, signedIn),
    '/v1/tokens/{id}': token,
    '/v1/api-keys/{id}': key,
    '/v1/scopes/{name}': 'things:read',
    '/v1/audit-events/{id}': event!.id,
    '/v1/webhooks/{id}': hook.id,
    '/v1/webhooks/{id}/deliveries/{delivery_id}': hook.delivery,
  };
}

/** The path with the things' ids in it; a new kind of thing is to be added above. */
export function withThing(path: string, things: Record<string, string>): string {
  return path.replace(/\{\w+\}/g, (name, at: number) => {
    const kind = path.slice(0, at + name.length);
    if (things[kind] === undefined) throw new Error(`test/bad-input needs a thing for ${path}`);
    return things[kind];
  });
}
