import { Injectable } from '@nestjs/common';
import { SecretStore } from '../credentials/secret-store.js';
import { TokenRevocation } from '../credentials/token-revocation.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Token } from './token.entity.js';

/** Every token belongs to one workspace and one environment, and exists for no other. */
export type Place = Pick<Token, 'workspaceId' | 'environment'>;

/** How many tokens one statement looks for or changes: none may take as long as a statement of a request may. */
const PORTION = 500;

/**
 * Ends tokens for good, with all their descendants. Ancestors are locked before their descendants by everybody: two
 * revocations in one family cannot deadlock.
 */
@Injectable()
export class Revocation {
  constructor(
    private readonly database: Database,
    private readonly families: TokenRevocation,
    private readonly secrets: SecretStore,
    private readonly clock: Clock,
  ) {}

  /** Revokes one token with its descendants; `ids` are those that lived until then, `at` is when. */
  async family(place: Place, id: string, reason: string | null): Promise<{ at: Date; ids: string[] }> {
    const at = new Date(this.clock.now());
    return { at, ids: await this.families.revoke({ ...place, id, reason, at: at.getTime() }) };
  }

  /** The handles of these tokens and of all their descendants that are not revoked yet, ancestors first. */
  async reach(place: Place, roots: readonly string[]): Promise<string[]> {
    const depths = new Map<string, number>();
    for (const portion of portions(roots)) {
      const rows = await this.database.query<{ id: string; depth: number }>(
        `select id, cardinality(lineage) as depth from tokens
          where workspace_id = $1 and environment = $2 and (id = any($3) or lineage && $3) and revoked_at is null`,
        [place.workspaceId, place.environment, portion],
      );
      for (const { id, depth } of rows) depths.set(id, depth);
    }
    const inOrder = [...depths].sort(
      ([one, depth], [other, otherDepth]) => depth - otherDepth || (one < other ? -1 : 1),
    );
    return inOrder.map(([id]) => id);
  }

  /**
   * Revokes these tokens and no others, in the open transaction.
   *
   * @param ids as {@link reach} gives them.
   * @returns those that lived until then.
   */
  async all(place: Place, ids: readonly string[], reason: string | null): Promise<string[]> {
    const at = new Date(this.clock.now());
    const revoked: string[] = [];
    for (const portion of portions(ids)) {
      const rows = await this.database.query<{ id: string }>(
        `with doomed as (
           select id from tokens
            where workspace_id = $3 and environment = $4 and id = any($5) and revoked_at is null
            order by cardinality(lineage), id for update)
         update tokens set revoked_at = $1, revoked_reason = $2 from doomed where tokens.id = doomed.id
          returning tokens.id`,
        [at, reason, place.workspaceId, place.environment, portion],
      );
      const gone = rows.map(({ id }) => id);
      await this.secrets.end(place.workspaceId, gone, 'revoked');
      revoked.push(...gone);
    }
    return revoked;
  }

  /**
   * Revokes a token whose value has leaked, of whatever workspace, in the open transaction. What has been revoked or
   * has expired stays as it is.
   *
   * @param isHeld asked under the token's lock: whether the value is still one of its own. Meanwhile it may have been
   *   rotated out.
   * @returns null for a token that does not exist; then it has taken as many statements all the same.
   */
  async leaked(
    place: Place,
    id: string,
    isHeld: () => Promise<boolean>,
  ): Promise<{ name: string; at: Date; ids: string[] } | null> {
    const row = await this.database
      .rows(Token)
      .findOne({ where: { id, ...place }, lock: { mode: 'pessimistic_write' } });
    const held = await isHeld();
    const isOver = row?.expiresAt != null && row.expiresAt.getTime() <= this.clock.now();
    const ended = await this.family(place, held && !isOver ? id : '', LEAKED);
    return row === null ? null : { name: row.name, ...ended };
  }
}

const LEAKED = 'Its value was reported as leaked';

function portions<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / PORTION) }, (_each, at) =>
    items.slice(at * PORTION, (at + 1) * PORTION),
  );
}
