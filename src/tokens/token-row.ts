import type { WorkspaceFacts } from '../credentials/credential-facts.js';
import { createdBy, type Principal } from '../credentials/principal.js';
import { canonicalRanges } from '../platform/addresses.js';
import type { Fault } from '../platform/errors/problem.js';
import { newHandle } from '../platform/ids.js';
import { instant } from '../platform/input/instant.js';
import { expiryFault, impliedExpiry } from './policies/expiry-policy.js';
import { rateColumns } from './rate-limit.dto.js';
import { Token } from './token.entity.js';
import type { IssueTokenDto } from './tokens.dto.js';

const DEFAULT_PREFIX = 'tkn';

/** Where a token belongs and where it comes from: fixed for all its life. */
export type Origin = Pick<
  Token,
  | 'workspaceId'
  | 'environment'
  | 'createdByType'
  | 'createdById'
  | 'createdByName'
  | 'parentId'
  | 'lineage'
  | 'imported'
>;

/** What a token gets where the body leaves it out. */
export interface Inherited {
  /** Unix milliseconds; null = never. */
  expiresAt: number | null;
  allowedIps: readonly string[] | null;
}

/** What the workspace says of the tokens that are made in it. */
export type MakingPolicy = Pick<WorkspaceFacts, 'maxTokenTtl' | 'requireExpiry' | 'defaultPrefix'>;

/** The origin of a token that the caller makes; one made by a token descends from it. */
export function originOf(caller: Principal): Origin {
  const parent = caller.credential.kind === 'token' ? caller.credential : null;
  return {
    workspaceId: caller.workspace.id,
    environment: caller.environment,
    ...createdBy(caller),
    parentId: parent?.id ?? null,
    lineage: parent === null ? [] : [parent.id, ...parent.lineage],
    imported: false,
  };
}

/** The row of a new token as it will be, but for the hint. Pure, save that it makes the handle. */
export function tokenRow(
  origin: Origin,
  body: IssueTokenDto,
  bounds: Inherited,
  policy: MakingPolicy,
  now: number,
): Token {
  const expiresAt = expiryOf(body, now) ?? impliedExpiry(bounds.expiresAt, policy, now);
  const notBefore = body.not_before == null ? null : instant(body.not_before);
  return Object.assign(new Token(), {
    id: newHandle('token', now),
    ...origin,
    name: body.name,
    description: body.description ?? null,
    subject: body.subject ?? null,
    scopes: body.scopes,
    enabled: true,
    disabledById: null,
    activeSince: null,
    suspendedAt: null,
    suspendedReason: null,
    prefix: body.prefix ?? policy.defaultPrefix ?? DEFAULT_PREFIX,
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    notBefore: notBefore === null ? null : new Date(notBefore),
    createdAt: new Date(now),
    allowedIps: canonicalRanges(body.allowed_ips ?? bounds.allowedIps),
    ...rateColumns(body.rate_limit),
    maxUses: body.max_uses ?? null,
    metadata: body.metadata ?? {},
    revokedAt: null,
    revokedReason: null,
    rotatedAt: null,
    previousExpiresAt: null,
    previousHint: null,
  });
}

/** What is wrong with times that were well-formed, once it is known what they come to. Pure. */
export function policyFaults(row: Token, body: IssueTokenDto, policy: MakingPolicy, now: number): Fault[] {
  const expiresAt = row.expiresAt?.getTime() ?? null;
  const expiry = expiryFault(expiresAt, policy, now);
  const field = body.expires_in == null ? 'expires_at' : 'expires_in';
  const isTooEarly = row.notBefore !== null && expiresAt !== null && row.notBefore.getTime() >= expiresAt;
  return [
    ...(expiry === null ? [] : [{ field, message: expiry }]),
    ...(isTooEarly ? [{ field: 'not_before', message: 'must be before the expiry' }] : []),
  ];
}

/** The expiry the body asks for, in Unix milliseconds. Pure. */
function expiryOf(body: IssueTokenDto, now: number): number | null {
  if (body.expires_in != null) return now + body.expires_in * 1000;
  return body.expires_at == null ? null : instant(body.expires_at);
}
