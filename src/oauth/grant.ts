import { Problem, type Fault } from '../platform/errors/problem.js';
import { withoutSecrets } from '../platform/secrets/secret.js';
import { missing } from '../scopes/covers.js';
import { parseScope } from '../scopes/grammar.js';
import type { TokenRequestDto } from './token-request.dto.js';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPES = 'urn:ietf:params:oauth:token-type:';
const ACCESS_TOKEN = `${TYPES}access_token`;
const JWT = `${TYPES}jwt`;

/** What the token endpoint is asked for. */
export type Grant =
  | { kind: 'client_credentials' }
  /** The token to exchange, and what type to call the JWT. */
  | { kind: 'exchange'; subjectToken: string; issuedType: string };

/**
 * Which grant the form asks for. Pure.
 *
 * @throws Problem `unsupported_grant_type` (RFC 6749 §5.2); `invalid_request` with every fault.
 */
export function readGrant(body: TokenRequestDto): Grant {
  if (body.grant_type === 'client_credentials') return { kind: 'client_credentials' };
  if (body.grant_type !== EXCHANGE_GRANT) {
    throw new Problem(
      'unsupported_grant_type',
      `The grant type must be client_credentials or ${EXCHANGE_GRANT}`,
    );
  }
  const { subject_token: subjectToken, requested_token_type: issuedType = ACCESS_TOKEN } = body;
  const faults: Fault[] = [];
  const demand = (field: string, isRight: boolean, message: string): void => {
    if (!isRight) faults.push({ field, message });
  };
  demand('subject_token', subjectToken !== undefined, 'is required');
  demand('subject_token_type', body.subject_token_type === ACCESS_TOKEN, `must be ${ACCESS_TOKEN}`);
  demand(
    'requested_token_type',
    [ACCESS_TOKEN, JWT].includes(issuedType),
    `must be ${ACCESS_TOKEN} or ${JWT}`,
  );
  demand('actor_token', body.actor_token === undefined, 'is not supported');
  if (subjectToken === undefined || faults.length > 0) throw Problem.invalid(faults);
  return { kind: 'exchange', subjectToken, issuedType };
}

/**
 * The scopes a JWT gets: those asked for, or all there are. Pure.
 *
 * @param held what the token may do, narrowed by its ancestors.
 * @returns the scopes; or null: some are malformed, or more than the token has.
 */
export function grantedScopes(held: readonly string[], asked: string | undefined): readonly string[] | null {
  if (asked === undefined) return held;
  const wanted = [...new Set(asked.split(' '))];
  const isRight = wanted.every((scope) => parseScope(scope).ok) && missing(held, wanted).length === 0;
  return isRight ? wanted : null;
}

/**
 * Whom the JWT is for: both parameters together (RFC 8693 §2.1). Pure.
 *
 * @throws Problem `invalid_target` (RFC 8707 §2).
 */
export function audienceOf({ audience = [], resource = [] }: TokenRequestDto): string[] {
  if (!resource.every(isResource)) {
    throw new Problem('invalid_target', 'A resource must be an absolute URI without a fragment');
  }
  const all = [...new Set([...audience, ...resource])];
  if (all.some((each) => withoutSecrets(each) !== each)) {
    // A slip of somebody who has the fields confused; whoever gets the JWT could read it.
    throw new Problem('invalid_target', 'What holds a secret is no audience');
  }
  return all;
}

function isResource(text: string): boolean {
  return URL.canParse(text) && !text.includes('#');
}
