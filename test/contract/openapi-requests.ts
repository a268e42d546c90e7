import { expect } from '@jest/globals';
import { exchanged } from '../oauth/oauth-client.js';
import { SetupService } from '../../src/founding/setup.service.js';
import { PeopleBySystem } from '../../src/founding/people-by-system.service.js';
import { sequenced } from '../audit-log/direct-writes.js';
import { fromEverywhere } from '../support/addresses.js';
import type { Answer, Caller } from '../support/caller.js';
import { account, fromDashboard, person, signIn, type Person } from '../support/people.js';
import { appOf, newPasskey, passkeyRow, usedPasskey, withApp } from '../support/second-factors.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import type { World } from '../support/world.js';
import { faultsOf, OPERATIONS, type Operation } from './openapi-document.js';

/** A request that an operation documents, ready to be sent. */
export interface Request {
  path: string;
  body: unknown;
  /** Who may send it. */
  by: Caller;
}

/** Who asks; what can be given to tokens depends on it. */
export interface Asking {
  caller: Caller;
  /** Null for an API key, which has them all. */
  scopes: string[] | null;
}

/** The clock of the examples: what lies in the future there lies in the future for the test. */
export const NOW = Date.parse('2026-11-21T12:00:00.123Z');

/** Something for the operation to act on, by the beginning of its path. */
const THINGS: Record<string, (world: World, asking: Asking) => Promise<string>> = {
  '/v1/members/{id}': async (world) => (await account(world, 'developer')).id,
  '/v1/members/invitations/{id}': async (world) => (await invitation(world)).id,
  '/v1/account/passkeys/{id}': (world, { caller }) => passkeyRow(world, caller),
  '/v1/sessions/{id}': async (_world, { caller }) => {
    const { body } = await caller.get<{ id: string }>('/v1/session');
    return body.id;
  },
  '/v1/api-keys/{id}': async (world) => (await world.apiKey()).id,
  '/v1/tokens/{id}': async (world, { caller, scopes }) => {
    // A token acts only on tokens that it has issued.
    const mayIssue = scopes?.includes('tokens:write') === true;
    return (await world.token(mayIssue ? { scopes } : {}, mayIssue ? caller : world.root)).id;
  },
  '/v1/scopes/{name}': async (world) => {
    const name = `things:${String((count += 1))}`;
    await world.root.post('/v1/scopes', { name });
    return name;
  },
  '/.well-known/oauth-authorization-server/{workspace}': () =>
    Promise.resolve('ws_01k2qj6m4xf3v9n0e7w8r5t2ya'),
  '/.well-known/oauth-authorization-server/{workspace}/{environment}': () => Promise.resolve('live'),
  '/.well-known/tooken/status-lists/{id}': async (world) => {
    await exchanged(world, (await world.token()).token);
    const [list] = await world.database.query<{ id: string }>('select id from oauth_status_lists');
    return list!.id;
  },
  '/v1/audit-events/{id}': async (world) => (await world.events('limit=1'))[0]!.id,
  '/v1/webhooks/{id}': async (world) => (await oneQuietWebhook(world)).id,
  '/v1/webhooks/{id}/deliveries/{delivery_id}': async (world) => (await oneQuietWebhook(world)).delivery,
};
let count = 0;

const NO_POLICIES = `
  update workspaces set strict_scopes = false, max_token_ttl = null, require_expiry = false, default_prefix = null,
         reuse_policy = 'alert', inactive_after_days = null, allowed_management_ips = null
   where slug = 'default'`;

/** There are not to be many. */
async function oneQuietWebhook({ root }: World): Promise<{ id: string; delivery: string }> {
  const { body } = await root.get<{ data: { id: string }[] }>('/v1/webhooks?limit=1');
  const [known] = body.data;
  if (known === undefined) return quietWebhook(root);
  await root.patch(`/v1/webhooks/${known.id}`, { enabled: false });
  const test = await root.post<{ id: string }>(`/v1/webhooks/${known.id}/test`);
  return { id: known.id, delivery: test.body.id };
}

/** An address that nobody has had yet. */
export const anotherEmail = (): string => `guest-${String((count += 1))}@example.com`;

/** An open invitation to the workspace `default`. */
export async function invitation(
  world: World,
  email = anotherEmail(),
): Promise<{ id: string; token: string }> {
  return (await world.apps[0]!.get(PeopleBySystem, { strict: false }).invite(email, 'developer', 'default'))!;
}

/** A link for the first owner; so there must be nobody. */
export async function setupToken(world: World): Promise<string | null> {
  await world.database.query('truncate users cascade');
  return world.apps[0]!.get(SetupService, { strict: false }).link();
}

/** What must be so before the operation can succeed. */
const BEFORE: Partial<
  Record<string, (world: World, body: Record<string, unknown>, by: Caller) => Promise<unknown>>
> = {
  'POST /v1/session/sudo': (_world, body) => Promise.resolve(keepOnly(body, 'password')),
  'POST /v1/session/second-factor': async (world, body) => {
    const { email, by } = await owner(world);
    const code = await withApp(world, by);
    const { body: begun } = await signIn(fromEverywhere(fromDashboard(world)), email);
    Object.assign(keepOnly(body, 'ticket', 'code'), { ticket: begun.ticket, code: code() });
  },
  'POST /v1/session/passkey': async (world, body) => {
    const { by } = await owner(world);
    const { device, passkey } = await newPasskey(by);
    await by.post('/v1/account/passkeys', { name: 'a device', passkey });
    body.passkey = await usedPasskey(fromDashboard(world), device);
  },
  'POST /v1/account/totp/confirm': async (world, body, by) => {
    const { body: offer } = await by.post<{ secret: string }>('/v1/account/totp');
    body.code = appOf(world, offer.secret)();
  },
  'DELETE /v1/account/totp': (world, _body, by) => withApp(world, by),
  'POST /v1/account/recovery-codes': (world, _body, by) => withApp(world, by),
  'POST /v1/account/passkeys': async (_world, body, by) => {
    body.passkey = (await newPasskey(by)).passkey;
  },
  'POST /oauth/introspect': withToken,
  'POST /oauth/revoke': withToken,
  'POST /oauth/token': async (world, body) => {
    const { token } = await world.token({ scopes: ['invoices:read'] });
    Object.assign(body, { subject_token: token });
    for (const name of ['client_id', 'client_secret', 'actor_token']) Reflect.deleteProperty(body, name);
  },
  'POST /v1/session': async (world, body) => {
    body.email = (await account(world, 'developer')).email;
  },
  'POST /v1/setup': async (world, body) => {
    body.token = await setupToken(world);
  },
  'POST /v1/signup': (_world, body) => Promise.resolve((body.email = anotherEmail())),
  'POST /v1/account/password/reset': async (world, body) => {
    const { email } = await account(world, 'developer');
    body.token = await world.apps[0]!.get(PeopleBySystem, { strict: false }).resetLink(email);
  },
  'POST /v1/members/invitations': (_world, body) => Promise.resolve((body.email = anotherEmail())),
  'POST /v1/invitations/read': async (world, body) => {
    body.token = (await invitation(world)).token;
  },
  'POST /v1/invitations/accept': async (world, body) => {
    const { slug } = await world.workspace('Elsewhere');
    const { email } = await account(world, 'developer', { slug });
    body.token = (await invitation(world, email)).token;
  },
  // Of a log that has something.
  'GET /v1/audit-log/consistency': (world) => sequenced(world),
  'POST /v1/scopes': (world, { name }) => world.root.delete(`/v1/scopes/${String(name)}`),
};

/** The documented request of an operation, with whatever it acts on made for it. */
export async function exampleRequest(
  world: World,
  { method, path, body, security }: Operation,
  asked: Asking = { caller: world.root, scopes: null },
): Promise<Request> {
  // The documented change of the workspace gives it policies that other documented requests do not meet; by the
  // database, since they may be in the way of a caller.
  await world.database.query(NO_POLICIES);
  const caller = asked.scopes === null ? await callerOf(world, path, security) : asked.caller;
  const asking = { ...asked, caller };
  const filled = await withThings(path, world, asking);
  const example = structuredClone(body?.example) as Record<string, unknown> | undefined;
  if (example !== undefined) {
    // Nobody gives what they do not have.
    if (asking.scopes !== null && path.startsWith('/v1/tokens') && 'scopes' in example) {
      example.scopes = asking.scopes;
    }
  }
  await BEFORE[`${method} ${path}`]?.(world, example ?? {}, caller);
  return { path: filled, body: example, by: asking.caller };
}

/** Of several proofs one is enough, and more are too many. */
function keepOnly(body: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  for (const name of Object.keys(body)) if (!names.includes(name)) Reflect.deleteProperty(body, name);
  return body;
}

/** Whom an operation is for: people who are signed in, owners of the workspace, or anybody. */
async function callerOf(world: World, path: string, security: Operation['security']): Promise<Caller> {
  if (path.startsWith('/oauth/')) return world.root;
  if (security.length === 0) return fromEverywhere(fromDashboard(world));
  const isForPeople = security.every((scheme) => 'session' in scheme) || path.startsWith('/v1/members');
  return isForPeople ? (await owner(world)).by : world.root;
}

/** A new one each time: what they do may be the end of their session. */
export function owner(world: World): Promise<Person> {
  return person(world, 'owner');
}

/** The path with something in each of its places. */
async function withThings(path: string, world: World, asking: Asking): Promise<string> {
  let filled = path;
  for (const { 0: place, index } of path.matchAll(/\{\w+\}/g)) {
    const prefix = path.slice(0, index + place.length);
    const make = THINGS[prefix];
    if (make === undefined) {
      throw new Error(`Tell test/contract/openapi-requests.ts how to make something for ${prefix}`);
    }
    filled = filled.replace(place, encodeURIComponent(await make(world, asking)));
  }
  return filled;
}

/** The documented form with a token that exists. */
async function withToken(world: World, body: Record<string, unknown>): Promise<void> {
  Object.assign(body, { token: (await world.token()).token });
}

/** Sends a request and holds its answer against the document. */
export async function ask(
  caller: Caller,
  operation: Operation,
  { path, body }: Pick<Request, 'path' | 'body'>,
): Promise<Answer> {
  const asking = caller.sends('content-type') ? caller : caller.with({ 'content-type': FORM });
  const answer = operation.isForm
    ? await asking.send(operation.method, path, asForm(body))
    : await caller.send(operation.method, path, body);
  expect({ answer: answer.text, faults: faultsOfAnswer(operation, answer) }).toEqual({
    answer: answer.text,
    faults: [],
  });
  return answer;
}

const FORM = 'application/x-www-form-urlencoded';

/** A text is sent as it is. */
function asForm(body: unknown): unknown {
  if (typeof body === 'string' || body === undefined) return body;
  const pairs = Object.entries(body as object).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  return new URLSearchParams(pairs).toString();
}

export function operation(method: string, path: string): Operation {
  const found = OPERATIONS.find((each) => each.method === method && each.path === path);
  if (found === undefined) throw new Error(`The document has no ${method} ${path}`);
  return found;
}

/** Everything in which an answer differs from what the document says of it. */
function faultsOfAnswer({ responses }: Operation, answer: Answer<unknown>): string[] {
  const documented = responses[String(answer.status)];
  if (documented === undefined) return [`the status ${String(answer.status)} is not documented`];
  return [...faultsOfHeaders(documented.headers, answer), ...faultsOfBody(documented.content, answer)];
}

const OURS = ['x-request-id', 'cache-control', 'www-authenticate', 'retry-after', 'allow', 'location'];

function faultsOfHeaders(
  documented: Operation['responses'][string]['headers'],
  { headers }: Answer<unknown>,
): string[] {
  const names = Object.keys(documented).map((name) => name.toLowerCase());
  const undocumented = OURS.filter((name) => headers.has(name) && !names.includes(name));
  return [
    ...undocumented.map((name) => `the header ${name} is not documented`),
    ...Object.entries(documented).flatMap(([name, { schema }]) => {
      const value = headers.get(name);
      if (value === null) return [`the header ${name} is missing`];
      return faultsOf(schema, schema.type === 'integer' ? Number(value) : value);
    }),
  ];
}

function faultsOfBody(
  documented: Operation['responses'][string]['content'],
  { headers, body, text }: Answer<unknown>,
): string[] {
  if (Object.keys(documented).length === 0) return text === '' ? [] : ['a body is not documented'];
  const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
  const media = documented[type];
  return media === undefined ? [`the media type ${type} is not documented`] : faultsOf(media.schema, body);
}
