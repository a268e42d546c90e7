import type { AuditEvent } from '../../api/types.ts';
import type { EventSearch } from './search.ts';

/** Whether an event that has just arrived belongs into the list as it is filtered; as the server judges. */
export function matches(event: AuditEvent, search: EventSearch): boolean {
  return (
    anyOf(search.action, (wanted) => isAction(event.action, wanted)) &&
    anyOf(search.outcome, (wanted) => event.outcome === wanted) &&
    anyOf(search.reason, (wanted) => event.reason === wanted) &&
    anyOf(search.actor_type, (wanted) => event.actor.type === wanted) &&
    anyOf(search.actor_id, (wanted) => event.actor.id === wanted) &&
    anyOf(search.target_type, (wanted) => event.target?.type === wanted) &&
    anyOf(search.target_id, (wanted) => event.target?.id === wanted) &&
    anyOf(search.ip, (wanted) => event.request?.ip === wanted) &&
    anyOf(search.request_id, (wanted) => event.request?.id === wanted) &&
    isFound(event, search.q)
  );
}

/** What can only be judged by the server: live is off then. */
export function canFollow({ ip = [], to, from }: EventSearch): boolean {
  return to === undefined && from === undefined && !ip.some((address) => address.includes('/'));
}

function anyOf(wanted: readonly string[] | undefined, test: (wanted: string) => boolean): boolean {
  return wanted === undefined || wanted.some(test);
}

function isAction(action: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? action.startsWith(wanted.slice(0, -1)) : action === wanted;
}

function isFound({ actor, target }: AuditEvent, q: string | undefined): boolean {
  if (q === undefined) return true;
  const text = q.toLowerCase();
  return [actor.name, actor.hint, actor.id, target?.name, target?.id].some(
    (part) => part?.toLowerCase().includes(text) === true,
  );
}
