import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { REUSE_POLICIES, type ReusePolicy } from '../credentials/credential-facts.js';
import { canonicalRanges } from '../platform/addresses.js';
import { Checked, Flag, Int, ListOf, Nullable, OneOf, Optional, Text } from '../platform/input/fields.js';
import { cidrFault, prefixFault } from '../platform/input/formats.js';
import type { Workspace } from './workspace.entity.js';

/** Fifty years: longer is a typing error. */
const MAX_TTL_SECONDS = 1_577_880_000;
const MAX_INACTIVE_DAYS = 3_650;

@ApiSchema({
  description:
    'Body of `PATCH /v1/workspace`; what is left out stays. No policy breaks a token that exists: `GET /v1/workspace/policy-report` lists those that would be refused now.',
})
export class UpdateWorkspaceDto {
  /** 1 to 120 characters. */
  @Optional()
  @Text({ max: 120, example: 'Example Ltd' })
  name?: string;

  /** Refuse to issue tokens with scopes that are not in the catalogue. */
  @Optional()
  @Flag({ example: true })
  strict_scopes?: boolean;

  /**
   * Refuse to issue tokens that live for longer than so many seconds, up to 50 years; one for which no expiry is asked
   * gets the latest that is allowed. Null: without limit.
   */
  @Nullable()
  @Int({ min: 1, max: MAX_TTL_SECONDS, example: 7_776_000 })
  max_token_ttl?: number | null;

  /** Refuse to issue tokens for which no expiry is asked, and which inherit none. */
  @Optional()
  @Flag({ example: true })
  require_expiry?: boolean;

  /** What the values of new tokens start with where their `prefix` is left out; null: `tkn`. */
  @Checked('token-prefix', prefixFault)
  @Nullable()
  @Text({ min: 2, max: 16, example: 'acme' })
  default_prefix?: string | null;

  /**
   * What becomes of a token of which a value is presented that rotation has ended. `alert`: the event tells of it, with
   * the reason `rotated_value`. `revoke`: the token is revoked as well, with its descendants.
   */
  @Optional()
  @OneOf(REUSE_POLICIES, { example: 'alert' })
  reuse_policy?: ReusePolicy;

  /** Suspend tokens that nobody has used for so many days, up to 3650, within the hour. Null: never. */
  @Nullable()
  @Int({ min: 1, max: MAX_INACTIVE_DAYS, example: 90 })
  inactive_after_days?: number | null;

  /**
   * From where API keys and tokens may call Tooken: addresses or CIDR ranges, the one that asks for this among them; from
   * elsewhere they are no credentials (401). Null: anywhere. People who sign in are not bound by it, nor are tokens when
   * they are presented to you.
   */
  @Checked('cidr', cidrFault, { each: true })
  @Nullable()
  @ListOf(Text({ max: 64 }), { min: 1, max: 100, unique: true, example: ['127.0.0.0/8', '203.0.113.0/24'] })
  allowed_management_ips?: string[] | null;
}

@ApiSchema({ description: "The caller's workspace and its policies." })
export class WorkspaceDto {
  /** Its handle. */
  @ApiProperty({ example: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What people call it. */
  @ApiProperty({ example: 'Example Ltd' })
  name!: string;

  /** The user name of HTTP Basic. */
  @ApiProperty({ example: 'example-ltd' })
  slug!: string;

  /** Whether tokens are issued only with scopes that are in the catalogue. */
  @ApiProperty({ example: false })
  strict_scopes!: boolean;

  /** How long tokens may live from their issue on, in seconds; null = without limit. */
  @ApiProperty({ type: 'integer', minimum: 1, nullable: true, example: null })
  max_token_ttl!: number | null;

  /** Whether tokens must be issued with an expiry. */
  @ApiProperty({ example: false })
  require_expiry!: boolean;

  /** What the values of new tokens start with where nothing else is asked; null = `tkn`. */
  @ApiProperty({ type: String, nullable: true, example: null })
  default_prefix!: string | null;

  /** What becomes of a token of which a value is presented that rotation has ended. */
  @ApiProperty({ enum: REUSE_POLICIES, example: 'alert' })
  reuse_policy!: ReusePolicy;

  /** After how many days without a use tokens are suspended; null = never. */
  @ApiProperty({ type: 'integer', minimum: 1, nullable: true, example: null })
  inactive_after_days!: number | null;

  /** From where API keys and tokens may call Tooken; null = anywhere. */
  @ApiProperty({ type: [String], nullable: true, example: null })
  allowed_management_ips!: string[] | null;

  /** When it was made. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  created_at!: string;
}

export function renderWorkspace(row: Workspace): WorkspaceDto {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    strict_scopes: row.strictScopes,
    max_token_ttl: row.maxTokenTtl,
    require_expiry: row.requireExpiry,
    default_prefix: row.defaultPrefix,
    reuse_policy: row.reusePolicy,
    inactive_after_days: row.inactiveAfterDays,
    allowed_management_ips: row.allowedManagementIps,
    created_at: row.createdAt.toISOString(),
  };
}

/** What the body leaves out stays. Pure. */
export function changeOf(body: UpdateWorkspaceDto): Partial<Workspace> {
  const { allowed_management_ips: ranges } = body;
  const change: { [Field in keyof Workspace]?: Workspace[Field] | undefined } = {
    name: body.name,
    strictScopes: body.strict_scopes,
    maxTokenTtl: body.max_token_ttl,
    requireExpiry: body.require_expiry,
    defaultPrefix: body.default_prefix,
    reusePolicy: body.reuse_policy,
    inactiveAfterDays: body.inactive_after_days,
    allowedManagementIps: ranges === undefined ? undefined : canonicalRanges(ranges),
  };
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** What of a workspace can be changed, as its events name it. */
export const CHANGEABLE = [
  'name',
  'strict_scopes',
  'max_token_ttl',
  'require_expiry',
  'default_prefix',
  'reuse_policy',
  'inactive_after_days',
  'allowed_management_ips',
] as const;
