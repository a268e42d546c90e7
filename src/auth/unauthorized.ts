import { Problem } from '../platform/errors/problem.js';

/**
 * The one refusal of whatever is no credential (contract §3).
 *
 * @param sent whether one was sent at all: only then RFC 6750 §3 lets us say `invalid_token`.
 * @param isClient whether by name and secret, to which RFC 6749 §5.2 wants an answer in kind.
 */
export function unauthorized(sent: boolean, isClient = false): Problem {
  const bearer = `Bearer realm="tooken"${sent ? ', error="invalid_token"' : ''}`;
  return new Problem('unauthorized', 'Invalid or missing API key', {
    headers: { 'www-authenticate': isClient ? 'Basic realm="tooken"' : bearer },
  });
}
