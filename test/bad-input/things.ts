import type { World } from '../support/world.js';

/** One thing of each kind, by the path that leads to it, so that nothing is refused merely for not being there. */
export async function thingsOf(world: World): Promise<Record<string, string>> {
  const { id: token } = await world.token({ scopes: ['things:read'] });
  const { id: key } = await world.apiKey();
  const [event] = await world.events();
  return {
    '/v1/tokens/{id}': token,
    '/v1/api-keys/{id}': key,
    '/v1/scopes/{name}': 'things:read',
    '/v1/audit-events/{id}': event!.id,
  };
}

/** The path with the thing's id in it; a new kind of thing is to be added above. */
export function withThing(path: string, things: Record<string, string>): string {
  if (!path.includes('{')) return path;
  const kind = Object.keys(things).find((each) => path === each || path.startsWith(`${each}/`));
  if (kind === undefined) throw new Error(`test/bad-input needs a thing for ${path}`);
  return path.replace(/\{\w+\}/, things[kind]!);
}
