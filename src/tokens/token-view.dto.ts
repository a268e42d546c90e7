import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { FormerUse } from '../audit-log/former-uses.js';
import type { LastUse } from '../audit-log/last-use.js';
import { CreatedBy, renderCreatedBy } from '../credentials/created-by.dto.js';
import type { TokenChain, TokenFacts } from '../credentials/token-facts.js';
import { usesLeft, type TokenLimits } from '../credentials/token-limits.js';
import { RateLimitDto, renderRate } from './rate-limit.dto.js';
import { PreviousValueDto, renderPrevious } from './rotation.dto.js';
import type { SuspendedReason, Token } from './token.entity.js';
import { TOKEN_STATUSES, tokenStatus, type TokenStatus } from './token-status.js';

const TIME = '2026-11-21T12:00:00.123Z';

@ApiSchema({ description: 'A token, without its value.' })
export class TokenDto {
  /** Its handle; stays when it gets a new value. */
  @ApiProperty({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What it is for. */
  @ApiProperty({ example: 'Acme' })
  name!: string;

  /** For people. */
  @ApiProperty({ type: String, nullable: true, example: 'Nightly import of invoices' })
  description!: string | null;

  /** Your own id for the partner. */
  @ApiProperty({ type: String, nullable: true, example: 'partner_42' })
  subject!: string | null;

  /** As issued. What counts at use is what its ancestors have too. */
  @ApiProperty({ type: [String], example: ['invoices:read'] })
  scopes!: string[];

  /** Where it exists; not in the other. */
  @ApiProperty({ enum: ['live', 'test'], example: 'live' })
  environment!: 'live' | 'test';

  /** False while it is suspended. */
  @ApiProperty({ example: true })
  enabled!: boolean;

  /** When Tooken suspended it by itself; null = it did not. It is reversed by `enabled: true`. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  suspended_at!: string | null;

  /** Why it did. `inactive`: nobody had used it for as long as the workspace's `inactive_after_days` says. */
  @ApiProperty({ type: String, enum: ['inactive', null], nullable: true, example: null })
  suspended_reason!: SuspendedReason | null;

  /** The first that holds, of the token or an ancestor of it, in this order. */
  @ApiProperty({ enum: TOKEN_STATUSES, example: 'active' })
  status!: TokenStatus;

  /** The value's prefix and last four characters. */
  @ApiProperty({ example: 'tkn_live_…U3aF' })
  hint!: string;

  /** At this moment it is over; null = never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-11-21T12:00:00.000Z' })
  expires_at!: string | null;

  /** From when on it is valid; null = from the start. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  not_before!: string | null;

  /** When it was issued. */
  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  /** Who issued it. */
  @ApiProperty({ type: CreatedBy })
  created_by!: CreatedBy;

  /** Whether it came with a value that was made elsewhere, rather than being issued. */
  @ApiProperty({ example: false })
  imported!: boolean;

  /** The token that issued it; null when an API key did. */
  @ApiProperty({ type: String, nullable: true, example: null })
  parent_id!: string | null;

  /** Where it may be used from, as CIDR ranges; null = anywhere. */
  @ApiProperty({ type: [String], nullable: true, example: ['203.0.113.0/24'] })
  allowed_ips!: string[] | null;

  /** How often it may be found valid in a time; null = without limit. Its ancestors' limits bind it too. */
  @ApiProperty({ type: RateLimitDto, nullable: true, example: null })
  rate_limit!: RateLimitDto | null;

  /** How many times it may be found valid; null = without limit. Its ancestors' limits bind it too. */
  @ApiProperty({ type: 'integer', minimum: 1, nullable: true, example: null })
  max_uses!: number | null;

  /** How many of these are left, to it and its descendants; null = without limit. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: null })
  uses_remaining!: number | null;

  /** Your own; returned by every verification. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { plan: 'pro' } })
  metadata!: Record<string, unknown>;

  /** When it last called Tooken, or was found valid: verified, introspected or exchanged; by the audit log. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  last_used_at!: string | null;

  /** The caller's address, or the `client_ip` of the verification. */
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7' })
  last_used_ip!: string | null;

  /** When it was revoked; that is final. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  revoked_at!: string | null;

  /** As given when it was revoked. */
  @ApiProperty({ type: String, nullable: true, example: null })
  revoked_reason!: string | null;

  /** When it last got a new value. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  rotated_at!: string | null;

  /** Until when the value before is, or was, valid too; null = the last rotation gave no grace, or there was none. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  previous_expires_at!: string | null;

  /** The value before, and who still uses it; null = the last rotation gave no grace, or there was none. */
  @ApiProperty({ type: PreviousValueDto, nullable: true })
  previous!: PreviousValueDto | null;
}

@ApiSchema({ description: 'A token with its value, which is shown in this one answer and never again.' })
export class NewTokenDto extends TokenDto {
  /** The value, shown this once. */
  @ApiProperty({ example: 'tkn_live_4fQ9yT2mZs8LbV1xKcR7dWn3HgJp6A1nU3aF' })
  token!: string;
}

@ApiSchema({ description: 'One page of tokens.' })
export class TokenPage {
  /** Newest first. */
  @ApiProperty({ type: [TokenDto] })
  data!: TokenDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

/** What of a token is not in its row. */
export interface TokenUses {
  lastUse: LastUse | undefined;
  /** How often it and its ancestors were used, by handle; those that were never counted are left out. */
  counted: ReadonlyMap<string, number>;
}

export const UNUSED: TokenUses = { lastUse: undefined, counted: new Map() };

/** @param ancestors of the token, the parent first: they count in its status. */
export function renderToken(
  row: Token,
  ancestors: readonly Token[],
  { lastUse, counted }: TokenUses,
  now: number,
  formerUse?: FormerUse,
): TokenDto {
  const chain: TokenChain = [factsOf(row, counted), ...ancestors.map((each) => factsOf(each, counted))];
  const [{ limits }] = chain;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    subject: row.subject,
    scopes: row.scopes,
    environment: row.environment,
    enabled: row.enabled,
    suspended_at: row.suspendedAt?.toISOString() ?? null,
    suspended_reason: row.suspendedReason,
    status: tokenStatus(chain, now),
    hint: row.hint,
    expires_at: row.expiresAt?.toISOString() ?? null,
    not_before: row.notBefore?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    created_by: renderCreatedBy(row),
    imported: row.imported,
    parent_id: row.parentId,
    allowed_ips: row.allowedIps,
    rate_limit: renderRate(row),
    max_uses: row.maxUses,
    uses_remaining: limits === null ? null : usesLeft(limits),
    metadata: row.metadata,
    last_used_at: lastUse?.at ?? null,
    last_used_ip: lastUse?.ip ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    revoked_reason: row.revokedReason,
    rotated_at: row.rotatedAt?.toISOString() ?? null,
    previous_expires_at: row.previousExpiresAt?.toISOString() ?? null,
    previous: renderPrevious(row, formerUse),
  };
}

/** What a decision about a token depends on, of its row and what was counted. */
export function factsOf(row: Token, counted: TokenUses['counted']): TokenFacts {
  return {
    revokedAt: row.revokedAt?.getTime() ?? null,
    enabled: row.enabled,
    notBefore: row.notBefore?.getTime() ?? null,
    expiresAt: row.expiresAt?.getTime() ?? null,
    allowedIps: row.allowedIps,
    scopes: row.scopes,
    limits: limitsOf(row, counted),
  };
}

/** A rate limit makes no status: it passes. */
function limitsOf({ id, maxUses }: Token, counted: TokenUses['counted']): TokenLimits | null {
  const uses = counted.get(id);
  return maxUses === null
    ? null
    : { tokenId: id, maxUses, uses: uses ?? 0, rate: null, begun: uses !== undefined };
}
