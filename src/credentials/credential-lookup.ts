import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../platform/database/batcher.js';
import type { Lane } from '../platform/database/lane.js';
import { Lanes } from '../platform/database/lanes.js';
import type { ParsedSecret } from '../platform/secrets/secret.js';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';
import type { CredentialFacts, TokenCredential } from './credential-facts.js';
import { toCredential, WORKSPACE_COLUMNS, type CredentialRow } from './credential-row.js';
import { digestOf, importedText } from './imported-value.js';
import { mayBeImported, type Principal } from './principal.js';
import { limitsInSql } from './token-limits.js';

/** Answers a whole batch of look-ups of both kinds; a token's ancestors come with it. */
export const LOOK_UP = `
  select encode(s.hash, 'hex') as hash, s.kind, s.environment, s.owner_id, s.hint, s.ended_reason,
         (extract(epoch from s.valid_until) * 1000)::float8 as valid_until,
         (extract(epoch from s.ended_at) * 1000)::float8 as ended_at,
         ${WORKSPACE_COLUMNS},
         coalesce(k.name, t.name) as name,
         (extract(epoch from coalesce(k.expires_at, t.expires_at)) * 1000)::float8 as expires_at,
         t.subject, t.metadata, t.scopes, t.enabled, t.lineage, t.allowed_ips,
         (extract(epoch from t.not_before) * 1000)::float8 as not_before,
         (extract(epoch from t.revoked_at) * 1000)::float8 as revoked_at,
         ${limitsInSql('t')} as limits,
         case when cardinality(t.lineage) > 0 then (
           select json_agg(json_build_object(
             'revokedAt', extract(epoch from a.revoked_at) * 1000, 'enabled', a.enabled,
             'notBefore', extract(epoch from a.not_before) * 1000,
             'expiresAt', extract(epoch from a.expires_at) * 1000,
             'allowedIps', a.allowed_ips, 'scopes', a.scopes, 'limits', ${limitsInSql('a')})
             order by array_position(t.lineage, a.id))
           from tokens a where a.workspace_id = t.workspace_id and a.id = any(t.lineage)) end as ancestors
    from credential_secrets s
    join workspaces w on w.id = s.workspace_id
    left join api_keys k on s.kind = 'api_key' and k.id = s.owner_id
    left join tokens t on s.kind = 'token' and t.id = s.owner_id
   where s.hash = any($1::bytea[])`;

/**
 * What the database says of a presented secret, now. There is no cache, here or anywhere: a revocation holds
 * on every instance the moment it commits. What makes it fast is that all requests waiting at the same time
 * share one statement.
 */
@Injectable()
export class CredentialLookup implements OnApplicationShutdown {
  private readonly lane: Lane;
  private readonly batcher = new Batcher<string, CredentialFacts | null>((hashes) => this.lookUp(hashes), {
    maxBatch: 64,
    maxWaiting: 4_096,
  });

  constructor(
    lanes: Lanes,
    private readonly hasher: SecretHasher,
  ) {
    this.lane = lanes.open('look-up');
  }

  /**
   * @returns null for a value that was never issued. Not to be changed: requests of one batch may share it.
   * @throws Problem `unavailable` when the database cannot be asked.
   */
  find(secret: ParsedSecret): Promise<CredentialFacts | null> {
    return this.batcher.submit(secret.value);
  }

  /**
   * The token of the caller's workspace and environment that was imported with this value. Nothing is asked of the
   * database for a workspace that has imported nothing, nor for a text that cannot have been imported.
   */
  async findImported(caller: Principal, value: string): Promise<TokenCredential | null> {
    if (!mayBeImported(caller, value)) return null;
    const place = { workspaceId: caller.workspace.id, environment: caller.environment };
    const found = await this.batcher.submit(importedText(place, digestOf(value)));
    return found?.kind === 'token' ? found : null;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.drained();
    await this.lane.close();
  }

  private async lookUp(values: string[]): Promise<(CredentialFacts | null)[]> {
    // One caller sends the same key with every request: a batch hashes it, asks for it and reads it once.
    const hashes = new Map<string, string>();
    for (const value of values) if (!hashes.has(value)) hashes.set(value, this.hasher.hash(value));
    const literals = [...hashes.values()].map((hash) => `\\x${hash}`);
    const rows = await this.lane.run<CredentialRow>('credential-look-up', LOOK_UP, [literals]);
    const found = new Map(rows.map((row) => [row.hash, toCredential(row)]));
    return values.map((value) => found.get(hashes.get(value)!) ?? null);
  }
}
