import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { REFUSING_POLICIES, type RefusingPolicy, type Violation } from './policy-violations.js';
import type { Token } from '../token.entity.js';

@ApiSchema({ description: 'A policy that a token does not meet.' })
export class ViolationDto {
  /** The policy, as `GET /v1/workspace` names it. */
  @ApiProperty({ enum: REFUSING_POLICIES, example: 'require_expiry' })
  policy!: RefusingPolicy;

  /** Why, for people. */
  @ApiProperty({ example: 'expires_at is required by this workspace (require_expiry)' })
  message!: string;
}

@ApiSchema({ description: 'A token that works, and would be refused if it were issued now.' })
export class PolicyReportItemDto {
  /** Handle of the token. */
  @ApiProperty({ example: 'token_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  id!: string;

  /** What it is for. */
  @ApiProperty({ example: 'Acme' })
  name!: string;

  /** Your own id for the partner. */
  @ApiProperty({ type: String, nullable: true, example: 'partner_42' })
  subject!: string | null;

  /** The value's prefix and last four characters. */
  @ApiProperty({ example: 'tkn_live_…U3aF' })
  hint!: string;

  /** At this moment it is over; null = never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  expires_at!: string | null;

  /** Every policy it does not meet; at least one. */
  @ApiProperty({ type: [ViolationDto] })
  violations!: ViolationDto[];
}

@ApiSchema({ description: 'One page of tokens that do not meet the policies of today.' })
export class PolicyReportPage {
  /**
   * Newest first. A page looks at so many tokens only: it may hold fewer than `limit`, even none, and still have a
   * next one.
   */
  @ApiProperty({ type: [PolicyReportItemDto] })
  data!: PolicyReportItemDto[];

  /** Null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor!: string | null;
}

export function renderReportItem(row: Token, violations: Violation[]): PolicyReportItemDto {
  const { id, name, subject, hint, expiresAt } = row;
  return { id, name, subject, hint, expires_at: expiresAt?.toISOString() ?? null, violations };
}
