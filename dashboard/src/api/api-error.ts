/** One fault of a request, as the API lists it. */
export interface Fault {
  field: string;
  message: string;
}

interface ErrorBody {
  error?: string;
  message?: string;
  details?: Fault[];
  request_id?: string;
}

/** An answer other than 2xx, or none at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly Fault[] = [],
    /** Leads to the audit event of the refusal. */
    readonly requestId: string | null = null,
    /** Seconds until it is worth trying again. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** A session may do this once the person has confirmed who it is. */
  get wantsConfirmation(): boolean {
    return this.status === 403 && this.details.some(({ message }) => message === 'sudo_required');
  }

  static from(response: Response, body: unknown): ApiError {
    const { error, message, details, request_id: id } = (body ?? {}) as ErrorBody;
    const wait = Number(response.headers.get('retry-after'));
    return new ApiError(
      response.status,
      error ?? 'unexpected',
      message ?? `The server answered ${String(response.status)}`,
      details ?? [],
      id ?? response.headers.get('x-request-id'),
      Number.isFinite(wait) && wait > 0 ? wait : null,
    );
  }

  static unreachable(cause: unknown): ApiError {
    const error = new ApiError(0, 'unreachable', 'The server cannot be reached');
    error.cause = cause;
    return error;
  }
}

/** What the reader can do about it, in one sentence. */
export function adviceFor(error: unknown): string {
  if (error instanceof Error && error.name === 'PasskeyError') {
    return 'Try again, and follow what the browser or device asks for.';
  }
  if (!(error instanceof ApiError)) return 'Reload the page; if it happens again, tell your operator.';
  const { status, retryAfter } = error;
  if (status === 0) return 'Check your connection; nothing was changed as far as this page knows.';
  if (status === 400 || status === 422) return 'Correct what is marked and send it again.';
  if (status === 401) return 'Sign in again.';
  if (status === 403) return 'Ask an owner or admin of this workspace if you need to do this.';
  if (status === 404) return 'It may have been deleted, or belong to the other environment.';
  if (status === 409) return 'Something changed in the meantime: reload, look, and decide again.';
  if (status === 429) return `Too many attempts. Try again in ${waitInWords(retryAfter)}.`;
  if (status === 503) return `Nothing was changed. Try again in ${waitInWords(retryAfter)}.`;
  return 'Try again; if it happens again, give your operator the request id.';
}

function waitInWords(seconds: number | null): string {
  if (seconds === null) return 'a moment';
  return seconds < 90
    ? `${String(Math.ceil(seconds))} seconds`
    : `${String(Math.ceil(seconds / 60))} minutes`;
}
