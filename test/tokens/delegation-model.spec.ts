import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { modelRuns } from '../support/model-runs.js';
import { World, type Json } from '../support/world.js';

const MINUTE = 60_000;
const HERE = '127.0.0.1';

/** Every scope that matters here, one of them (`a:z`) only ever held by way of a pattern; and who matches what. */
const MATCHES: Record<string, string[]> = {
  'a:x': ['a:x'],
  'a:y': ['a:y'],
  'a:*': ['a:x', 'a:y', 'a:z'],
  'b:x': ['b:x'],
  'tokens:write': ['tokens:write'],
  'tokens:*': ['tokens:write', 'tokens:read'],
};
/** The same for addresses; `192.0.2.1` lies in none of the ranges. */
const CONTAINS: Record<string, string[]> = {
  '127.0.0.1/32': [HERE],
  '127.0.0.0/8': [HERE, '127.9.9.9'],
  '10.1.0.0/16': ['10.1.2.3'],
  '10.0.0.0/8': ['10.1.2.3', '10.9.9.9'],
};
const ADDRESSES = [HERE, '127.9.9.9', '10.1.2.3', '10.9.9.9', '192.0.2.1'];

/** A token in the model: what it was given itself, as plain sets. */
interface Model {
  parent: Model | null;
  scopes: Set<string>;
  addresses: Set<string>;
  end: number;
  enabled: boolean;
  revoked: boolean;
  id: string;
  value: string;
}

/** What is asked for a new token; null leaves it out. */
interface Ask {
  scopes: string[];
  allowed_ips: string[] | null;
  minutes: number | null;
}
interface Change {
  scopes?: string[];
  allowed_ips?: string[] | null;
  enabled?: boolean;
}

const union = (table: Record<string, string[]>, names: readonly string[]) =>
  new Set(names.flatMap((name) => table[name] ?? []));
const both = (one: Set<string>, other: Set<string>) => new Set([...one].filter((each) => other.has(each)));
const within = (inner: Set<string>, outer: Set<string>) => [...inner].every((each) => outer.has(each));
const chainOf = (token: Model): Model[] =>
  token.parent === null ? [token] : [token, ...chainOf(token.parent)];
const effective = (token: Model) => ({
  scopes: chainOf(token)
    .map(({ scopes }) => scopes)
    .reduce(both),
  addresses: chainOf(token)
    .map(({ addresses }) => addresses)
    .reduce(both),
  end: Math.min(...chainOf(token).map(({ end }) => end)),
});
const stateOf = (token: Model, now: number): string => {
  const chain = chainOf(token);
  if (chain.some(({ revoked }) => revoked)) return 'revoked';
  if (chain.some(({ enabled }) => !enabled)) return 'disabled';
  return effective(token).end <= now ? 'expired' : 'valid';
};

const someScopes = fc.subarray(Object.keys(MATCHES), { minLength: 1, maxLength: 4 });
const mostlyIssuing = fc.oneof(
  { weight: 4, arbitrary: someScopes.map((scopes) => [...new Set(['tokens:write', ...scopes])]) },
  { weight: 1, arbitrary: someScopes },
);
const someRanges = fc.option(fc.subarray(Object.keys(CONTAINS), { minLength: 1, maxLength: 3 }), { freq: 1 });
const mostlyHere = fc.oneof(
  {
    weight: 4,
    arbitrary: someRanges.map((ranges) =>
      ranges === null ? null : [...new Set(['127.0.0.1/32', ...ranges])],
    ),
  },
  { weight: 1, arbitrary: someRanges },
);
const body: fc.Arbitrary<Ask> = fc.record({
  scopes: mostlyIssuing,
  allowed_ips: mostlyHere,
  minutes: fc.option(fc.integer({ min: 1, max: 25 }), { freq: 1 }),
});
/** The first of a tree is generous, that there be something to ask for. */
const first: fc.Arbitrary<Ask> = fc.record({
  scopes: fc.constant<string[]>(['a:*', 'b:x', 'tokens:*']),
  allowed_ips: fc.constantFrom<string[] | null>(null, ['127.0.0.0/8', '10.0.0.0/8']),
  minutes: fc.constantFrom(null, 20),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ scopes: mostlyIssuing }),
  fc.record({ allowed_ips: mostlyHere }),
  fc.record({ enabled: fc.boolean() }),
);
/** What happens: `who` is a token of the tree, by its place. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('issue' as const), who: fc.nat(9), body }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), who: fc.nat(9), change }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('grant' as const), who: fc.nat(9), to: fc.nat(9), change }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), who: fc.nat(9) }) },
);

describe('a tree of tokens', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    world.clock.hold();
  });
  afterAll(() => world.close());

  /** Whether the token may act for itself: issue, and change its descendants. */
  const mayAct = (token: Model) =>
    stateOf(token, world.clock.now()) === 'valid' &&
    effective(token).addresses.has(HERE) &&
    effective(token).scopes.has('tokens:write');

  const issue = async (tree: Model[], parent: Model | null, { scopes, allowed_ips, minutes }: Ask) => {
    const bounds = parent === null ? null : effective(parent);
    const end = minutes === null ? (bounds?.end ?? Infinity) : world.clock.now() + minutes * MINUTE;
    const wanted = {
      scopes: union(MATCHES, scopes),
      addresses:
        allowed_ips === null ? (bounds?.addresses ?? new Set(ADDRESSES)) : union(CONTAINS, allowed_ips),
      end,
    };
    const allowed =
      parent === null ||
      (mayAct(parent) &&
        within(wanted.scopes, bounds!.scopes) &&
        within(wanted.addresses, bounds!.addresses) &&
        end <= bounds!.end);
    const by = parent === null ? world.root : world.as(parent.value);
    const answer = await by.post<Json & { token: string }>('/v1/tokens', {
      name: 'node',
      scopes,
      ...(allowed_ips !== null && { allowed_ips }),
      ...(minutes !== null && { expires_in: minutes * 60 }),
    });
    expect([201, 401, 403]).toContain(answer.status);
    expect(answer.status === 201).toBe(allowed);
    const { id, token: value } = answer.body;
    if (allowed) tree.push({ parent, ...wanted, enabled: true, revoked: false, id, value });
  };

  const apply = (token: Model, { scopes, allowed_ips, enabled }: Change) => {
    if (scopes !== undefined) token.scopes = union(MATCHES, scopes);
    if (allowed_ips === null) token.addresses = new Set(ADDRESSES);
    else if (allowed_ips !== undefined) token.addresses = union(CONTAINS, allowed_ips);
    if (enabled !== undefined) token.enabled = enabled;
  };

  /** The owner may change anything but what is revoked. */
  const changeByOwner = async (token: Model, to: Change) => {
    const { status } = await world.root.patch(`/v1/tokens/${token.id}`, to);
    const allowed = !token.revoked;
    expect(status).toBe(allowed ? 200 : 409);
    if (allowed) apply(token, to);
  };

  /** A token may change its descendants, and only to what it has itself. */
  const changeByToken = async (token: Model, target: Model, to: Change) => {
    const bounds = effective(token);
    const asked: Model = { ...target };
    apply(asked, to);
    const allowed =
      mayAct(token) &&
      chainOf(target).slice(1).includes(token) &&
      !target.revoked &&
      (to.scopes === undefined || within(asked.scopes, bounds.scopes)) &&
      (to.allowed_ips === undefined || within(asked.addresses, bounds.addresses));
    const { status } = await world.as(token.value).patch(`/v1/tokens/${target.id}`, to);
    expect([200, 401, 403, 409]).toContain(status);
    expect(status === 200).toBe(allowed);
    if (allowed) apply(target, to);
  };

  const revoke = async (tree: Model[], token: Model) => {
    expect((await world.root.delete(`/v1/tokens/${token.id}`)).status).toBe(204);
    for (const each of tree) if (chainOf(each).includes(token)) each.revoked = true;
  };

  /** Every token, from every address: valid exactly if its whole chain is, and for exactly what its whole chain has. */
  const expectAllAsModelled = async (tree: Model[]) => {
    const cases = tree.flatMap((token) => ADDRESSES.map((client_ip) => ({ token, client_ip })));
    const items = cases.map(({ token, client_ip }) => ({ token: token.value, client_ip }));
    const { body: answer } = await world.root.post<{
      results: { code: string; scopes: string[]; expires_at: string | null }[];
    }>('/v1/tokens/verify-batch', { items });
    for (const [index, { token, client_ip }] of cases.entries()) {
      const { code, scopes, expires_at } = answer.results[index]!;
      const { scopes: held, addresses, end } = effective(token);
      const state = stateOf(token, world.clock.now());
      expect(code).toBe(state === 'valid' && !addresses.has(client_ip) ? 'ip_not_allowed' : state);
      expect(union(MATCHES, scopes)).toEqual(held);
      expect(expires_at === null ? Infinity : Date.parse(expires_at)).toBe(end);
    }
  };

  it('grants and verifies, whatever is asked and changed, exactly what every ancestor has', async () => {
    const granted = { issued: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(first, fc.array(step, { minLength: 4, maxLength: 14 }), async (root, steps) => {
        const tree: Model[] = [];
        await issue(tree, null, root);
        for (const each of steps) {
          // Time passes too: some expire on the way.
          world.clock.advance(MINUTE);
          const who = tree[each.who % tree.length]!;
          const size = tree.length;
          if (each.kind === 'issue') await issue(tree, who, each.body);
          else if (each.kind === 'change') await changeByOwner(who, each.change);
          else if (each.kind === 'grant') await changeByToken(who, tree[each.to % size]!, each.change);
          else await revoke(tree, who);
          if (each.kind === 'issue') granted[tree.length > size ? 'issued' : 'refused']++;
        }
        await expectAllAsModelled(tree);
      }),
      { numRuns: modelRuns(40) },
    );
    // The asks are neither all too bold nor all too shy.
    expect(granted.issued).toBeGreaterThan(20);
    expect(granted.refused).toBeGreaterThan(20);
  }, 1_200_000);
});
