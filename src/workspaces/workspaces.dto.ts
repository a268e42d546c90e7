import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { REUSE_POLICIES, type ReusePolicy } from '../credentials/credential-facts.js';
import { Flag, OneOf, Optional, Text } from '../platform/input/fields.js';
import type { Workspace } from './workspace.entity.js';

@ApiSchema({ description: 'Body of `PATCH /v1/workspace`; what is left out stays.' })
export class UpdateWorkspaceDto {
  /** 1 to 120 characters. */
  @Optional()
  @Text({ max: 120, example: 'Example Ltd' })
  name?: string;

  /** Refuse to issue tokens with scopes that are not in the catalogue. */
  @Optional()
  @Flag({ example: true })
  strict_scopes?: boolean;

  /** What becomes of a token of which a value is presented that rotation has ended: only the event tells, or it is revoked. */
  @Optional()
  @OneOf(REUSE_POLICIES, { example: 'revoke' })
  reuse_policy?: ReusePolicy;
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

  /** What becomes of a token of which a value is presented that rotation has ended. */
  @ApiProperty({ enum: REUSE_POLICIES, example: 'alert' })
  reuse_policy!: ReusePolicy;

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
    reuse_policy: row.reusePolicy,
    created_at: row.createdAt.toISOString(),
  };
}
