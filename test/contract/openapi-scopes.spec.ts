import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OWN_SCOPES } from '../../src/scopes/own-scopes.js';
import { fromEverywhere } from '../support/addresses.js';
import { World } from '../support/world.js';
import { ASKABLE, GUARDED, named, type Operation } from './openapi-document.js';
import { ask, exampleRequest, NOW } from './openapi-requests.js';

const scopesOf = ({ security }: Operation): string[] => security.flatMap(({ bearer = [] }) => bearer);
const withScope = GUARDED.filter((operation) => scopesOf(operation).length > 0);
const withoutScope = GUARDED.filter((operation) => scopesOf(operation).length === 0);

let world: World;
/** Values of tokens by what they may do. */
const tokens = new Map<string, string>();
beforeAll(async () => {
  world = await World.start({ env: { TOOKEN_TRUST_PROXY: '127.0.0.1', TOOKEN_SIGNUP: 'open' } });
  world.clock.hold(NOW);
  const all = ['tokens:*', 'audit:*', 'scopes:*', 'things:*'];
  for (const scopes of [all, ...OWN_SCOPES.map((scope) => [scope])]) {
    tokens.set(scopes.join(), (await world.token({ scopes })).token);
  }
  for (const scope of OWN_SCOPES) {
    const others = [...OWN_SCOPES.filter((each) => each !== scope), 'things:*'];
    tokens.set(`all but ${scope}`, (await world.token({ scopes: others })).token);
  }
  tokens.set('all', tokens.get(all.join())!);
});
afterAll(() => world.close());

// From everywhere: refusals of one address fold.
const holding = (what: string) => fromEverywhere(world.as(tokens.get(what)!));

describe('an operation that names a scope', () => {
  it.each(named(withScope))('%s lets a token in that has just this scope', async (_name, operation) => {
    const [scope] = scopesOf(operation) as [string];
    const asking = { caller: holding(scope), scopes: [scope] };

    const answer = await ask(asking.caller, operation, await exampleRequest(world, operation, asking));
    expect(answer.status).toBe(operation.success);
  });

  it.each(named(withScope))(
    '%s refuses a token that has every scope but this one',
    async (_name, operation) => {
      const [scope] = scopesOf(operation) as [string];

      const answer = await ask(
        holding(`all but ${scope}`),
        operation,
        await exampleRequest(world, operation),
      );
      expect(answer).toBeProblem(operation.isForm ? 'insufficient_scope' : 'forbidden');
      expect(answer.body.required_scopes).toEqual([scope]);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    },
  );
});

describe('an operation that names none', () => {
  const refusing = withoutScope.filter(({ responses }) => '403' in responses);
  it.each(named(refusing))('%s refuses every token, if its document has a 403', async (_name, operation) => {
    const answer = await ask(holding('all'), operation, await exampleRequest(world, operation));
    expect(answer).toBeProblem(operation.isForm ? 'insufficient_scope' : 'forbidden');
    expect(answer.body.required_scopes).toEqual([]);
  });

  const open = withoutScope.filter(({ responses }) => !('403' in responses));
  it.each(named(open))('%s lets every token in, if it has none', async (_name, operation) => {
    const { token } = await world.token({ scopes: ['things:read'] });
    const answer = await ask(world.as(token), operation, await exampleRequest(world, operation));
    expect(answer.status).toBe(operation.success);
  });
});

describe('HTTP Basic', () => {
  const taking = GUARDED.filter(({ security }) => security.some((each) => 'basic' in each));
  it.each(named(taking))('%s takes the same credential as a password', async (_name, operation) => {
    const schemes = operation.security.flatMap((each) => Object.keys(each));
    expect(schemes.sort()).toEqual(operation.isForm ? ['basic', 'bearer'] : ['basic', 'bearer', 'session']);
    const caller = world.anonymous().with({ authorization: `Basic ${btoa(`default:${world.rootKey}`)}` });
    const answer = await ask(caller, operation, await exampleRequest(world, operation));
    expect(answer.status).toBe(operation.success);
  });
});

describe('an operation without security', () => {
  const open = ASKABLE.filter(({ security }) => security.length === 0);
  it.each(named(open))('%s asks for no credential', async (_name, operation) => {
    const request = await exampleRequest(world, operation);
    const answer = await ask(request.by, operation, request);
    expect(answer.status).toBe(operation.success);
  });
});
