import { ApiProperty } from '@nestjs/swagger';
import { Flag, Optional, Text } from '../platform/input/fields.js';
import type { Workspace } from './workspace.entity.js';

/** Body of `PATCH /v1/workspace`; what is left out stays. */
export class UpdateWorkspaceDto {
  /** 1 to 120 characters. */
  @Optional()
  @Text({ max: 120, example: 'Example Ltd' })
  name?: string;

  /** Refuse to issue tokens with scopes that are not in the catalogue. */
  @Optional()
  @Flag({ example: true })
  strict_scopes?: boolean;
}

/** The caller's workspace and its policies. */
export class WorkspaceDto {
  @ApiProperty({ example: 'ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  @ApiProperty({ example: 'Example Ltd' })
  name!: string;

  /** The user name of HTTP Basic. */
  @ApiProperty({ example: 'example-ltd' })
  slug!: string;

  @ApiProperty({ example: false })
  strict_scopes!: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  created_at!: string;
}

export function renderWorkspace(row: Workspace): WorkspaceDto {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    strict_scopes: row.strictScopes,
    created_at: row.createdAt.toISOString(),
  };
}
