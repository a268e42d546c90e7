import type { AuditEventDto } from '../audit-log/audit-events.dto.js';
import type { NamedThing } from './named-things.js';
import type { Notice } from './notice-of-event.js';
import { TEST_NOTICE } from './notice-types.js';

/**
 * The body of a notice (Standard Webhooks: `type`, `timestamp`, `data`): what happened, to which token or key, and the
 * event by which the log tells the rest. Nothing of it is a secret or an address. Pure.
 */
export function payloadOf(
  workspaceId: string,
  environment: string,
  event: AuditEventDto,
  { type, about, facts }: Notice,
  thing: NamedThing | undefined,
): string {
  const { actor } = event;
  return JSON.stringify({
    type,
    timestamp: event.occurred_at,
    data: {
      workspace: workspaceId,
      environment,
      event_id: event.id,
      ...(about !== null && { [kindOf(about)]: { id: about, ...shown(thing) } }),
      actor: { type: actor.type, id: actor.id, name: actor.name },
      ...facts,
    },
  });
}

/** The body of a test. Pure. */
export function testPayload(
  workspaceId: string,
  environment: string,
  webhookId: string,
  eventId: string,
  at: number,
): string {
  return JSON.stringify({
    type: TEST_NOTICE,
    timestamp: new Date(at).toISOString(),
    data: { workspace: workspaceId, environment, event_id: eventId, webhook: { id: webhookId } },
  });
}

function shown(thing: NamedThing | undefined): object {
  if (thing === undefined) return {};
  const { name, hint, subject } = thing;
  return thing.kind === 'token' ? { name, subject, hint } : { name, hint };
}

function kindOf(handle: string): 'token' | 'api_key' {
  return handle.startsWith('key_') ? 'api_key' : 'token';
}
