import { parseSecret, type ParsedSecret } from '../platform/secrets/secret.js';

/** What a request presents as its credential. */
export type Presented =
  | { kind: 'missing' }
  | { kind: 'malformed' }
  | {
      kind: 'secret';
      secret: ParsedSecret;
      /** Of HTTP Basic; null with Bearer. */
      userName: string | null;
    };

const MISSING: Presented = { kind: 'missing' };
const MALFORMED: Presented = { kind: 'malformed' };

/**
 * Reads `Authorization` (contract §3, RFC 6750 §2.1, RFC 7617): the scheme in any case, exactly one space, the
 * credential, nothing else.
 *
 * @param values of all headers of that name: Node silently keeps the first of two, so the caller must not.
 */
export function readAuthorization(values: readonly string[] | undefined): Presented {
  if (values === undefined || values.length === 0) return MISSING;
  const [value] = values;
  if (values.length > 1 || value === undefined) return MALFORMED;
  const bearer = /^bearer ([0-9A-Za-z_]+)$/i.exec(value);
  if (bearer !== null) return presented(bearer[1]!, null);
  const basic = /^basic ([0-9A-Za-z+/]+={0,2})$/i.exec(value);
  return basic === null ? MALFORMED : readBasic(basic[1]!);
}

/** Reads a credential from where only `TOOKEN_LEGACY_CREDENTIALS` allows it: the query string or the body. */
export function readLegacy(value: unknown): Presented {
  return typeof value === 'string' ? presented(value, null) : MALFORMED;
}

function readBasic(encoded: string): Presented {
  const bytes = Buffer.from(encoded, 'base64');
  // One value has one spelling: what decodes the same but was written otherwise is refused.
  if (bytes.toString('base64') !== encoded) return MALFORMED;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? MALFORMED : presented(text.slice(colon + 1), text.slice(0, colon));
}

function presented(value: string, userName: string | null): Presented {
  const secret = parseSecret(value);
  return secret === null ? MALFORMED : { kind: 'secret', secret, userName };
}
