import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { Environment } from '../platform/secrets/secret.js';
import { SecretStore } from './secret-store.js';

interface Doomed {
  workspaceId: string;
  environment: Environment;
  /** Handle of the token. */
  id: string;
  /** Kept with every token that ends by it. */
  reason: string | null;
  /** Unix milliseconds. */
  at: number;
}

/** Ends tokens. Below the features, since a value that is presented after its end may revoke its token too. */
@Injectable()
export class TokenRevocation {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretStore,
  ) {}

  /**
   * Revokes a token with all its descendants, and with them every value that still lives: final, at once. To be
   * called in the transaction that records it.
   *
   * @returns handles of those that were revoked by this; none, where all were before.
   */
  async revoke({ workspaceId, environment, id, reason, at }: Doomed): Promise<string[]> {
    // Ancestors are locked before their descendants by everybody: two revocations in one family cannot deadlock.
    const revoked = await this.database.query<{ id: string }>(
      `with doomed as (
         select id from tokens
          where workspace_id = $3 and environment = $4 and (id = $5 or lineage @> array[$5]) and revoked_at is null
          order by cardinality(lineage), id for update)
       update tokens set revoked_at = $1, revoked_reason = $2 from doomed where tokens.id = doomed.id
        returning tokens.id`,
      [new Date(at), reason, workspaceId, environment, id],
    );
    const ids = revoked.map((each) => each.id);
    await this.secrets.end(workspaceId, ids, 'revoked');
    return ids;
  }
}

/** An event names so many of the tokens it has ended, and counts the rest. */
const MAX_NAMED = 100;

/** What the event of a revocation tells of those it ended. Pure. */
export function revokedDetails(ids: readonly string[]): { revoked: number; revoked_ids: string[] } {
  return { revoked: ids.length, revoked_ids: ids.slice(0, MAX_NAMED) };
}
