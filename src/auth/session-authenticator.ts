import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../credentials/principal.js';
import { SessionLookup, type SessionFacts } from '../people/sessions/session-lookup.js';
import { Problem, type Fault } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import type { Environment } from '../platform/secrets/secret.js';
import type { Learned } from './authenticator.js';
import { scopesOf } from './powers.js';
import { unauthorized } from './unauthorized.js';

/** Where a person wants to act; a key or token belongs to one place, a person may belong to many. */
export interface Wish {
  /** Null: where they were last. */
  workspaceId: string | null;
  environment: Environment;
}

/** Turns the cookie of a session into a principal, or refuses it; either way the event learns who it was. */
@Injectable()
export class SessionAuthenticator {
  constructor(private readonly lookup: SessionLookup) {}

  /**
   * @param learned gets the actor, also of a session that is over, and the reason of a refusal.
   * @throws Problem `unauthorized`, the same as for any other credential; `not_found` when the workspace is none of
   * theirs, whether it exists or not; `unavailable`.
   */
  async authenticate(cookie: string, wish: Wish, learned: Learned): Promise<Principal> {
    const session = await this.lookup.find(cookie, wish.workspaceId);
    if (session === null) {
      learned.reason = 'unknown_session';
      throw unauthorized(true);
    }
    learned.actor = { type: 'user', id: session.userId, name: session.name, hint: null };
    if (session.place !== null) {
      learned.workspaceId = session.place.workspace.id;
      learned.environment = wish.environment;
    }
    const reason = refusalOf(session);
    if (reason !== null || session.place === null) {
      learned.reason = reason;
      throw unauthorized(true);
    }
    if (wish.workspaceId !== null && wish.workspaceId !== session.place.workspace.id)
      throw Problem.notFound();
    return toPrincipal(session, session.place, wish.environment);
  }
}

/**
 * Where the request says it wants to act.
 *
 * @throws Problem `invalid_request` naming each header that says nothing of the kind.
 */
export function wishOf({ headers }: FastifyRequest): Wish {
  const workspaceId = headers['x-tooken-workspace'] ?? null;
  const environment = headers['x-tooken-environment'] ?? 'live';
  const faults: Fault[] = [];
  const isWorkspace =
    workspaceId === null || (typeof workspaceId === 'string' && isHandle('ws', workspaceId));
  if (!isWorkspace) faults.push({ field: 'X-Tooken-Workspace', message: 'must be the id of a workspace' });
  const isEnvironment = environment === 'live' || environment === 'test';
  if (!isEnvironment) faults.push({ field: 'X-Tooken-Environment', message: 'must be live or test' });
  if (!isWorkspace || !isEnvironment) throw Problem.invalid(faults);
  return { workspaceId, environment };
}

function refusalOf({ over, place }: SessionFacts): string | null {
  if (over === 'expired') return 'expired_session';
  if (over !== null) return 'ended_session';
  return place === null ? 'no_workspace' : null;
}

function toPrincipal(
  { id, userId, name, email, expiresAt, sudoUntil }: SessionFacts,
  { role, workspace }: NonNullable<SessionFacts['place']>,
  environment: Environment,
): Principal {
  return {
    type: 'user',
    id: userId,
    name,
    hint: null,
    environment,
    workspace,
    scopes: scopesOf(role),
    expiresAt,
    credential: { kind: 'user', sessionId: id, email, role, sudoUntil },
  };
}
