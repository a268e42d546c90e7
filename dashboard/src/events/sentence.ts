import type { AuditEvent } from '../api/types.ts';
import { deed, deedDone, reasonInWords } from './words.ts';

/** A sentence in parts, so that names can be set off. */
export interface Sentence {
  actor: string;
  /** What was done, or tried. */
  verb: string;
  target: string | null;
  /** What became of it. */
  end: string | null;
}

/** Actions whose words already say all, whatever the target. */
const COMPLETE =
  /\.(?:list|tail|stats|search|export|scrub|erase)$|^(?:session|me|invitation|setup)\.|^account\.(?:read|update|signup)$/;

/** What an event tells, for people. */
export function sentenceOf(event: AuditEvent): Sentence {
  const { action, outcome, reason, count } = event;
  // A verification that finds a token not valid has been done all the same.
  const isDone = outcome === 'success' || isVerdict(event);
  const end = reason === null ? null : `${ending(event)}: ${reasonInWords(reason)}`;
  const times = count > 1 ? `${String(count)} times` : null;
  return {
    actor: actorName(event),
    verb: isDone ? deedDone(action) : `tried to ${deed(action)}`,
    target: COMPLETE.test(action) ? null : targetName(event),
    end: [end, times].filter((part) => part !== null).join(', ') || null,
  };
}

/** The same as one line. */
export function lineOf(event: AuditEvent): string {
  const { actor, verb, target, end } = sentenceOf(event);
  return [actor, verb, target, end === null ? null : `— ${end}`].filter((part) => part !== null).join(' ');
}

function ending(event: AuditEvent): string {
  if (isVerdict(event)) return 'not valid';
  return event.outcome === 'denied' ? 'refused' : 'failed';
}

/** Refused was the token that was shown, not who asked about it. */
function isVerdict({ action, outcome, request }: AuditEvent): boolean {
  return action === 'token.verify' && outcome === 'denied' && request?.status === 200;
}

export function actorName({ actor }: AuditEvent): string {
  if (actor.name !== null && actor.name !== '') return actor.name;
  if (actor.type === 'anonymous') return 'Somebody';
  if (actor.type === 'system') return 'Tooken';
  return actor.hint ?? actor.id ?? actor.type;
}

function targetName({ target }: AuditEvent): string | null {
  if (target === null) return null;
  return target.name ?? target.id;
}
