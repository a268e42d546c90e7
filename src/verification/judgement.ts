import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { TokenCredential } from '../credentials/credential-facts.js';
import { limitsOf } from '../credentials/token-facts.js';
import { limitRefusal, limitsLeft } from '../credentials/token-limits.js';
import { parseAddress } from '../platform/addresses.js';
import type { CountedUse, Use } from './use-counter.js';
import type { VerificationDto, VerifyTokenDto } from './verification.dto.js';
import { verdict, type VerifyCode } from './verdict.js';

/** A verification that has been decided, but for what its limits say if it is to be counted. */
export interface Judgement {
  answer: VerificationDto;
  /** The limits it counts against, if nothing else refuses it for good. Empty: it is decided. */
  use: Use;
  /** Decides it by what became of its use. May be called again, and then overrules what it said. */
  settle: (counted: CountedUse) => void;
}

/** What is no token of the caller's: the answer says nothing else. */
export function judgeUnknown(
  body: VerifyTokenDto,
  event: AuditDraft,
  code: 'malformed' | 'not_found',
): Judgement {
  note(event, body, code);
  return decided({ valid: false, code, event_id: event.id });
}

function decided(answer: VerificationDto): Judgement {
  return { answer, use: [], settle: () => undefined };
}

/**
 * The decision on a token of the caller's. Limits come last, so that a use is counted only where nothing else refuses;
 * and where it was exhausted already when it was looked up, there is nothing to count. A rate limit that refuses by what
 * was looked up may yet be overruled: what comes before it in a batch may exhaust it.
 */
export function judge(
  token: TokenCredential,
  body: VerifyTokenDto,
  event: AuditDraft,
  now: number,
): Judgement {
  const limits = limitsOf(token.chain);
  const ask = { scopes: body.scopes ?? [], clientIp: body.client_ip ?? null };
  const { code, scopes, missingScopes } = verdict(token.chain, ask, token, now);
  const answer: VerificationDto = {
    valid: code === 'valid',
    code,
    token_id: token.id,
    name: token.name,
    subject: token.subject,
    scopes,
    ...(missingScopes !== undefined && { missing_scopes: missingScopes }),
    environment: token.environment,
    expires_at: expiryOf(token),
    metadata: token.metadata,
    uses_remaining: null,
    rate_limit: null,
    event_id: event.id,
  };
  event.target = { type: 'token', id: token.id, name: token.name };
  if (limits.length === 0) {
    note(event, body, code, { hint: token.hint, missing: missingScopes });
    return decided(answer);
  }
  const settle = ({ refusal, left }: CountedUse): void => {
    const final = refusal?.code ?? code;
    Object.assign(answer, { valid: final === 'valid', code: final, ...renderLeft(left) });
    const limitedBy = refusal === null || refusal.tokenId === token.id ? undefined : refusal.tokenId;
    note(event, body, final, { hint: token.hint, missing: missingScopes, limitedBy });
  };
  const isOpen = code === 'valid' || code === 'exhausted';
  const refusal = isOpen ? limitRefusal(limits, now) : null;
  settle({ refusal, left: limitsLeft(limits, now) });
  return { answer, use: isOpen && refusal?.code !== 'exhausted' ? limits : [], settle };
}

function renderLeft({ uses, rate }: CountedUse['left']): Partial<VerificationDto> {
  return {
    uses_remaining: uses,
    rate_limit: rate && {
      limit: rate.limit,
      remaining: rate.remaining,
      reset_at: new Date(rate.resetAt).toISOString(),
    },
  };
}

/** The earliest of its own and its ancestors' expiry: the moment at which it is over. */
function expiryOf(token: TokenCredential): string | null {
  let end = token.validUntil ?? Infinity;
  for (const { expiresAt } of token.chain) if (expiresAt !== null && expiresAt < end) end = expiresAt;
  return end === Infinity ? null : new Date(end).toISOString();
}

interface Noted {
  hint?: string;
  missing?: readonly string[] | undefined;
  /** The ancestor whose limit refused it. */
  limitedBy?: string | undefined;
}

/**
 * A verification that is refused is answered 200, but the log knows it as denied. Of a token that is known it also knows
 * by which of its values it was presented: a rotated one has several.
 */
function note(
  event: AuditDraft,
  body: VerifyTokenDto,
  code: VerifyCode,
  { hint, missing, limitedBy }: Noted = {},
): void {
  event.outcome = code === 'valid' ? null : 'denied';
  event.reason = code === 'valid' ? null : code;
  // What is undefined does not get into JSON; to leave it out by spreading costs more than the verdict.
  event.details = {
    hint,
    required_scopes: body.scopes,
    missing_scopes: missing,
    limited_by: limitedBy,
    client_ip: body.client_ip == null ? undefined : parseAddress(body.client_ip),
    user_agent: body.user_agent ?? undefined,
    operation: body.operation ?? undefined,
  };
}
