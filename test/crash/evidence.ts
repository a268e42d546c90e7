import type { Answer, Caller } from '../support/caller.js';
import type { Evidence, ShownEvent, ShownThing, StoredEvent, Thing } from './judge.js';

/** Runs a statement as a role that sees everything. */
export type Query = <Row extends object>(sql: string, parameters: unknown[]) => Promise<Row[]>;

/** Where to look for what a load has left. */
export interface Scene {
  /** With the key of each workspace, the operator's first. */
  callers: readonly Caller[];
  query: Query;
  /** That all its request ids begin with. */
  name: string;
  /** When the first request was sent, RFC 3339. */
  since: string;
  /** API keys that were there before. */
  former: readonly string[];
}

/** What is there now: asked for by the API like any caller, and read from the tables past it. */
export async function evidence(scene: Scene): Promise<Omit<Evidence, 'asked'>> {
  const { callers } = scene;
  const instanceLog = shownEvents(callers[0]!, scene, '&log=instance');
  const logs = [instanceLog, ...callers.map((caller) => shownEvents(caller, scene))];
  return {
    shownEvents: (await Promise.all(logs)).flat(),
    shownThings: (await Promise.all(callers.map((caller) => shownThings(caller, scene.former)))).flat(),
    storedEvents: await storedEvents(scene),
    things: await things(scene),
  };
}

interface EventJson {
  id: string;
  action: string;
  outcome: string;
  target: { id: string | null; name: string | null } | null;
  request: { id: string; status: number } | null;
  changes: ShownEvent['changes'] | null;
  details: { scopes?: string[] } | null;
}

async function shownEvents(by: Caller, { since, name }: Scene, also = ''): Promise<ShownEvent[]> {
  const events = await all<EventJson>(by, `/v1/audit-events?limit=1000&order=asc&from=${since}${also}`);
  return events
    .filter(({ request }) => request?.id.startsWith(name) === true)
    .map(({ id, action, outcome, target, request, changes, details }) => ({
      id,
      requestId: request!.id,
      action,
      outcome,
      status: request!.status,
      targetId: target?.id ?? null,
      targetName: target?.name ?? null,
      changes: changes ?? [],
      scopes: action === 'token.issue' ? (details?.scopes ?? []) : [],
    }));
}

interface ThingJson {
  id: string;
  name: string;
  revoked_at?: string | null;
}

async function shownThings(by: Caller, former: readonly string[]): Promise<ShownThing[]> {
  const [tokens, keys, scopes] = await Promise.all([
    all<ThingJson>(by, '/v1/tokens?limit=100'),
    all<ThingJson>(by, '/v1/api-keys?limit=100'),
    all<{ name: string }>(by, '/v1/scopes?limit=100'),
  ]);
  return [
    ...[...tokens, ...keys]
      .filter(({ id }) => !former.includes(id))
      .map(({ id, name, revoked_at: end }) => ({ id, name, hasEnded: end != null })),
    ...scopes.map(({ name }) => ({ id: name, name, hasEnded: false })),
  ];
}

/** Only columns that are searched by: the rest of an event is the API's to show. */
function storedEvents({ query, name }: Scene): Promise<StoredEvent[]> {
  return query<StoredEvent>(
    `select id, request_id as "requestId", action, outcome, target_id as "targetId"
       from audit_events where starts_with(request_id, $1)`,
    [name],
  );
}

function things({ query, former }: Scene): Promise<Thing[]> {
  const values = (owner: string): string => `
    (select count(*)::int from credential_secrets where owner_id = ${owner}) as "values",
    (select count(*)::int from credential_secrets where owner_id = ${owner} and ended_at is null) as "livingValues"`;
  return query<Thing>(
    `select 'token' as kind, id, name, revoked_at is not null as "hasEnded", ${values('tokens.id')} from tokens
      union all
     select 'api_key', id, name, deleted_at is not null, ${values('api_keys.id')} from api_keys
      where id <> all($1)
      union all
     select 'scope', name, name, false, 0, 0 from scopes`,
    [former],
  );
}

interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/** Every page of a list. */
async function all<Item>(by: Caller, path: string): Promise<Item[]> {
  const found: Item[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: Answer<Page<Item>> = await by.get(path + after);
    if (page.status !== 200) throw new Error(`${path} answered ${page.status}: ${page.text}`);
    found.push(...page.body.data);
    after = page.body.next_cursor === null ? null : `&cursor=${page.body.next_cursor}`;
  }
  return found;
}
