import { decoded } from '../platform/input/form.js';
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
      /** Whether the name may be the credential's own handle, as that of an OAuth client (RFC 6749 §2.3.1). */
      isClient: boolean;
    };

const MISSING: Presented = { kind: 'missing' };
const MALFORMED: Presented = { kind: 'malformed' };

/**
 * Reads `Authorization` (contract §3, RFC 6750 §2.1, RFC 7617): the scheme in any case, exactly one space, the
 * credential, nothing else.
 *
 * @param values of all headers of that name: Node silently keeps the first of two, so the caller must not.
 * @param isClient whether it is an OAuth client's: name and secret of Basic are then written as forms write them.
 */
export function readAuthorization(values: readonly string[] | undefined, isClient = false): Presented {
  if (values === undefined || values.length === 0) return MISSING;
  const [value] = values;
  if (values.length > 1 || value === undefined) return MALFORMED;
  const bearer = /^bearer ([0-9A-Za-z_]+)$/i.exec(value);
  if (bearer !== null) return presented(bearer[1]!, null);
  const basic = /^basic ([0-9A-Za-z+/]+={0,2})$/i.exec(value);
  return basic === null ? MALFORMED : readBasic(basic[1]!, isClient);
}

/** Reads a credential from where only `TOOKEN_LEGACY_CREDENTIALS` allows it: the query string or the body. */
export function readLegacy(value: unknown): Presented {
  return typeof value === 'string' ? presented(value, null) : MALFORMED;
}

/**
 * An OAuth client's credential, which may also stand in the form (RFC 6749 §2.3.1): in one of the two places only.
 *
 * @param form the request's body, unjudged.
 */
export function readClient(values: readonly string[] | undefined, form: unknown): Presented {
  const header = readAuthorization(values, true);
  const { client_id: id = '', client_secret: secret } = (form ?? {}) as Record<string, unknown>;
  if (secret === undefined) return header;
  if (header.kind !== 'missing' || typeof id !== 'string' || typeof secret !== 'string') return MALFORMED;
  return presented(secret, id, true);
}

function readBasic(encoded: string, isClient: boolean): Presented {
  const bytes = Buffer.from(encoded, 'base64');
  // One value has one spelling: what decodes the same but was written otherwise is refused.
  if (bytes.toString('base64') !== encoded) return MALFORMED;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return MALFORMED;
  const [name, password] = [text.slice(0, colon), text.slice(colon + 1)];
  if (!isClient) return presented(password, name);
  const [clientName, secret] = [decoded(name), decoded(password)];
  return clientName === null || secret === null ? MALFORMED : presented(secret, clientName, true);
}

function presented(value: string, userName: string | null, isClient = false): Presented {
  const secret = parseSecret(value);
  return secret === null ? MALFORMED : { kind: 'secret', secret, userName, isClient };
}
