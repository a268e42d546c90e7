import type { FastifyRequest } from 'fastify';
import '../credentials/owns-api-key-field.decorator.js';
import type { LegacyCredential } from '../platform/config/config.js';
import { Problem } from '../platform/errors/problem.js';
import { readLegacy, type Presented } from './read-credential.js';

/** The name under which a query string or a body may carry a credential. */
const FIELD = 'api_key';

/** What is left to authenticate with, and the refusal if a credential stood where none may. */
interface Taken {
  presented: Presented;
  refusal: Problem | null;
}

/**
 * Takes `?api_key=` and the body's `api_key` out of the request (contract §3): refused, also beside a valid
 * header, unless `TOOKEN_LEGACY_CREDENTIALS` allows them; then the order is header, query, body.
 */
export function takeLegacyCredential(
  request: FastifyRequest,
  header: Presented,
  allowed: readonly LegacyCredential[],
): Taken {
  const query = take(request.query);
  const body = request.routeOptions.config.policy?.ownsApiKeyField === true ? undefined : take(request.body);
  let presented = header;
  if (query !== undefined) {
    if (!allowed.includes('query')) return { presented, refusal: misplaced('credential_in_url', 'the URL') };
    if (presented.kind === 'missing') presented = readLegacy(query);
  }
  if (body !== undefined) {
    if (!allowed.includes('body')) return { presented, refusal: misplaced('credential_in_body', 'the body') };
    if (presented.kind === 'missing') presented = readLegacy(body);
  }
  return { presented, refusal: null };
}

/** Removes the field, so that neither validation nor a log ever meets its value. */
function take(container: unknown): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, FIELD))
    return undefined;
  const fields = container as Record<string, unknown>;
  const value = fields[FIELD] ?? null;
  Reflect.deleteProperty(fields, FIELD);
  return value;
}

function misplaced(code: 'credential_in_url' | 'credential_in_body', place: string): Problem {
  return new Problem(code, `A credential must not stand in ${place}; send it as Authorization: Bearer`, {
    details: [{ field: FIELD, message: `must not stand in ${place}` }],
  });
}
