import { step, type Begun, type Deed, type Family } from './family-model.js';

/** A deed that was done, and its answer: a verification's in words, everything else's status. */
export interface Done {
  deed: Deed;
  answer: string;
}

/** Of a machine that has too much to do. It says nothing: what was asked may have been done, or not, or yet be. */
const UNAVAILABLE = '503';

interface Left extends Begun {
  answer: string;
}

/** Decided at that minute, if at all. */
interface Unanswered extends Begun {
  at: number;
}

/** What may be the case. */
export interface Possible {
  family: Family;
  /** What nobody has had an answer to. A commit that is under way when time is up ends one way or the other. */
  unanswered: readonly Unanswered[];
}

/**
 * What may be the case after these deeds were done at once, if they were answered so: what each order leaves in which
 * they could have been done with just these answers. Empty: there is no such order.
 */
export function afterDeeds(before: readonly Possible[], done: readonly Done[], now: number): Possible[] {
  const found = new Map<string, Possible>();
  const seen = new Set<string>();
  const go = (family: Family, left: readonly Left[], unanswered: readonly Unanswered[]): void => {
    const state = keyOf([family, left, unanswered]);
    if (seen.has(state)) return;
    seen.add(state);
    if (left.length === 0) found.set(state, { family, unanswered });
    for (const [at, { answer, ...begun }] of left.entries()) {
      const next = step(family, begun, now);
      if ('begun' in next) go(family, left.toSpliced(at, 1, { ...next.begun, answer }), unanswered);
      else if (next.answer === answer) go(next.family, left.toSpliced(at, 1), unanswered);
    }
    for (const [index, { at, ...begun }] of unanswered.entries()) {
      const next = step(family, begun, at);
      if ('begun' in next) go(family, left, unanswered.toSpliced(index, 1, { ...next.begun, at }));
      else go(next.family, left, unanswered.toSpliced(index, 1));
    }
  };
  const answered = done.filter(({ answer }) => answer !== UNAVAILABLE);
  const others = done.filter(({ answer }) => answer === UNAVAILABLE).map(({ deed }) => ({ deed, at: now }));
  for (const { family, unanswered } of before) go(family, answered, [...unanswered, ...others]);
  return [...found.values()];
}

/** JSON knows no infinity. */
function keyOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (each === Infinity ? 'never' : each));
}
