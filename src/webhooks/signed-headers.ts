import { Webhook as Signer } from 'standardwebhooks';
import { PRODUCT_VERSION } from '../platform/product-version.js';

/**
 * The headers of a notice, signed as Standard Webhooks has it. Pure.
 *
 * @param secrets one, or during a rotation two: the receiver needs only know either.
 * @param at Unix milliseconds; of the attempt, so that a receiver can refuse what is old.
 */
export function signedHeaders(
  id: string,
  payload: string,
  secrets: readonly string[],
  at: number,
): Record<string, string> {
  const signatures = secrets.map((secret) => new Signer(secret).sign(id, new Date(at), payload));
  return {
    'content-type': 'application/json',
    'user-agent': `Tooken/${PRODUCT_VERSION}`,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': signatures.join(' '),
  };
}
