import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Role } from '../../credentials/role.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { newHandle } from '../../platform/ids.js';
import { Membership } from '../members/membership.entity.js';
import { plainEmail } from './account-fields.js';
import type { PlaceDto } from './person.dto.js';
import { User } from './user.entity.js';

/** A person as signing in needs them. */
export interface Person {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  /** Where they were last, or first; null: they belong nowhere, and so cannot sign in. */
  workspaceId: string | null;
}

/** How a person's password comes to be known: hashed before the transaction, for that takes long. */
export interface NewPerson {
  email: string;
  name: string;
  passwordHash: string;
}

const BY = (condition: string): string => `
  select u.id, u.email, u.name, u.password_hash as "passwordHash", m.workspace_id as "workspaceId"
    from users u
    left join lateral (
      select workspace_id from memberships where user_id = u.id
       order by workspace_id is not distinct from u.last_workspace_id desc, created_at, workspace_id
       limit 1) m on true
   where ${condition}`;

/** People and where they belong. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async byEmail(email: string): Promise<Person | null> {
    const [person] = await this.database.query<Person>(BY('u.email = $1'), [plainEmail(email)]);
    return person ?? null;
  }

  async byId(id: string): Promise<Person | null> {
    const [person] = await this.database.query<Person>(BY('u.id = $1'), [id]);
    return person ?? null;
  }

  /** @returns null when somebody has that address already. */
  async create({ email, name, passwordHash }: NewPerson): Promise<User | null> {
    const now = this.clock.now();
    const row = Object.assign(new User(), {
      id: newHandle('usr', now),
      email: plainEmail(email),
      name,
      passwordHash,
      lastWorkspaceId: null,
      createdAt: new Date(now),
    });
    return (await this.database.insertIfFree(User, [row])) ? row : null;
  }

  /** @returns false when they belong to it already. */
  join(userId: string, workspaceId: string, role: Role): Promise<boolean> {
    const createdAt = new Date(this.clock.now());
    const row = Object.assign(new Membership(), { userId, workspaceId, role, createdAt });
    return this.database.insertIfFree(Membership, [row]);
  }

  placesOf(userId: string): Promise<PlaceDto[]> {
    return this.database.query<PlaceDto>(
      `select w.id, w.name, w.slug, m.role from memberships m join workspaces w on w.id = m.workspace_id
        where m.user_id = $1 order by lower(w.name), w.id limit 1000`,
      [userId],
    );
  }

  async setPassword(userId: string, passwordHash: string): Promise<void> {
    await this.database.rows(User).update({ id: userId }, { passwordHash });
  }
}

/** An event about signing in tells whose it was, in the log of the workspace that they would have come to. */
export function tellWho(event: AuditDraft, person: Pick<Person, 'id' | 'name' | 'workspaceId'>): void {
  if (person.workspaceId !== null) event.workspaceId = person.workspaceId;
  event.actor = { type: 'user', id: person.id, name: person.name, hint: null };
  event.target = { type: 'user', id: person.id, name: person.name };
}
