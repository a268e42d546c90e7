import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { modelRuns } from '../support/model-runs.js';
import { World, type Json } from '../support/world.js';

interface Rate {
  limit: number;
  window_seconds: number;
}

/** A token in the model: when it, or a descendant of it, was found valid. */
interface Model {
  parent: Model | null;
  max: number | null;
  rate: Rate | null;
  uses: number;
  /** The newest window of its rate limit: its beginning, and the uses in it. */
  window: { from: number; uses: number } | null;
  id: string;
  value: string;
}

const rate = fc.record({ limit: fc.integer({ min: 1, max: 3 }), window_seconds: fc.constantFrom(2, 5, 30) });
const limits = fc.record({
  max_uses: fc.option(fc.integer({ min: 1, max: 6 })),
  rate_limit: fc.option(rate),
});
const who = fc.nat(5);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('issue' as const), who, limits }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('verify' as const), who, valid: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      items: fc.array(who, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const), who, rate: fc.option(rate) }) },
);

const chainOf = (token: Model): Model[] =>
  token.parent === null ? [token] : [token, ...chainOf(token.parent)];
const usedInWindow = ({ rate: limit, window }: Model, now: number): number =>
  limit !== null && window !== null && now < window.from + limit.window_seconds * 1000 ? window.uses : 0;

/** What a verification that nothing else refuses must say; counts it if it is valid. */
function use(token: Model, now: number): string {
  const chain = chainOf(token);
  if (chain.some(({ max, uses }) => max !== null && uses >= max)) return 'exhausted';
  if (chain.some((each) => each.rate !== null && usedInWindow(each, now) >= each.rate.limit))
    return 'rate_limited';
  for (const each of chain) {
    // What has no limit at all is not counted: a limit that is set later begins with nothing.
    if (each.max === null && each.rate === null) continue;
    each.uses += 1;
    const before = usedInWindow(each, now);
    if (each.rate !== null) each.window = { from: before > 0 ? each.window!.from : now, uses: before + 1 };
  }
  return 'valid';
}

/** The fewest uses left in the chain. */
function left(token: Model): number | null {
  const each = chainOf(token).flatMap(({ max, uses }) => (max === null ? [] : [Math.max(0, max - uses)]));
  return each.length === 0 ? null : Math.min(...each);
}

describe('whatever is issued, used and changed, and however time passes', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 2 });
    world.clock.hold();
  });
  afterAll(() => world.close());

  const issue = async (
    parent: Model | null,
    { max_uses, rate_limit }: { max_uses: number | null; rate_limit: Rate | null },
  ) => {
    // Under the parent's name without being it: so that a parent may be exhausted and still get children.
    const { id, token: value } = await world.token({ scopes: ['a:b'], max_uses, rate_limit });
    if (parent !== null) {
      await world.database.query('update tokens set parent_id = $1, lineage = $2 where id = $3', [
        parent.id,
        chainOf(parent).map((each) => each.id),
        id,
      ]);
    }
    return { parent, max: max_uses, rate: rate_limit, uses: 0, window: null, id, value };
  };

  it('each answer is the one a plain count gives', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { minLength: 8, maxLength: 24 }), async (first, steps) => {
        const family: Model[] = [await issue(null, first)];
        const see = (code: string) => seen.set(code, (seen.get(code) ?? 0) + 1);
        for (const [n, each] of steps.entries()) {
          const by = world.as(world.rootKey, n % 2);
          const now = world.clock.now();
          if (each.kind === 'wait') {
            world.clock.advance(each.ms);
          } else if (each.kind === 'batch') {
            const tokens = each.items.map((at) => family[at % family.length]!);
            const { body } = await by.post<{ results: Json[] }>('/v1/tokens/verify-batch', {
              items: tokens.map(({ value }) => ({ token: value })),
            });
            const codes = tokens.map((token) => use(token, now));
            expect(body.results.map(({ code }) => code)).toEqual(codes);
            codes.forEach(see);
          } else {
            const token = family[each.who % family.length]!;
            if (each.kind === 'issue') {
              if (family.length < 6) family.push(await issue(token, each.limits));
            } else if (each.kind === 'change') {
              await by.patch(`/v1/tokens/${token.id}`, { rate_limit: each.rate });
              token.rate = each.rate;
            } else if (each.valid) {
              const code = use(token, now);
              const answer = await world.verify(token.value, {}, by);
              expect(answer).toMatchObject({ code, uses_remaining: left(token) });
              see(code);
            } else {
              const ask = { scopes: ['c:d'] };
              expect((await world.verify(token.value, ask, by)).code).toBe('insufficient_scope');
            }
          }
        }
      }),
      { numRuns: modelRuns(20) },
    );
    // All of it was met.
    expect([...seen.keys()].sort()).toEqual(['exhausted', 'rate_limited', 'valid']);
  }, 600_000);
});
