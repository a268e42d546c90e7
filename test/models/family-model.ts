/**
 * A plain model of a family of tokens: what each command does to it, and how it must be answered. Tokens and values are
 * numbers, times are minutes.
 */
export type Who = 'owner' | { token: number; value: number };

export interface Ask {
  scopes: string[];
  allowed_ips: string[] | null;
  /** Lives so long; null: as long as its parent. */
  minutes: number | null;
  max_uses: number | null;
}

export interface Change {
  scopes?: string[];
  allowed_ips?: string[] | null;
  enabled?: boolean;
}

/** `born` and a rotation's `value` are the numbers of what comes into being, if it does. */
export type Deed =
  | { kind: 'issue'; by: Who; ask: Ask; born: number; value: number }
  | { kind: 'change'; by: Who; of: number; to: Change }
  | { kind: 'rotate'; by: Who; of: number; minutes: number; value: number }
  | { kind: 'finish'; by: Who; of: number }
  | { kind: 'revoke'; by: Who; of: number }
  | { kind: 'verify'; by: 'owner'; of: number; value: number; scope: string | null; ip: string | null };

interface Member {
  parent: number | null;
  revoked: boolean;
  /** Who has disabled it: its owner, or the ancestor of this number. */
  disabledBy: 'owner' | number | null;
  scopes: readonly string[];
  addresses: readonly string[];
  /** At this minute it is over. */
  end: number;
  max: number;
  uses: number;
  current: number;
  /** The value before, while its grace lasts. */
  former: { value: number; until: number } | null;
}

/** All there is to know, by number. Never changed: a deed makes another. */
export type Family = Readonly<Record<number, Member>>;

/** What a caller was found to have when it was let in. */
interface Powers {
  scopes: readonly string[];
  addresses: readonly string[];
  end: number;
}

/**
 * A deed that is under way. What a token asks is done after it has been let in, and a use is counted after the token was
 * looked up: in between others may do something.
 */
export interface Begun {
  deed: Deed;
  letIn?: Powers;
  /** The tokens whose uses are to be counted, and what was found at the look-up. */
  counting?: { of: number; limited: readonly number[]; held: Powers };
}

/** Either it is over, or it goes on. */
export type Step = { family: Family; answer: string } | { begun: Begun };

/** Stands for the addresses that the tokens of the test call from. */
export const HERE = '198.18.0.1';
const MATCHES: Record<string, string[]> = {
  'a:x': ['a:x'],
  'a:y': ['a:y'],
  'a:*': ['a:x', 'a:y', 'a:z'],
  'b:x': ['b:x'],
  'tokens:write': ['tokens:write'],
  'tokens:*': ['tokens:read', 'tokens:write'],
};
const CONTAINS: Record<string, string[]> = {
  '198.18.0.0/16': [HERE],
  '198.0.0.0/8': [HERE, '198.99.9.9'],
  '10.1.0.0/16': ['10.1.2.3'],
  '10.0.0.0/8': ['10.1.2.3', '10.9.9.9'],
};
export const SCOPES = Object.keys(MATCHES);
export const RANGES = Object.keys(CONTAINS);
/** Every address that matters; the last one lies in none of the ranges. */
export const ADDRESSES = [HERE, '198.99.9.9', '10.1.2.3', '10.9.9.9', '192.0.2.1'];

const union = (table: Record<string, string[]>, names: readonly string[]) =>
  [...new Set(names.flatMap((name) => table[name] ?? []))].sort();
/** Every scope that these stand for. */
export const scopesOf = (names: readonly string[]) => union(MATCHES, names);
const addressesOf = (ranges: readonly string[] | null) =>
  ranges === null ? ADDRESSES : union(CONTAINS, ranges);
const both = (one: readonly string[], other: readonly string[]) => one.filter((each) => other.includes(each));
const within = (inner: readonly string[], outer: readonly string[]) =>
  inner.every((each) => outer.includes(each));

/** The token, its parent, and so on. */
const lineOf = (family: Family, of: number): number[] => {
  const { parent } = family[of]!;
  return parent === null ? [of] : [of, ...lineOf(family, parent)];
};
const chainOf = (family: Family, of: number) => lineOf(family, of).map((each) => family[each]!);

function powersOf(family: Family, of: number): Powers {
  const chain = chainOf(family, of);
  return {
    scopes: chain.map(({ scopes }) => scopes).reduce(both),
    addresses: chain.map(({ addresses }) => addresses).reduce(both),
    end: Math.min(...chain.map(({ end }) => end)),
  };
}

const leftOf = (family: Family, of: number) =>
  Math.min(...chainOf(family, of).map(({ max, uses }) => max - uses));

/** How `valid` is answered: with all that the token may do. */
export function valid({ scopes, end }: Omit<Powers, 'addresses'>, left: number): string {
  return `valid ${[...scopes].sort().join(',')} until ${end} left ${left}`;
}

function codeOf(
  family: Family,
  of: number,
  asked: { value: number; scope: string | null; ip: string | null },
  now: number,
): string {
  const chain = chainOf(family, of);
  const { current, former } = family[of]!;
  const { scopes, addresses, end } = powersOf(family, of);
  const isFormer = former !== null && former.value === asked.value && now < former.until;
  const isBound = addresses.length < ADDRESSES.length;
  if (chain.some(({ revoked }) => revoked)) return 'revoked';
  if (chain.some(({ disabledBy }) => disabledBy !== null)) return 'disabled';
  if ((asked.value !== current && !isFormer) || end <= now) return 'expired';
  if (isBound && (asked.ip === null || !addresses.includes(asked.ip))) return 'ip_not_allowed';
  if (asked.scope !== null && !scopes.includes(asked.scope)) return 'insufficient_scope';
  return leftOf(family, of) <= 0 ? 'exhausted' : 'valid';
}

/** What comes next of a deed, at this minute. */
export function step(family: Family, begun: Begun, now: number): Step {
  const { deed, letIn, counting } = begun;
  const same = (answer: string): Step => ({ family, answer });
  if (counting !== undefined) return count(family, counting);
  if (deed.kind === 'verify') {
    const code = codeOf(family, deed.of, deed, now);
    const limited = lineOf(family, deed.of).filter((each) => family[each]!.max !== Infinity);
    if (code !== 'valid') return same(code);
    const held = heldBy(family, deed.of, deed.value);
    if (limited.length > 0) return { begun: { deed, counting: { of: deed.of, limited, held } } };
    return same(valid(held, Infinity));
  }
  if (deed.by !== 'owner' && letIn === undefined) {
    const { token, value } = deed.by;
    const code = codeOf(family, token, { value, scope: 'tokens:write', ip: HERE }, now);
    if (code === 'valid') return { begun: { deed, letIn: powersOf(family, token) } };
    // A credential that is used up is none, whatever it lacks besides.
    return same(code === 'insufficient_scope' && leftOf(family, token) > 0 ? '403' : '401');
  }
  return act(family, deed, letIn ?? null, now);
}

/** By a value that rotation has replaced, no longer than its grace. */
function heldBy(family: Family, of: number, value: number): Powers {
  const powers = powersOf(family, of);
  const { current, former } = family[of]!;
  return value === current || former === null
    ? powers
    : { ...powers, end: Math.min(powers.end, former.until) };
}

function count(family: Family, { of, limited, held }: NonNullable<Begun['counting']>): Step {
  if (limited.some((each) => family[each]!.uses >= family[each]!.max)) return { family, answer: 'exhausted' };
  const after = { ...family };
  for (const each of limited) after[each] = { ...family[each]!, uses: family[each]!.uses + 1 };
  return { family: after, answer: valid(held, leftOf(after, of)) };
}

function act(
  family: Family,
  deed: Exclude<Deed, { kind: 'verify' }>,
  powers: Powers | null,
  now: number,
): Step {
  const same = (answer: string): Step => ({ family, answer });
  const by = deed.by === 'owner' ? null : deed.by.token;
  const mayGive = (scopes: readonly string[], addresses: readonly string[], end = 0) =>
    powers === null ||
    (within(scopes, powers.scopes) && within(addresses, powers.addresses) && end <= powers.end);

  if (deed.kind === 'issue') {
    const { scopes, allowed_ips: ips, minutes, max_uses: max } = deed.ask;
    const born: Member = {
      parent: by,
      revoked: false,
      disabledBy: null,
      scopes: scopesOf(scopes),
      addresses: ips === null ? (powers?.addresses ?? ADDRESSES) : addressesOf(ips),
      end: minutes === null ? (powers?.end ?? Infinity) : now + minutes,
      max: max ?? Infinity,
      uses: 0,
      current: deed.value,
      former: null,
    };
    if (!mayGive(born.scopes, born.addresses, born.end)) return same('403');
    return { family: { ...family, [deed.born]: born }, answer: '201' };
  }

  const { of } = deed;
  const before = family[of]!;
  const line = lineOf(family, of);
  if (by !== null && !line.slice(1).includes(by)) return same('403');
  const become = (to: Partial<Member>): Step => ({
    family: { ...family, [of]: { ...before, ...to } },
    answer: '200',
  });
  if (deed.kind === 'revoke') {
    const after = { ...family };
    for (const each of Object.keys(family).map(Number)) {
      if (lineOf(family, each).includes(of)) after[each] = { ...family[each]!, revoked: true };
    }
    return { family: after, answer: '200' };
  }
  if (deed.kind === 'rotate') {
    const chain = chainOf(family, of);
    if (chain.some(({ revoked, end }) => revoked || end <= now)) return same('409');
    const former = deed.minutes === 0 ? null : { value: before.current, until: now + deed.minutes };
    return become({ current: deed.value, former });
  }
  if (before.revoked) return same('409');
  if (deed.kind === 'finish') return become({ former: null });
  const { scopes, allowed_ips: ips, enabled } = deed.to;
  const to: Partial<Member> = {
    ...(scopes !== undefined && { scopes: scopesOf(scopes) }),
    ...(ips !== undefined && { addresses: addressesOf(ips) }),
    ...(enabled !== undefined && { disabledBy: enabled ? null : highest(line, before.disabledBy, by) }),
  };
  const mayEnable =
    by === null ||
    before.disabledBy === null ||
    (before.disabledBy !== 'owner' && line.indexOf(before.disabledBy) <= line.indexOf(by));
  if (!mayGive(to.scopes ?? [], to.addresses ?? []) || (enabled === true && !mayEnable)) return same('403');
  return become(to);
}

/** Of those who have disabled a token the highest: none below may enable it. */
function highest(
  line: readonly number[],
  one: Member['disabledBy'],
  by: number | null,
): Member['disabledBy'] {
  if (by === null || one === 'owner') return 'owner';
  return one !== null && line.indexOf(one) > line.indexOf(by) ? one : by;
}
