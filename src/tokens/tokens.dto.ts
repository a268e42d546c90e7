import { ApiSchema } from '@nestjs/swagger';
import {
  Checked,
  Flag,
  Instant,
  Int,
  JsonObject,
  ListOf,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Text,
} from '../platform/input/fields.js';
import { cidrFault, prefixFault } from '../platform/input/formats.js';
import { instant } from '../platform/input/instant.js';
import { InFuture, now } from '../platform/input/moment.js';
import { PageQuery } from '../platform/pagination/page.dto.js';
import { MAX_SCOPE_LENGTH } from '../scopes/grammar.js';
import { scopeFault } from '../scopes/scopes.dto.js';
import { RateLimitDto } from './rate-limit.dto.js';
import { TOKEN_STATUSES, type TokenStatus } from './token-status.js';

/** One hundred years: longer is a typing error. */
const MAX_LIFETIME_SECONDS = 3_155_760_000;

/** As far as the body says; a token's inherited expiry is known only when it is issued. */
const notBeforeFault = (text: string, body: Readonly<Record<string, unknown>>): string | null => {
  const { expires_at: at, expires_in: seconds } = body;
  const end =
    typeof at === 'string' ? instant(at) : typeof seconds === 'number' ? now() + seconds * 1000 : NaN;
  return instant(text) >= end ? 'must be before the expiry' : null;
};

@ApiSchema({ description: 'Body of `POST /v1/tokens`.' })
export class IssueTokenDto {
  /** What it is for; 1 to 120 characters. */
  @Text({ max: 120, example: 'Acme' })
  name!: string;

  /** What it may do: scopes, or patterns such as `invoices:*`. A calling token can give only what it has. */
  @Checked('scope', scopeFault, { each: true })
  @ListOf(Text({ max: MAX_SCOPE_LENGTH }), { min: 1, max: 64, unique: true, example: ['invoices:read'] })
  scopes!: string[];

  /**
   * When it is over, to the millisecond; null or left out: never, or with its parent, or as late as the workspace lets
   * tokens live. A workspace may require it.
   */
  @Checked('date-time', (_value, body) =>
    body.expires_in == null ? null : 'must not be given together with expires_in',
  )
  @InFuture()
  @Nullable()
  @Instant({ example: '2027-11-21T12:00:00.000Z' })
  expires_at?: string | null;

  /** Seconds from now until it is over; instead of `expires_at`. */
  @Nullable()
  @Int({ min: 1, max: MAX_LIFETIME_SECONDS, example: 3600 })
  expires_in?: number | null;

  /** From when on it is valid; null or left out: at once. Before its expiry. */
  @Checked('date-time', notBeforeFault)
  @Nullable()
  @Instant({ example: '2026-11-22T00:00:00.000Z' })
  not_before?: string | null;

  /** Your own id for the partner; up to 255 characters. Fixed at creation. */
  @Nullable()
  @Text({ max: 255, example: 'partner_42' })
  subject?: string | null;

  /** Up to 1000 characters. */
  @Nullable()
  @Text({ min: 0, max: 1000, characters: 'lines', example: 'Nightly import of invoices' })
  description?: string | null;

  /** A JSON object of your own, up to 4 KiB; returned by every verification. */
  @Nullable()
  @JsonObject({ maxBytes: 4096, example: { plan: 'pro' } })
  metadata?: Record<string, unknown> | null;

  /** Where it may be used from: addresses or CIDR ranges; null or left out: anywhere. */
  @Checked('cidr', cidrFault, { each: true })
  @Nullable()
  @ListOf(Text({ max: 64 }), { min: 1, max: 100, unique: true, example: ['203.0.113.0/24'] })
  allowed_ips?: string[] | null;

  /**
   * How often it, with its descendants, may be found valid in a time; null or left out: without limit of its own. The
   * limits of its ancestors bind it all the same.
   */
  @Nullable()
  @Nested(() => RateLimitDto, { example: { limit: 100, window_seconds: 60 } })
  rate_limit?: RateLimitDto | null;

  /**
   * How many times it, with its descendants, may be found valid, over its whole life; null or left out: without limit
   * of its own. Fixed at creation.
   */
  @Nullable()
  @Int({ min: 1, max: 1_000_000_000_000, example: 1000 })
  max_uses?: number | null;

  /** What the value starts with, instead of the workspace's `default_prefix`, or `tkn`. */
  @Checked('token-prefix', prefixFault)
  @Nullable()
  @Text({ min: 2, max: 16, example: 'acme' })
  prefix?: string | null;
}

@ApiSchema({
  description:
    'Body of `PATCH /v1/tokens/{id}`; what is left out stays. `expires_at`, `subject` and `max_uses` are fixed at creation.',
})
export class UpdateTokenDto {
  /** 1 to 120 characters. */
  @Optional()
  @Text({ max: 120, example: 'Acme Ltd' })
  name?: string;

  /** Null clears it. */
  @Nullable()
  @Text({ min: 0, max: 1000, characters: 'lines', example: 'Nightly import of invoices and orders' })
  description?: string | null;

  /** Replaces all of them. */
  @Checked('scope', scopeFault, { each: true })
  @Optional()
  @ListOf(Text({ max: MAX_SCOPE_LENGTH }), {
    min: 1,
    max: 64,
    unique: true,
    example: ['invoices:read', 'orders:read'],
  })
  scopes?: string[];

  /** Replaces the whole object; null empties it. */
  @Nullable()
  @JsonObject({ maxBytes: 4096, example: { plan: 'free' } })
  metadata?: Record<string, unknown> | null;

  /** Replaces all of them; null: anywhere. */
  @Checked('cidr', cidrFault, { each: true })
  @Nullable()
  @ListOf(Text({ max: 64 }), { min: 1, max: 100, unique: true, example: ['203.0.113.0/24'] })
  allowed_ips?: string[] | null;

  /** Replaces it; null removes it. What the running window has counted stays counted. */
  @Nullable()
  @Nested(() => RateLimitDto, { example: { limit: 50, window_seconds: 60 } })
  rate_limit?: RateLimitDto | null;

  /**
   * False suspends it, with its descendants, until it is true again. A calling token enables only what it, or a token
   * that descends from it, has disabled; else 403.
   */
  @Optional()
  @Flag({ example: false })
  enabled?: boolean;
}

@ApiSchema({ description: 'Body of `POST /v1/tokens/{id}/revoke`.' })
export class RevokeTokenDto {
  /** Kept with the token and its event; up to 500 characters. */
  @Nullable()
  @Text({ max: 500, example: 'The contract ended' })
  reason?: string | null;
}

/** Query of `GET /v1/tokens`. */
export class ListTokensQuery extends PageQuery {
  /** In this state now. */
  @Optional()
  @OneOf(TOKEN_STATUSES, { example: 'active' })
  status?: TokenStatus;

  /** Exactly this subject. */
  @Optional()
  @Text({ max: 255, example: 'partner_42' })
  subject?: string;

  /** Tokens issued with this scope or with a pattern that covers it. */
  @Checked('scope', scopeFault)
  @Optional()
  @Text({ max: MAX_SCOPE_LENGTH, example: 'invoices:read' })
  scope?: string;

  /** A part of name, description, subject or hint, in any case. */
  @Optional()
  @Text({ max: 200, example: 'acme' })
  q?: string;

  /** Only those that were imported, or only those that were not. */
  @Optional()
  @Flag({ example: true })
  imported?: boolean;

  /** Over before this moment (exclusive). */
  @Optional()
  @Instant({ example: '2027-01-01T00:00:00.000Z' })
  expires_before?: string;
}
