import { Injectable } from '@nestjs/common';
import type { CredentialFacts } from '../../credentials/credential-facts.js';
import { CredentialLookup } from '../../credentials/credential-lookup.js';
import type { Principal } from '../../credentials/principal.js';
import { isDisabled, isExhausted, isExpired, isPending, isRevoked } from '../../credentials/token-facts.js';
import { Clock } from '../../platform/clock.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import { parseSecret } from '../../platform/secrets/secret.js';
import type { AuditAction } from '../audit-actions.js';
import type { AuditDraft } from '../audit-draft.js';
import { involves, type Condition } from './condition.js';
import { EventFinder, type Question } from './event-finder.js';
import { renderEvent } from './render-event.js';
import type {
  FoundCredentialDto,
  SearchBySecretDto,
  SecretSearchPage,
  ValueStatus,
} from './search-by-secret.dto.js';
import { EVER } from './span.js';
import { viewOf } from './visible.js';

/** Asked when a value has leaked: whose it is, and what was done with it. */
@Injectable()
export class SearchBySecretService {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly finder: EventFinder,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  /** The answer for what is another workspace's or environment's is the one for what was never issued. */
  async search(caller: Principal, body: SearchBySecretDto, event: AuditDraft): Promise<SecretSearchPage> {
    const credential = await this.credential(caller, body.secret);
    const bound = [
      'search-by-secret',
      caller.workspace.id,
      caller.environment,
      credential?.id,
      credential?.hint,
    ];
    const after = body.cursor == null ? null : this.cursors.decode(body.cursor, bound)[0]!;
    if (credential === null) return { credential: null, data: [], next_cursor: null };
    const { kind, id, name, hint } = credential;
    event.target = { type: kind, id, name };
    event.details = { hint };
    const { events, next } = await this.finder.page(
      questionOf(caller, credential),
      'desc',
      body.limit,
      after,
    );
    return {
      credential: described(credential, this.clock.now()),
      data: events.map(renderEvent),
      next_cursor: next === null ? null : this.cursors.encode([next], bound),
    };
  }

  private async credential(caller: Principal, value: string): Promise<CredentialFacts | null> {
    const secret = parseSecret(value);
    const found = secret === null ? null : await this.lookup.find(secret);
    const isOurs = found?.workspace.id === caller.workspace.id && found.environment === caller.environment;
    return isOurs ? found : this.lookup.findImported(caller, value);
  }
}

/** Actions of which the target is a credential whose value was presented. */
const PRESENTED: AuditAction[] = ['token.verify', 'token.introspect', 'token.exchange'];

function questionOf(caller: Principal, { id, hint }: CredentialFacts): Question {
  return { view: viewOf(caller, {}), span: EVER, conditions: [involves([id]), usesValue(id, hint)] };
}

/** By this value and no other that the credential had. Events of before a hint was noted are of its only one. */
function usesValue(id: string, hint: string): Condition {
  return {
    test: (sql) => {
      const [owner, value] = [sql.add(id), sql.add(hint)];
      return `(
        (e.actor_id = ${owner} and e.body::json #>> '{actor,hint}' = ${value})
        or (e.target_id = ${owner} and e.action = any(${sql.add(PRESENTED)}::text[])
            and coalesce(e.body::json #>> '{details,hint}', ${value}) = ${value}))`;
    },
    access: () => null,
  };
}

function described(credential: CredentialFacts, now: number): FoundCredentialDto {
  const { kind, id, name, hint, environment, endedAt, endedReason, validUntil } = credential;
  const end = endedAt ?? validUntil;
  return {
    type: kind,
    id,
    name,
    hint,
    environment,
    status: statusOf(credential, now),
    ended_at: end === null ? null : new Date(end).toISOString(),
    // A value gets an end of its own only from a rotation that lets it live on for a while.
    ended_reason: endedReason ?? (validUntil !== null && validUntil <= now ? 'rotated' : null),
  };
}

function statusOf(credential: CredentialFacts, now: number): ValueStatus {
  const { endedAt, validUntil, expiresAt } = credential;
  const isEnded = endedAt !== null || (validUntil !== null && validUntil <= now);
  if (credential.kind === 'api_key') {
    if (isEnded) return 'ended';
    return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
  }
  const { chain } = credential;
  if (isRevoked(chain)) return 'revoked';
  if (isEnded) return 'ended';
  if (isDisabled(chain)) return 'disabled';
  if (isExpired(chain, now)) return 'expired';
  if (isPending(chain, now)) return 'pending';
  return isExhausted(chain) ? 'exhausted' : 'active';
}
