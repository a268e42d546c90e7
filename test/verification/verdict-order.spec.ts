import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TokenChain, TokenFacts } from '../../src/credentials/token-facts.js';
import type { TokenLimits } from '../../src/credentials/token-limits.js';
import { effectiveScopes } from '../../src/scopes/covers.js';
import { TOKEN_STATUSES, tokenStatus } from '../../src/tokens/token-status.js';
import {
  VERIFY_CODES,
  verdict,
  type SecretFacts,
  type VerdictQuestion,
} from '../../src/verification/verdict.js';

const NOW = 1_790_000_000_000;

const SOUND: TokenFacts = {
  revokedAt: null,
  enabled: true,
  notBefore: null,
  expiresAt: null,
  allowedIps: null,
  scopes: ['invoices:read'],
  limits: null,
};
const LIVE: SecretFacts = { endedAt: null, validUntil: null };
const ASK: VerdictQuestion = { scopes: ['invoices:read'], clientIp: '203.0.113.7' };

// Instants fall on and beside the boundary far more often than chance would have it.
const instant = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -2, max: 2 }).map((off) => NOW + off),
  fc.integer({ min: 0, max: 2 * NOW }),
);
const rarely = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: other });
const scopes = fc.subarray(['a:read', 'a:write', 'a:*', 'b:read']);
const facts: fc.Arbitrary<TokenFacts> = fc.record({
  revokedAt: rarely<number | null>(null, instant),
  enabled: rarely(true, fc.boolean()),
  notBefore: rarely<number | null>(null, instant),
  expiresAt: rarely<number | null>(null, instant),
  allowedIps: rarely<string[] | null>(null, fc.subarray(['203.0.113.0/24', '192.0.2.0/24'])),
  scopes: rarely(['a:*', 'b:read'], scopes),
  limits: rarely<TokenLimits | null>(
    null,
    fc.record({
      tokenId: fc.constant('token'),
      maxUses: fc.constantFrom(null, 1, 2),
      uses: fc.integer({ min: 0, max: 2 }),
      // A rate limit makes neither a verdict nor a status: it passes.
      rate: fc.constantFrom(null, { limit: 1, windowSeconds: 60, startedAt: NOW, used: 1 }),
      begun: fc.boolean(),
    }),
  ),
});
const chain: fc.Arbitrary<TokenChain> = fc
  .tuple(facts, fc.array(facts, { maxLength: 3 }))
  .map(([token, ancestors]) => [token, ...ancestors]);
const ask: fc.Arbitrary<VerdictQuestion> = fc.record({
  scopes,
  clientIp: fc.constantFrom('203.0.113.7', '192.0.2.9', '::1', 'nonsense', null),
});
const secret: fc.Arbitrary<SecretFacts> = fc.record({
  endedAt: rarely<number | null>(null, instant),
  validUntil: rarely<number | null>(null, instant),
});

const codeOf = (token: Partial<TokenFacts>, question = ASK, presented = LIVE): string =>
  verdict([{ ...SOUND, ...token }], question, presented, NOW).code;

/** Each refusal on its own, as the contract words it, in no order. */
function holds(code: string, members: TokenChain, question: VerdictQuestion, value: SecretFacts): boolean {
  const some = (is: (token: TokenFacts) => boolean): boolean => members.some(is);
  const network = question.clientIp?.replace(/\d+$/, '0/24') ?? '';
  const permitted = (wanted: string): boolean =>
    members.every(
      (token) => token.scopes.includes(wanted) || (wanted.startsWith('a:') && token.scopes.includes('a:*')),
    );
  switch (code) {
    case 'revoked':
      return some((token) => token.revokedAt !== null);
    case 'disabled':
      return some((token) => !token.enabled);
    case 'expired':
      return (
        some((token) => (token.expiresAt ?? Infinity) <= NOW) ||
        value.endedAt !== null ||
        (value.validUntil ?? Infinity) <= NOW
      );
    case 'not_yet_valid':
      return some((token) => (token.notBefore ?? -Infinity) > NOW);
    case 'ip_not_allowed':
      return some((token) => token.allowedIps !== null && !token.allowedIps.includes(network));
    case 'insufficient_scope':
      return !question.scopes.every(permitted);
    case 'exhausted':
      return some(({ limits }) => (limits?.maxUses ?? Infinity) <= (limits?.uses ?? 0));
    default:
      return false;
  }
}

describe('verdict', () => {
  it('is the first code that holds, in the stated order, over the whole chain', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(chain, ask, secret, (members, question, value) => {
        const first = VERIFY_CODES.slice(1).find((code) => holds(code, members, question, value)) ?? 'valid';
        expect(verdict(members, question, value, NOW).code).toBe(first);
        seen.add(first);
      }),
      { numRuns: 5_000 },
    );
    expect(seen.size).toBe(8);
  });

  it('keeps the order of the contract', () => {
    expect(VERIFY_CODES.join(' ')).toBe(
      'valid malformed not_found revoked disabled expired not_yet_valid ip_not_allowed insufficient_scope ' +
        'exhausted rate_limited',
    );
  });

  it('never makes a token better for having an ancestor', () => {
    const rank = (code: (typeof VERIFY_CODES)[number]): number =>
      code === 'valid' ? VERIFY_CODES.length : VERIFY_CODES.indexOf(code);
    fc.assert(
      fc.property(chain, facts, ask, secret, (members, ancestor, question, value) => {
        const alone = verdict(members, question, value, NOW);
        const under = verdict([...members, ancestor], question, value, NOW);
        expect(rank(under.code)).toBeLessThanOrEqual(rank(alone.code));
      }),
    );
  });

  it('shows the effective scopes whatever the code, and the missing ones only with insufficient_scope', () => {
    fc.assert(
      fc.property(chain, ask, secret, (members, question, value) => {
        const { code, scopes: shown, missingScopes } = verdict(members, question, value, NOW);
        expect(shown).toEqual(effectiveScopes(members.map((token) => token.scopes)));
        expect(missingScopes !== undefined).toBe(code === 'insufficient_scope');
        if (missingScopes !== undefined)
          expect(question.scopes).toEqual(expect.arrayContaining([...missingScopes]));
      }),
    );
  });

  it('names exactly the missing scopes, in the order asked', () => {
    const question = { scopes: ['z:a', 'invoices:read', 'b:c', 'invoices:*'], clientIp: null };
    expect(verdict([SOUND], question, LIVE, NOW)).toEqual({
      code: 'insufficient_scope',
      scopes: ['invoices:read'],
      missingScopes: ['z:a', 'b:c', 'invoices:*'],
    });
  });

  it('finds a scope missing that an ancestor no longer has', () => {
    const narrowed = { ...SOUND, scopes: ['customers:read'] };
    expect(verdict([SOUND, narrowed], ASK, LIVE, NOW)).toMatchObject({
      code: 'insufficient_scope',
      scopes: [],
    });
  });

  it('asks nothing of the scopes when none are asked for', () => {
    expect(codeOf({ scopes: [] }, { scopes: [], clientIp: null })).toBe('valid');
  });
});

describe('the boundary instants', () => {
  it('end a token exactly at expires_at', () => {
    expect(codeOf({ expiresAt: NOW + 1 })).toBe('valid');
    expect(codeOf({ expiresAt: NOW })).toBe('expired');
    expect(codeOf({ expiresAt: NOW - 1 })).toBe('expired');
    expect(codeOf({ expiresAt: 0 })).toBe('expired');
  });

  it('begin a token exactly at not_before', () => {
    expect(codeOf({ notBefore: NOW + 1 })).toBe('not_yet_valid');
    expect(codeOf({ notBefore: NOW })).toBe('valid');
    expect(codeOf({ notBefore: NOW, expiresAt: NOW })).toBe('expired');
  });

  it('end a rotated value exactly when its grace ends', () => {
    expect(codeOf({}, ASK, { endedAt: null, validUntil: NOW + 1 })).toBe('valid');
    expect(codeOf({}, ASK, { endedAt: null, validUntil: NOW })).toBe('expired');
  });

  it('do not wait for this clock where another instance has revoked, or ended a value', () => {
    expect(codeOf({ revokedAt: NOW + 60_000 })).toBe('revoked');
    expect(codeOf({ revokedAt: 0 })).toBe('revoked');
    expect(codeOf({}, ASK, { endedAt: NOW + 60_000, validUntil: null })).toBe('expired');
    expect(codeOf({}, ASK, { endedAt: NOW + 60_000, validUntil: NOW + 60_000 })).toBe('expired');
  });
});

describe('allowed addresses', () => {
  const at = (clientIp: string | null): VerdictQuestion => ({ ...ASK, clientIp });

  it('refuse a caller whose address is not told, and one whose address cannot be read', () => {
    expect(codeOf({ allowedIps: ['0.0.0.0/0', '::/0'] }, at(null))).toBe('ip_not_allowed');
    expect(codeOf({ allowedIps: ['0.0.0.0/0', '::/0'] }, at('203.0.113.7, 10.0.0.1'))).toBe('ip_not_allowed');
    expect(codeOf({ allowedIps: null }, at(null))).toBe('valid');
  });

  it('allow nobody when the list is empty', () => {
    expect(codeOf({ allowedIps: [] })).toBe('ip_not_allowed');
  });

  it('must hold for every member of the chain that has any', () => {
    const wide = { ...SOUND, allowedIps: ['203.0.113.0/24', '192.0.2.0/24'] };
    const narrow = { ...SOUND, allowedIps: ['203.0.113.0/24'] };
    expect(verdict([wide, SOUND, narrow], at('203.0.113.7'), LIVE, NOW).code).toBe('valid');
    expect(verdict([wide, SOUND, narrow], at('192.0.2.9'), LIVE, NOW).code).toBe('ip_not_allowed');
  });
});

describe('tokenStatus', () => {
  const asCode = { active: 'valid', pending: 'not_yet_valid' } as const;

  it('is what a verification that asks for nothing would say, so that no active token is refused for its state', () => {
    const anywhere = chain.map(([token, ...above]): TokenChain => [
      { ...token, allowedIps: null },
      ...above.map((ancestor) => ({ ...ancestor, allowedIps: null })),
    ]);
    const seen = new Set<string>();
    fc.assert(
      fc.property(anywhere, (members) => {
        const status = tokenStatus(members, NOW);
        const code = verdict(members, { scopes: [], clientIp: null }, LIVE, NOW).code;
        expect(status in asCode ? asCode[status as keyof typeof asCode] : status).toBe(code);
        seen.add(status);
      }),
      { numRuns: 3_000 },
    );
    expect([...seen].sort()).toEqual([...TOKEN_STATUSES].sort());
  });

  it('is not changed by addresses or scopes', () => {
    expect(tokenStatus([{ ...SOUND, allowedIps: [], scopes: [] }], NOW)).toBe('active');
  });
});
