import type { AuditAction } from '../audit-log/audit-actions.js';
import type { AuditEventDto } from '../audit-log/audit-events.dto.js';
import type { NoticeType } from './notice-types.js';

/** What an event of the log is to be told as. */
export interface Notice {
  type: NoticeType;
  /** Handle of the token or API key it is about; null for many at once. */
  about: string | null;
  /** There is one notice for each. */
  occasion: string;
  /** What the event says besides, as the notice tells it. */
  facts: Record<string, unknown>;
}

/** The occasion is the event itself, unless told otherwise. */
type Teller = (event: AuditEventDto) => (Omit<Notice, 'occasion'> & { occasion?: string }) | null;

/** The reason of a decision on a value that rotation had ended. */
export const REUSE = 'rotated_value';

/** How each action is told, if it succeeded. */
const TELLERS: Partial<Record<AuditAction, Teller>> = {
  'token.expiring': (event) => told('token.expiring', event, ['days', 'expires_at']),
  'token.suspend': (event) => told('token.suspended', event, ['reason']),
  'token.update': (event) => (isSuspension(event) ? told('token.suspended', event, []) : null),
  'token.revoke': revoked,
  'token.revoke_many': revoked,
  'secret.report': leaked,
  'api_key.regenerate': (event) => told('api_key.regenerated', event, []),
  'api_key.delete': (event) => told('api_key.deleted', event, []),
  // By its value, which may have been nobody's.
  'api_key.revoke': (event) => (event.target === null ? null : told('api_key.deleted', event, [])),
};

/** Every action that may be worth a notice; others are not even read. */
export const TOLD_ACTIONS = Object.keys(TELLERS);

/** What an event is worth telling, if anything. Pure. */
export function noticeOf(event: AuditEventDto): Notice | null {
  if (event.reason === REUSE) return reused(event);
  if (event.outcome !== 'success') return null;
  const notice = TELLERS[event.action]?.(event) ?? null;
  return notice === null ? null : { occasion: event.id, ...notice };
}

function told(type: NoticeType, event: AuditEventDto, details: readonly string[]): ReturnType<Teller> {
  const known = Object.entries(event.details ?? {}).filter(([name]) => details.includes(name));
  return { type, about: event.target?.id ?? null, facts: Object.fromEntries(known) };
}

/** Revoking is idempotent, and may have been a dry run: only what did end something is told. */
function revoked(event: AuditEventDto): ReturnType<Teller> {
  const count = event.details?.revoked;
  if (typeof count !== 'number' || count === 0 || event.details?.dry_run === true) return null;
  return told('token.revoked', event, ['reason', 'revoked', 'revoked_ids']);
}

/** Whoever holds a value may report it again and again: of one that stops nothing any more there is one notice an hour. */
function leaked(event: AuditEventDto): ReturnType<Teller> {
  const { target, details } = event;
  if (target === null) return null;
  const notice = told('secret.leaked', event, ['stopped', 'source', 'url', 'revoked', 'revoked_ids']);
  if (notice === null || details?.stopped === true) return notice;
  return { ...notice, occasion: hourly('reported', String(target.id), event) };
}

function isSuspension({ changes }: AuditEventDto): boolean {
  return changes?.some(({ field, to }) => field === 'enabled' && to === false) === true;
}

/** A forgotten value may be presented all day long, so there is one notice an hour. */
function reused(event: AuditEventDto): Notice | null {
  const about = event.target?.type === 'token' ? event.target.id : ownToken(event);
  if (about === null) return null;
  return { type: 'token.value_reused', about, occasion: hourly(REUSE, about, event), facts: {} };
}

function hourly(what: string, about: string, { occurred_at: at }: AuditEventDto): string {
  return `${what} ${about} ${at.slice(0, 'YYYY-MM-DDTHH'.length)}`;
}

/** Of a token that called Tooken itself. */
function ownToken({ actor }: AuditEventDto): string | null {
  return actor.type === 'token' ? actor.id : null;
}
