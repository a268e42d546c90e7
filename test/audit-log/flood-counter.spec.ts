import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FloodCounter, MINUTE_MS, SINGLE_REFUSALS } from '../../src/audit-log/floods/flood-counter.js';
import { GAP_MS, LONGEST_MS, Pace } from '../../src/audit-log/floods/pace.js';

/** How many there are in what happens at random. */
const ORIGINS = 5;
const ROOMY = { origins: 1_000, folds: 1_000 };

/** A counter whose folds say of what kind they are, and a clock that is moved by hand. */
function counting(room = ROOMY) {
  const counter = new FloodCounter<string>(room);
  let at = 1_000_000_000;
  return {
    counter,
    pass: (ms: number) => (at += ms),
    now: () => at,
    refuse: (origin: string, kind = 'kind') => counter.refuse(origin, kind, at, () => `${origin} ${kind}`),
    end: () => {
      counter.end(at);
      return [...counter.ended].map(({ first, count }) => [first, count]);
    },
  };
}

const times = (count: number, work: () => unknown) => Array.from({ length: count }, work);

describe('the counter of floods', () => {
  it('lets twenty refusals of an origin pass, and counts the rest of the minute', () => {
    const { refuse, pass, end } = counting();
    expect(times(SINGLE_REFUSALS, () => refuse('a'))).toEqual(times(SINGLE_REFUSALS, () => null));
    expect(refuse('a')).toMatchObject({ retryAfterMs: MINUTE_MS, isCounted: true });
    pass(MINUTE_MS - 1);
    expect(refuse('a')).toMatchObject({ retryAfterMs: 1, isCounted: true });
    expect(end()).toEqual([]);
    pass(1);
    expect(end()).toEqual([['a kind', 2]]);
  });

  it('begins anew with the first refusal after the minute, also when nobody has looked', () => {
    const { counter, refuse, pass } = counting();
    times(SINGLE_REFUSALS + 3, () => refuse('a'));
    pass(MINUTE_MS);
    expect(times(SINGLE_REFUSALS, () => refuse('a'))).toEqual(times(SINGLE_REFUSALS, () => null));
    expect([...counter.ended].map(({ count }) => count)).toEqual([3]);
    expect(refuse('a')).toMatchObject({ isCounted: true });
  });

  it('counts all kinds of an origin together, and keeps them apart', () => {
    const { refuse, pass, end } = counting();
    for (let i = 0; i < SINGLE_REFUSALS; i++) expect(refuse('a', `kind ${String(i % 3)}`)).toBeNull();
    for (let i = 0; i < 9; i++) expect(refuse('a', `kind ${String(i % 3)}`)).not.toBeNull();
    expect(refuse('b', 'kind 0')).toBeNull();
    pass(MINUTE_MS);
    expect(end()).toEqual([0, 1, 2].map((kind) => [`a kind ${String(kind)}`, 3]));
  });

  it('knows when the first and the last of a kind were', () => {
    const { counter, refuse, pass, now } = counting();
    times(SINGLE_REFUSALS, () => refuse('a'));
    pass(1_000);
    const firstAt = now();
    times(5, () => refuse('a') && pass(1_000));
    counter.end(Infinity);
    expect([...counter.ended]).toEqual([{ first: 'a kind', count: 5, firstAt, lastAt: firstAt + 4_000 }]);
  });

  it('is not confused by a clock that was set back', () => {
    const { refuse, pass, end } = counting();
    times(SINGLE_REFUSALS + 1, () => refuse('a'));
    pass(-30_000);
    expect(refuse('a')).toMatchObject({ retryAfterMs: MINUTE_MS, isCounted: true });
    pass(-3_600_000);
    expect(refuse('a')).toBeNull();
    expect(end()).toEqual([['a kind', 2]]);
  });

  it('leaves to be recorded what it has no room for', () => {
    const { counter, refuse, pass, end } = counting({ origins: 2, folds: 2 });
    for (const origin of ['a', 'b', 'c']) times(SINGLE_REFUSALS, () => refuse(origin));
    // Two origins are watched, so the third never folds …
    expect(refuse('c')).toBeNull();
    // … and two folds are kept, so the third kind is not counted, though it is told from when on to come back.
    expect(refuse('a', 'one')).toMatchObject({ isCounted: true });
    expect(refuse('b', 'two')).toMatchObject({ isCounted: true });
    expect(refuse('a', 'three')).toMatchObject({ retryAfterMs: MINUTE_MS, isCounted: false });
    expect(refuse('a', 'one')).toMatchObject({ isCounted: true });
    // What has ended takes its room until it is on record.
    pass(MINUTE_MS);
    expect(end()).toEqual([
      ['a one', 2],
      ['b two', 1],
    ]);
    times(SINGLE_REFUSALS, () => refuse('c'));
    expect(refuse('c')).toMatchObject({ isCounted: false });
    for (const fold of counter.ended) counter.forget(fold);
    expect(refuse('c')).toMatchObject({ isCounted: true });
  });

  it('loses nothing and lets no more through than it may, whatever comes and whenever', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          origin: fc.nat(ORIGINS - 1),
          kind: fc.nat(3),
          count: fc.integer({ min: 1, max: 30 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 2 * MINUTE_MS }) }) },
      { weight: 1, arbitrary: fc.constant('look' as const) },
      { weight: 1, arbitrary: fc.constant('record' as const) },
    );
    const rooms = fc.record({
      origins: fc.integer({ min: 1, max: 6 }),
      folds: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(rooms, fc.array(step, { maxLength: 60 }), (room, steps) => {
        const { counter, refuse, pass, now } = counting(room);
        let [refused, single, recorded] = [0, 0, 0];
        const minutes = new Map<number, { from: number; refusals: number }>();
        const refuseOnce = (origin: number, kind: number): void => {
          const excess = refuse(String(origin), String(kind));
          refused += 1;
          if (excess?.isCounted !== true) single += 1;
          let minute = minutes.get(origin);
          if (minute === undefined || now() >= minute.from + MINUTE_MS) {
            minutes.set(origin, (minute = { from: now(), refusals: 0 }));
          }
          minute.refusals += 1;
          const isWatched = room.origins >= ORIGINS;
          if (isWatched) expect(excess === null).toBe(minute.refusals <= SINGLE_REFUSALS);
          if (isWatched && excess) expect(excess.retryAfterMs).toBe(minute.from + MINUTE_MS - now());
        };
        const record = (): void => {
          for (const fold of counter.ended) {
            recorded += fold.count;
            counter.forget(fold);
          }
        };
        for (const each of steps) {
          if (each === 'look') counter.end(now());
          else if (each === 'record') record();
          else if ('pass' in each) pass(each.pass);
          else for (let i = 0; i < each.count; i++) refuseOnce(each.origin, each.kind);
          expect(counter.ended.size).toBeLessThanOrEqual(room.folds);
        }
        counter.end(Infinity);
        record();
        expect(single + recorded).toBe(refused);
      }),
    );
  });
});

describe('the pace of a flood', () => {
  it('lets its answers leave one after the other, however many come at once, and none waits long', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3 * GAP_MS, noNaN: true }), { maxLength: 400 }),
        (gaps) => {
          const pace = new Pace();
          let now = 1_000;
          let last = -Infinity;
          for (const gap of gaps) {
            now += gap;
            const wait = pace.take(now);
            expect(wait).toBeGreaterThanOrEqual(0);
            expect(wait).toBeLessThanOrEqual(LONGEST_MS);
            const isFull = wait > LONGEST_MS - GAP_MS;
            if (!isFull) expect(now + wait - last).toBeGreaterThan(GAP_MS - 0.001);
            last = now + wait;
          }
        },
      ),
    );
  });

  it('is the same for all kinds of an origin, and for each origin its own', () => {
    const { refuse } = counting();
    for (const origin of ['a', 'b']) times(SINGLE_REFUSALS, () => refuse(origin));
    expect(refuse('a', 'one')?.pace).toBe(refuse('a', 'two')?.pace);
    expect(refuse('a')?.pace).not.toBe(refuse('b')?.pace);
  });

  it('keeps nobody waiting who comes alone', () => {
    const pace = new Pace();
    expect([0, GAP_MS, 2 * GAP_MS].map((now) => pace.take(now))).toEqual([0, 0, 0]);
  });
});
