import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Checked, Nullable, Text } from '../platform/input/fields.js';
import { isPattern, isReserved, MAX_SCOPE_LENGTH, parseScope } from './grammar.js';
import type { Scope } from './scope.entity.js';

/** What is wrong with a scope or pattern, or null. */
export function scopeFault(text: string): string | null {
  const parsed = parseScope(text);
  return parsed.ok ? null : parsed.message;
}

/** What is wrong with a name for the workspace's own catalogue, which holds no patterns and nothing reserved. */
function ownNameFault(text: string): string | null {
  const fault = scopeFault(text);
  if (fault !== null) return fault;
  if (isPattern(text)) return 'must not be a pattern: the catalogue lists scopes';
  return isReserved(text) ? 'is one of Tooken’s own scopes' : null;
}

@ApiSchema({ description: 'Body of `POST /v1/scopes`.' })
export class CreateScopeDto {
  /** Two to four segments of `a-z 0-9 _ . -`, separated by colons. */
  @Checked('scope', ownNameFault)
  @Text({ max: MAX_SCOPE_LENGTH, example: 'invoices:read' })
  name!: string;

  /** For the people who choose scopes; up to 500 characters. */
  @Nullable()
  @Text({ min: 0, max: 500, characters: 'lines', example: 'Read invoices' })
  description?: string | null;
}

@ApiSchema({ description: 'Body of `PATCH /v1/scopes/{name}`.' })
export class UpdateScopeDto {
  /** Null clears it. */
  @Nullable()
  @Text({ min: 0, max: 500, characters: 'lines', example: 'Read invoices and their lines' })
  description?: string | null;
}

@ApiSchema({ description: "A scope of the workspace's own." })
export class ScopeDto {
  /** What tokens carry and verifications ask for. */
  @ApiProperty({ example: 'invoices:read' })
  name!: string;

  /** For the people who choose scopes. */
  @ApiProperty({ type: String, nullable: true, example: 'Read invoices' })
  description!: string | null;

  /** When it entered the catalogue, by hand or with the first token that carried it. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:00.123Z' })
  created_at!: string;
}

@ApiSchema({ description: 'One page of scopes.' })
export class ScopePage {
  /** By name. */
  @ApiProperty({ type: [ScopeDto] })
  data!: ScopeDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderScope(row: Scope): ScopeDto {
  return { name: row.name, description: row.description, created_at: row.createdAt.toISOString() };
}
