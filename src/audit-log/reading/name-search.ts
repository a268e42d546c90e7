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
    const idsOf = (all: readonly Named[]): string[] => [...new Set(all.map(({ id }) => id))];
    // Then there may be more names than were asked for.
    if (named.length > MANY) return byLookingUp(words, idsOf(named.filter(({ waits }) => waits)));
    const ids = idsOf(named);
    return ids.length <= FEW ? involves(ids) : { ...involves(ids), access: () => null };
  }
}

/**
 * The names of what has not been sequenced yet are still with the events that wait for it: both are read at one
 * moment, so that nothing is missed between them. More than those wait only where the sequencer stands still.
 */
const NAMED = `
  select distinct id, true as waits
    from (select payload from audit_pending order by id desc limit 200) as pending
    cross join lateral (
      select named ->> 0 as workspace_id, named ->> 1 as id, named ->> 2 as name, named ->> 3 as hint
        from json_array_elements(pending.payload::json -> 'names') as named) as named
   where workspace_id = $1 and ${isCalled('$2')}
  union all
  (select id, false from audit_names where workspace_id = $1 and ${isCalled('$2')} limit $3)`;

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
