import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PeopleBySystem } from '../../src/founding/people-by-system.service.js';
import { newHandle } from '../../src/platform/ids.js';
import { face } from '../support/face.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { account, person } from '../support/people.js';
import { passkeyRow } from '../support/second-factors.js';
import { World } from '../support/world.js';
import { inBatches } from './batches.js';
import { leastBody, objectJson, OPERATIONS, type Operation } from './operations.js';
import { stored } from './stored.js';
import { thingsOf, withThing } from './things.js';
import { converse, message } from './wire.js';

/** What never existed, and what of another kind does, by the path that leads to it. */
interface Kind {
  never: string;
  mine: string;
  anotherWorkspaces: string;
  otherEnvironments: string;
}

/** Ids that are none, as they stand in the URL. */
const NO_IDS = [
  ...[
    '%00',
    'a%00b',
    '%0a',
    '%0d%0aX-Evil:%201',
    '%20',
    '%7f',
    '%EF%BF%BF',
    '%E2%80%AE',
    '%F0%9F%92%A9',
    'e%CC%81',
  ],
  ...[
    '.',
    '..',
    '%2e',
    '%2e%2e',
    '..%2f..%2fetc%2fpasswd',
    'a%2fb',
    '%5c..%5c',
    ';',
    ';a=b',
    '*',
    '$1',
    '%25',
    '%2500',
  ],
  ...[
    "'",
    '%22',
    "'%20or%201=1--",
    '<script>',
    '%7B%7D',
    '[]',
    ':id',
    '0',
    '-1',
    '1e400',
    'null',
    'undefined',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a:*', 'A:B', 'tokens:read', 'x'.repeat(257)],
  'x'.repeat(8_000),
  ...['evt_', 'key_0', 'token_', 'ws_00000000000000000000000000', 'usr_00000000000000000000000000'],
];

/** What is no path at all: no route is found, and no event is left. */
const NO_PATHS = ['%', '%zz', '%2', '%ff', '%c0%af', '%ed%a0%80', '%F0%9F%92', 'a/', '/', ''];

/** Near the id itself, and not it. */
function misspelled(id: string): string[] {
  return [
    id.toUpperCase(),
    id.charAt(0).toUpperCase() + id.slice(1),
    id.slice(0, -1),
    `${id}0`,
    ...['%00', '%0a', '%20', '.', '%2f', ';', '*', '%E2%80%8B'].flatMap((more) => [id + more, more + id]),
    id.replace(/^(\w+)_./, '$1_8'),
    id.replace('_', '-'),
    encodeURIComponent(encodeURIComponent(`${id}:`)),
  ].filter((each) => each !== id);
}

describe('an id that leads to nothing of the caller’s', () => {
  let world: World;
  let kinds: Record<string, Kind>;
  let ours: Record<string, string>;
  /** Of an owner who is signed in. */
  let cookie: string;
  beforeAll(async () => {
    world = await World.start();
    const now = world.clock.now();
    const owner = await person(world, 'owner');
    ({ cookie } = owner);
    world.clock.hold();
    const mine = await thingsOf(world, owner.by);
    const anotherWorkspace = await world.workspace('Another');
    const another = world.as(anotherWorkspace.key);
    const test = world.as((await world.apiKey({ environment: 'test' })).key);
    const people = world.apps[0]!.get(PeopleBySystem, { strict: false });
    const things = async (by: typeof another, scope: string) => {
      const hook = await quietWebhook(by);
      return {
        ...{ '/v1/webhooks/{id}': hook.id, '/v1/webhooks/{id}/deliveries/{delivery_id}': hook.delivery },
        // People belong to no environment: for the other one these are another's too.
        '/v1/members/{id}': (await account(world, 'auditor', { slug: anotherWorkspace.slug })).id,
        '/v1/members/invitations/{id}': (await people.invite(
          'x@example.com',
          'auditor',
          anotherWorkspace.slug,
        ))!.id,
        '/v1/sessions/{id}': await sessionOf(world, anotherWorkspace.slug),
        '/v1/account/passkeys/{id}': await passkeyRow(
          world,
          (await person(world, 'owner', { slug: anotherWorkspace.slug })).by,
        ),
        '/v1/tokens/{id}': (await world.token({ scopes: [scope] }, by)).id,
        '/v1/api-keys/{id}': (await world.apiKey({}, by)).id,
        '/v1/scopes/{name}': scope,
        '/v1/audit-events/{id}': (await world.events('', by))[0]!.id,
      };
    };
    const [anotherWorkspaces, otherEnvironments] = [
      await things(another, 'another:read'),
      await things(test, 'test:read'),
    ] as Record<string, string>[];
    const never: Record<string, string> = {
      '/v1/members/{id}': newHandle('usr', now),
      '/v1/members/invitations/{id}': newHandle('inv', now),
      '/v1/sessions/{id}': newHandle('ses', now),
      '/v1/account/passkeys/{id}': newHandle('passkey', now),
      '/v1/tokens/{id}': newHandle('token', now),
      '/v1/api-keys/{id}': newHandle('key', now),
      '/v1/scopes/{name}': 'never:read',
      '/v1/audit-events/{id}': newHandle('evt', now),
      '/v1/webhooks/{id}': newHandle('wh', now),
      '/v1/webhooks/{id}/deliveries/{delivery_id}': newHandle('whd', now),
    };
    ours = mine;
    kinds = Object.fromEntries(
      Object.entries(mine).map(([path, id]) => [
        path,
        {
          never: never[path]!,
          mine: id,
          anotherWorkspaces: anotherWorkspaces![path]!,
          otherEnvironments: otherEnvironments![path]!,
        },
      ]),
    );
  });
  afterAll(() => world.close());

  /** The longest path that leads to a thing: of a thing within another one, that is the inner one. */
  const kindOf = ({ path }: Operation) =>
    Object.keys(kinds)
      .filter((each) => `${path}/`.startsWith(`${each}/`))
      .sort((one, other) => other.length - one.length)[0]!;
  const credential = ({ callers }: Operation) =>
    callers === 'people'
      ? [`Cookie: ${cookie}`, 'Origin: http://tooken']
      : [`Authorization: Bearer ${world.rootKey}`];

  /** Everything that leads elsewhere: another's, of another kind, misspelled, none at all. */
  function idsFor(operation: Operation): string[] {
    const kind = kindOf(operation);
    const { mine, anotherWorkspaces, otherEnvironments } = kinds[kind]!;
    const ofOtherKinds = Object.entries(kinds).flatMap(([each, { mine: id }]) => (each === kind ? [] : [id]));
    // API keys of both environments are managed with a live one.
    const foreign = kind.includes('api-keys') ? [anotherWorkspaces] : [anotherWorkspaces, otherEnvironments];
    return [...foreign, ...ofOtherKinds, ...misspelled(mine), ...NO_IDS];
  }

  let asked = 0;
  /** Sends the id as it stands; HTTP clients would tidy it up first. */
  async function ask(operation: Operation, id: string) {
    // Of one length, so that answers are.
    const requestId = `id-${String(++asked).padStart(8, '0')}`;
    const body = operation.body === null ? '' : objectJson(leastBody(operation));
    const [answer] = await converse(
      world.urls[0]!,
      message(
        [
          `${operation.method} ${withThing(operation.path, { ...ours, [kindOf(operation)]: id })} HTTP/1.1`,
          'Host: tooken',
          'Connection: close',
          ...credential(operation),
          `X-Request-Id: ${requestId}`,
          ...(body === ''
            ? []
            : ['Content-Type: application/json', `Content-Length: ${String(body.length)}`]),
        ],
        body,
      ),
    );
    const { status, headers, text } = answer!;
    const events = (await world.eventsOf(requestId)).map(
      ({ outcome, reason }) => `${String(outcome)} ${String(reason)}`,
    );
    return { id, face: face({ status, headers, text, requestId }), events };
  }

  it.each(
    OPERATIONS.filter(({ path }) => path.includes('{')).map(
      (each) => [each.method, each.path, each] as const,
    ),
  )(
    '%s %s answers to all with the same bytes, changes nothing and leaves one event',
    async (_m, _p, operation) => {
      const before = await stored(world.database);
      const never = await ask(operation, kinds[kindOf(operation)]!.never);
      expect(never.face).toMatchObject({ status: 404 });
      expect(never.events).toEqual(['failure not_found']);

      const [ids, noPaths] = [idsFor(operation), NO_PATHS];
      const answers = await inBatches([...ids, ...noPaths], (id) => ask(operation, id));

      expect(answers).toEqual([
        ...ids.map((id) => ({ id, face: never.face, events: ['failure not_found'] })),
        ...noPaths.map((id) => ({ id, face: never.face, events: [] })),
      ]);
      expect(await stored(world.database)).toEqual(before);
    },
  );
});

async function sessionOf(world: World, slug: string): Promise<string> {
  const { by } = await person(world, 'owner', { slug });
  return (await by.get<{ id: string }>('/v1/session')).body.id;
}
