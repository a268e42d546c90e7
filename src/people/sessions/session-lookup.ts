import { Injectable } from '@nestjs/common';
import type { WorkspaceFacts } from '../../credentials/credential-facts.js';
import { toWorkspace, WORKSPACE_COLUMNS, type WorkspaceRow } from '../../credentials/credential-row.js';
import type { Role } from '../../credentials/role.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { hashOf } from '../links/person-secret.js';
import type { SessionEnd } from './session.entity.js';
import { IDLE_MS, SEEN_EVERY_MS } from './session-life.js';

/** What the database says of a session's cookie, now. Times are Unix milliseconds. */
export interface SessionFacts {
  id: string;
  userId: string;
  name: string;
  email: string;
  /** Why it is none any more; null: it is one. */
  over: SessionEnd | 'expired' | null;
  expiresAt: number;
  sudoUntil: number | null;
  /** The workspace asked for, or else the one the person was in last; null: they belong to none. */
  place: { role: Role; workspace: WorkspaceFacts } | null;
}

interface SessionRow extends Partial<WorkspaceRow> {
  id: string;
  user_id: string;
  name: string;
  email: string;
  ended_reason: SessionEnd | null;
  last_seen_at: Date;
  expires_at: Date;
  sudo_until: Date | null;
  role: Role | null;
}

const LOOK_UP = `
  select s.id, s.user_id, s.ended_reason, s.last_seen_at, s.expires_at, s.sudo_until, u.name, u.email, m.role,
         ${WORKSPACE_COLUMNS}
    from sessions s
    join users u on u.id = s.user_id
    left join lateral (
      select role, workspace_id from memberships
       where user_id = u.id
       order by workspace_id is not distinct from $2 desc, workspace_id is not distinct from u.last_workspace_id desc,
                created_at, workspace_id
       limit 1) m on true
    left join workspaces w on w.id = m.workspace_id
   where s.hash = $1`;

/** Reads sessions at every request: what ended one, or changed a role, holds at once and everywhere. */
@Injectable()
export class SessionLookup {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /**
   * @param workspaceId the workspace to act in, if the person belongs to it; null: the one they were in last.
   * @throws Problem `unavailable` when the database cannot be asked.
   */
  async find(value: string, workspaceId: string | null): Promise<SessionFacts | null> {
    const hash = hashOf(this.hasher, 'session', value);
    const [row] = await this.database.query<SessionRow>(LOOK_UP, [hash, workspaceId]);
    if (row === undefined) return null;
    const facts = toFacts(row, this.clock.now());
    if (facts.over === null) await this.seen(hash, row);
    return facts;
  }

  /** At most once a minute; of several requests at once one writes, and none waits for whoever has the row. */
  private async seen(hash: Buffer, row: SessionRow): Promise<void> {
    const now = this.clock.now();
    if (now - row.last_seen_at.getTime() < SEEN_EVERY_MS) return;
    await this.database.query(
      `update sessions set last_seen_at = $1 where hash = (
         select hash from sessions where hash = $2 and last_seen_at = $3 and ended_at is null for update skip locked)`,
      [new Date(now), hash, row.last_seen_at],
    );
  }
}

function toFacts(row: SessionRow, now: number): SessionFacts {
  const isExpired = row.expires_at.getTime() <= now || row.last_seen_at.getTime() + IDLE_MS <= now;
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    email: row.email,
    over: row.ended_reason ?? (isExpired ? 'expired' : null),
    expiresAt: row.expires_at.getTime(),
    sudoUntil: row.sudo_until?.getTime() ?? null,
    place: row.role === null ? null : { role: row.role, workspace: toWorkspace(row as WorkspaceRow) },
  };
}
