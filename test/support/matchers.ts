import { expect } from '@jest/globals';
import type { Answer } from './caller.js';
import type { World } from './world.js';

interface ExpectedEvent {
  action?: string;
  outcome?: 'success' | 'denied' | 'failure';
  reason?: string | null;
  actor_id?: string | null;
  workspace_id?: string;
  target_id?: string | null;
  environment?: string | null;
}

/** Statuses that go with a code (contract §3). */
const STATUS: Record<string, number> = {
  invalid_request: 400,
  credential_in_url: 400,
  credential_in_body: 400,
  unknown_scope: 400,
  unauthorized: 401,
  // The same two in the words of OAuth.
  invalid_client: 401,
  insufficient_scope: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  rate_limited: 429,
  unavailable: 503,
};

expect.extend({
  /** The contract's error of this code, with its status and headers; and with faults in exactly these fields. */
  toBeProblem(received: unknown, code: string, fields?: string[]) {
    const answer = received as Answer<{ error?: string; request_id?: string; details?: { field: string }[] }>;
    const found = {
      status: answer.status,
      error: answer.body.error,
      request_id: answer.body.request_id,
      cache: answer.headers.get('cache-control'),
      ...(fields !== undefined && { fields: (answer.body.details ?? []).map(({ field }) => field).sort() }),
    };
    const wanted = {
      status: STATUS[code],
      error: code,
      request_id: answer.requestId,
      cache: 'no-store',
      ...(fields !== undefined && { fields: [...fields].sort() }),
    };
    const pass = this.equals(found, wanted);
    return {
      pass,
      message: () =>
        `${this.utils.printDiffOrStringify(wanted, found, 'wanted', 'answered', true)}\n${answer.text}`,
    };
  },

  /** The answer left exactly one event, and it says this. */
  async toHaveAudited(received: unknown, world: World, wanted: ExpectedEvent) {
    const events = await world.eventsOf((received as Answer).requestId);
    const found = events.map((event) =>
      Object.fromEntries(Object.keys(wanted).map((key) => [key, event[key]])),
    );
    const pass = this.equals(found, [wanted]);
    return {
      pass,
      message: () => this.utils.printDiffOrStringify([wanted], found, 'wanted', 'recorded', true),
    };
  },
});

declare module 'expect' {
  interface Matchers<R> {
    toBeProblem(code: string, fields?: string[]): R;
    toHaveAudited(world: World, event: ExpectedEvent): Promise<R>;
  }
}
