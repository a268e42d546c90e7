import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Caller } from '../support/caller.js';
import { modelRuns } from '../support/model-runs.js';
import { World, type Json } from '../support/world.js';
import {
  ADDRESSES,
  RANGES,
  SCOPES,
  scopesOf,
  valid,
  type Ask,
  type Change,
  type Deed,
  type Who,
} from './family-model.js';
import { afterDeeds, type Done, type Possible } from './orders.js';

const MINUTE = 60_000;

const someScopes = fc.subarray(SCOPES, { minLength: 1, maxLength: 4 });
const mostlyIssuing = fc.oneof(
  { weight: 4, arbitrary: someScopes.map((scopes) => [...new Set(['tokens:write', ...scopes])]) },
  { weight: 1, arbitrary: someScopes },
);
const someRanges = fc.option(fc.subarray(RANGES, { minLength: 1, maxLength: 3 }), { freq: 2 });
const mostlyHere = fc.oneof(
  {
    weight: 4,
    arbitrary: someRanges.map((ranges) => ranges && [...new Set(['198.18.0.0/16', ...ranges])]),
  },
  { weight: 1, arbitrary: someRanges },
);
const ask: fc.Arbitrary<Ask> = fc.record({
  scopes: mostlyIssuing,
  allowed_ips: mostlyHere,
  minutes: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 2 }),
  max_uses: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
});
/** The first of a family is generous, that there be something to ask for. */
const first: fc.Arbitrary<Ask> = fc.record({
  scopes: fc.constant(['a:*', 'b:x', 'tokens:*']),
  allowed_ips: fc.constantFrom(null, ['198.0.0.0/8', '10.0.0.0/8']),
  minutes: fc.constantFrom(null, 15, 20),
  max_uses: fc.constantFrom(null, null, 6),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ enabled: fc.boolean() }) },
  fc.record({ scopes: mostlyIssuing }),
  fc.record({ allowed_ips: mostlyHere }),
);
/** Places among the tokens known by then, and among the values of one, counted back from the newest. */
const place = fc.record({
  // Mostly those that have somebody above them.
  of: fc.oneof(fc.constantFrom(1, 2), fc.nat(9)),
  back: fc.constantFrom(0, 0, 0, 1, 2),
  // Its owner; an ancestor so many steps up, which may act on it; or any token, which mostly may not.
  by: fc.oneof(
    { weight: 2, arbitrary: fc.constant('owner' as const) },
    { weight: 3, arbitrary: fc.record({ up: fc.constantFrom(1, 1, 2) }) },
    { weight: 1, arbitrary: fc.record({ any: fc.nat(9) }) },
  ),
});
const deed = fc.record({
  place,
  what: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('verify' as const),
        scope: fc.constantFrom(null, 'a:x', 'b:x'),
        ip: fc.constantFrom(null, ...ADDRESSES, ADDRESSES[0]!),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('issue' as const), ask }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('change' as const), to: change }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('rotate' as const), minutes: fc.constantFrom(0, 1, 3) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const) }) },
  ),
});
/** What is done at once, and how many minutes pass after it. */
const round = fc.record({
  deeds: fc.array(deed, { minLength: 1, maxLength: 4 }),
  pause: fc.constantFrom(0, 0, 1, 2),
});
const history = fc.record({
  // A line of three to begin with: each is issued by the one before.
  line: fc.tuple(first, ask, ask),
  rounds: fc.array(round, { minLength: 4, maxLength: 12 }),
});
type Wish = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** The real tokens: by the number that the model knows them by. */
interface Real {
  ids: Map<number, string>;
  parents: Map<number, number | null>;
  /** Of each, the oldest first. */
  values: Map<number, Map<number, string>>;
}

describe.each([1, 2])(
  'a family of tokens, on %d instance(s), whatever is done to it at once',
  (instances) => {
    let world: World;
    let addresses = 0;
    beforeAll(async () => {
      world = await World.start({ instances, env: { TOOKEN_TRUST_PROXY: '127.0.0.0/8,::1' } });
      world.clock.hold();
    });
    afterAll(() => world.close());

    /** Each caller from an address of its own, so that the refused are no flood. */
    const as = (secret: string): Caller => {
      addresses += 1;
      const ip = `198.18.${String((addresses >> 8) & 255)}.${String(addresses & 255)}`;
      return world.as(secret, addresses % instances).with({ 'x-forwarded-for': ip });
    };
    /** Times as the model knows them are minutes since then. */
    let began = 0;
    const minuteOf = (time: string | null) =>
      time === null ? Infinity : (Date.parse(time) - began) / MINUTE;

    /** Does it for real; the answer in the words of the model. */
    const perform = async ({ ids, parents, values }: Real, each: Deed): Promise<string> => {
      const by = each.by === 'owner' ? as(world.rootKey) : as(values.get(each.by.token)!.get(each.by.value)!);
      const path = 'of' in each ? `/v1/tokens/${ids.get(each.of)!}` : '/v1/tokens';
      switch (each.kind) {
        case 'verify': {
          const token = values.get(each.of)!.get(each.value)!;
          const { status, body } = await by.post<Verified>('/v1/tokens/verify', {
            token,
            ...(each.scope !== null && { scopes: [each.scope] }),
            ...(each.ip !== null && { client_ip: each.ip }),
          });
          if (status !== 200 || body.code !== 'valid') return status === 200 ? body.code : String(status);
          const held = { scopes: scopesOf(body.scopes), end: minuteOf(body.expires_at) };
          return valid(held, body.uses_remaining ?? Infinity);
        }
        case 'issue': {
          const { minutes, ...more } = each.ask;
          const asked = { name: 'one', ...more, ...(minutes !== null && { expires_in: minutes * 60 }) };
          const { status, body } = await by.post<Json & { token: string }>(path, asked);
          if (status === 201) {
            ids.set(each.born, body.id);
            parents.set(each.born, each.by === 'owner' ? null : each.by.token);
            values.set(each.born, new Map([[each.value, body.token]]));
          }
          return String(status);
        }
        case 'change':
          return String((await by.patch(path, each.to)).status);
        case 'rotate': {
          const grace = { grace_period_seconds: each.minutes * 60 };
          const { status, body } = await by.post<Json & { token: string }>(`${path}/rotate`, grace);
          if (status === 200) values.get(each.of)!.set(each.value, body.token);
          return String(status);
        }
        case 'finish':
          return String((await by.post(`${path}/rotate/finish`)).status);
        case 'revoke':
          return String((await by.post(`${path}/revoke`)).status);
      }
    };

    it('answers as if all had been done one after the other, in some order', async () => {
      const answers = new Set<string>();
      await fc.assert(
        fc.asyncProperty(history, async ({ line, rounds }) => {
          const real: Real = { ids: new Map(), parents: new Map(), values: new Map() };
          let numbers = 0;
          let now = 0;
          let possible: Possible[] = [{ family: {}, unanswered: [] }];
          began = world.clock.now();
          const together = async (deeds: readonly Deed[]) => {
            const done = await Promise.all(
              deeds.map(async (each): Promise<Done> => ({ deed: each, answer: await perform(real, each) })),
            );
            for (const each of done) answers.add(`${each.deed.kind} ${each.answer.split(' ')[0]!}`);
            const next = afterDeeds(possible, done, now);
            if (next.length === 0)
              throw new Error(`in no order is this answered so: ${JSON.stringify({ possible, done, now })}`);
            possible = next;
          };
          /** Numbers in the place of places, and for what will come into being. */
          const deedOf = ({ place: at, what }: Wish): Deed => {
            const known = [...real.ids.keys()];
            const pick = (index: number) => known[index % known.length]!;
            const valueOf = (token: number) => {
              const all = [...real.values.get(token)!.keys()];
              return all.at(-1 - (at.back % all.length))!;
            };
            const of = pick(at.of);
            if (what.kind === 'verify') return { ...what, by: 'owner', of, value: valueOf(of) };
            const above = (token: number, up: number): number =>
              up === 0 ? token : above(real.parents.get(token) ?? token, up - 1);
            const token = at.by === 'owner' ? null : 'any' in at.by ? pick(at.by.any) : above(of, at.by.up);
            const by: Who = token === null ? 'owner' : { token, value: valueOf(token) };
            if (what.kind === 'issue') return { ...what, by, born: numbers++, value: numbers++ };
            return what.kind === 'rotate' ? { ...what, by, of, value: numbers++ } : { ...what, by, of };
          };

          while (real.ids.size === 0) {
            const [top] = line;
            await together([{ kind: 'issue', by: 'owner', ask: top, born: numbers++, value: numbers++ }]);
          }
          for (const each of line.slice(1)) {
            const at = { of: 0, back: 0, by: { any: real.ids.size - 1 } } as const;
            await together([deedOf({ place: at, what: { kind: 'issue', ask: each } })]);
          }
          for (const { deeds, pause } of rounds) {
            // A machine with that much to do shows nothing.
            if (possible.some(({ unanswered }) => unanswered.length > 3)) return;
            await together(deeds.map(deedOf));
            now += pause;
            world.clock.advance(pause * MINUTE);
          }
          // Every value there ever was: what was answered at once has come true.
          for (const [of, values] of real.values) {
            for (const value of values.keys()) {
              const asked = { kind: 'verify', by: 'owner', of, value, scope: null } as const;
              await together([{ ...asked, ip: ADDRESSES[0]! }]);
            }
          }
        }),
        { numRuns: modelRuns(15), endOnFailure: true },
      );
      // Neither all refused nor all granted.
      expect([...answers]).toEqual(
        expect.arrayContaining(['verify valid', 'issue 201', 'issue 403', 'change 200', 'rotate 200']),
      );
    }, 1_200_000);
  },
);

interface Verified {
  code: string;
  scopes: string[];
  expires_at: string | null;
  uses_remaining: number | null;
}
