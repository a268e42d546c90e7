import { AUDIT_ACTIONS, type AuditAction } from './audit-log/audit-actions.js';
import { ACTION_EXTENSION } from './audit-log/audited.decorator.js';
import type { DocumentedResponse } from './openapi-problems.js';
import { Problem } from './platform/errors/problem.js';
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_KEY_FORM,
  MAX_IDEMPOTENCY_KEY,
} from './platform/input/idempotency-key.js';

interface Repeatable {
  parameters: unknown[];
  responses: Record<string, DocumentedResponse>;
  security?: Record<string, string[]>[];
  [ACTION_EXTENSION]?: AuditAction;
}

const OF_A_CHANGE = `Makes the call repeatable: 1 to ${String(MAX_IDEMPOTENCY_KEY)} printable ASCII characters of your own
choice, a random UUID for instance. The same caller, call and key within 24 hours get the same status and body, the
secret in it included, with the header \`Idempotent-Replayed: true\`, and nothing is changed again. The key with another
call is 422; while the first is under way, 409. Only success is remembered: what was refused or failed has changed
nothing, and may be sent again with the same key. The answer is kept sealed under the key, which is itself not kept.`;

const OF_A_READING = 'Accepted, and without effect: this call changes nothing.';

const STILL_RUNNING = 'A request with the same `Idempotency-Key` is still under way';

export const STILL_RUNNING_EXAMPLE = new Problem(
  'conflict',
  'A request with this Idempotency-Key is still under way',
);

/** Whether nothing else can be in conflict with the call. */
export function isOnlyStillRunning(description: string): boolean {
  return description === STILL_RUNNING;
}

/** Documents what `Idempotency-Key` does for a POST that asks for a credential: it has an effect on those that change something. */
export function documentIdempotency(method: string, operation: Repeatable): void {
  const { parameters, responses, security = [], [ACTION_EXTENSION]: action } = operation;
  // What only people do is about their session, and is not repeated.
  const isForPrograms = security.some((scheme) => 'bearer' in scheme);
  if (method !== 'post' || !isForPrograms || action === undefined) return;
  const { changes } = AUDIT_ACTIONS[action];
  parameters.push({
    name: IDEMPOTENCY_KEY,
    in: 'header',
    required: false,
    description: (changes ? OF_A_CHANGE : OF_A_READING).replaceAll('\n', ' '),
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_IDEMPOTENCY_KEY,
      pattern: IDEMPOTENCY_KEY_FORM.source,
      example: '0193a1b2-7c5e-7d3f-9a4b-2f6c8e1d0b57',
    },
  });
  if (!changes) return;
  const { description } = responses[409] ?? {};
  responses[409] = {
    description: description === undefined ? STILL_RUNNING : `${description}, or ${lowered(STILL_RUNNING)}`,
  };
  responses[422] = {};
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
