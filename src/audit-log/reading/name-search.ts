import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { involves, type Condition } from './condition.js';

/** As many ids as an index is asked for one by one. */
const FEW = 256;
/** As many as a statement is given. */
const MANY = 1_000;

interface Named {
  id: string;
  waits: boolean;
}

/** Finds events by a part of a name, a hint or an id. */
@Injectable()
export class NameSearch {
  constructor(private readonly database: Database) {}

  /** What is true of events whose actor or target was ever called so. */
  async condition(workspaceId: string, words: string): Promise<Condition> {
    const named = await this.database.query<Named>(NAMED, [workspaceId, words, MANY + 1]);
    const ids = named.map(({ id }) => id);
    if (ids.length <= FEW) return involves(ids);
    if (ids.length <= MANY) return { ...involves(ids), access: () => null };
    const waiting = named.filter(({ waits }) => waits).map(({ id }) => id);
    return byLookingUp(words, waiting);
  }
}

/**
 * The names of what has not been sequenced yet are still with the events that wait for it: both are read at one
 * moment, so that nothing is missed between them. More than those wait only where the sequencer stands still.
 */
const NAMED = `
  select id, bool_or(waits) as waits from (
    select id, name, hint, false as waits from audit_names where workspace_id = $1
    union all
    select named ->> 1, named ->> 2, named ->> 3, true
      from (select payload from audit_pending order by id desc limit 200) as pending
      cross join json_array_elements(pending.payload::json -> 'names') as named
     where named ->> 0 = $1
  ) as named
  where ${isCalled('$2')}
  group by id order by waits desc limit $3`;

/** For words so common that nobody wants to carry all their ids about: each event's names are looked up. */
function byLookingUp(words: string, waiting: readonly string[]): Condition {
  return {
    test: (sql, span) => `(${involves(waiting).test(sql, span)} or coalesce((
      select true from audit_names
       where workspace_id = $1 and id = any(array[e.actor_id, e.target_id]) and ${isCalled(sql.add(words))}
       limit 1), false))`,
    access: () => null,
  };
}

function isCalled(words: string): string {
  const parts = ['id', 'lower(name)', 'lower(hint)'];
  return `(${parts.map((part) => `strpos(${part}, lower(${words})) > 0`).join(' or ')})`;
}
