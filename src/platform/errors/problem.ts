/** One fault of a request: where it is and what is wrong with it (contract §3). */
export interface Fault {
  /** Path of the field, with dots and brackets: `expires_at`, `items[3].token`; empty for the body as a whole. */
  field: string;
  message: string;
}

/** Every error code a caller can meet, and the status it is answered with (contract §3). */
export const STATUS_OF = {
  invalid_request: 400,
  credential_in_url: 400,
  credential_in_body: 400,
  unknown_scope: 400,
  // RFC 6749 §5.2 and RFC 8693 §2.2.2: of the token endpoint only.
  unsupported_grant_type: 400,
  unauthorized_client: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof STATUS_OF;

interface ProblemOptions {
  details?: Fault[];
  /** The scopes that would have sufficed; `[]` for a refusal by kind of credential. Only with `forbidden`. */
  requiredScopes?: string[];
  headers?: Record<string, string>;
  /** What really happened. For the server's log only; never shown to the caller. */
  cause?: unknown;
}

/**
 * The one error a caller may see: a code, a public message, and an internal cause that stays inside.
 * Anything thrown that is not a Problem is answered as an empty `internal`.
 */
export class Problem extends Error {
  readonly details: Fault[] | undefined;
  readonly requiredScopes: string[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    readonly code: ProblemCode,
    message: string,
    options: ProblemOptions = {},
  ) {
    // An answer, and no accident: nobody reads where it was made, and noting that costs a fifteenth of a refusal.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Problem';
    this.details = options.details;
    this.requiredScopes = options.requiredScopes;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return STATUS_OF[this.code];
  }

  /** 400 with every fault at once. */
  static invalid(details: Fault[], code: 'invalid_request' | 'unknown_scope' = 'invalid_request'): Problem {
    return new Problem(code, 'The request has faults: see details', { details });
  }

  /**
   * 403 with the scopes that would have sufficed, and the challenge that RFC 6750 §3.1 asks for.
   *
   * @param requiredScopes `[]` when no scope would help, as with a refusal by kind of credential.
   */
  static forbidden(message: string, requiredScopes: string[]): Problem {
    const scope = requiredScopes.length > 0 ? `, scope="${requiredScopes.join(' ')}"` : '';
    return new Problem('forbidden', message, {
      requiredScopes,
      headers: { 'www-authenticate': `Bearer error="insufficient_scope"${scope}` },
    });
  }

  /** 404, the same for what never existed and for what belongs to another workspace or environment. */
  static notFound(): Problem {
    return new Problem('not_found', 'No such resource');
  }
}
