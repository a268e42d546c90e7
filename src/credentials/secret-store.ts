import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { hintOf, makeSecret, type Environment, type SecretKind } from '../platform/secrets/secret.js';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';
import { CredentialSecret, type EndedReason } from './credential-secret.entity.js';

/** A secret just made: the only moment its value is known. */
export interface NewSecret {
  value: string;
  hint: string;
}

interface SecretOwner {
  workspaceId: string;
  environment: Environment;
  kind: SecretKind;
  ownerId: string;
  /** A token's own prefix. */
  prefix?: string | null;
  /** The value to take instead of a random one; for the bootstrap key only. */
  value?: string;
}

/** Writes to `credential_secrets`: every value that comes into being and every one that ends. */
@Injectable()
export class SecretStore {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /** Makes a secret for its owner and stores its hash. */
  async create(owner: SecretOwner): Promise<NewSecret> {
    return this.insert(owner, owner.value ?? makeSecret(owner.kind, owner.environment, owner.prefix));
  }

  /** The same, with the row for who inserts it together with its owner. */
  make(owner: SecretOwner): NewSecret & { row: CredentialSecret } {
    const value = makeSecret(owner.kind, owner.environment, owner.prefix);
    return { value, hint: hintOf(value), row: this.rowOf(owner, value) };
  }

  /**
   * Gives the owner another value. The one it has lives on until the end of the grace, if there is one; whatever is
   * older ends now. The owner must be locked by the open transaction.
   *
   * @param graceEnd Unix milliseconds; null = no grace.
   */
  async rotate(owner: SecretOwner, graceEnd: number | null): Promise<NewSecret> {
    const { workspaceId, ownerId } = owner;
    const rows = await this.database.query<{ hint: string }>(ROTATE, [
      workspaceId,
      ownerId,
      graceEnd === null ? null : new Date(graceEnd),
      new Date(this.clock.now()),
    ]);
    const taken = rows.map(({ hint }) => hint);
    return this.insert(owner, distinguishable(owner, taken));
  }

  /** Ends the values that live on in a grace only; one whose grace is over has ended with it. */
  async endFormer(workspaceId: string, ownerId: string): Promise<void> {
    await this.database.query(
      `update credential_secrets set ended_at = least(valid_until, $1), ended_reason = 'rotated'
        where workspace_id = $2 and owner_id = $3 and ended_at is null and valid_until is not null`,
      [new Date(this.clock.now()), workspaceId, ownerId],
    );
  }

  private async insert(owner: SecretOwner, value: string): Promise<NewSecret> {
    const row = this.rowOf(owner, value);
    await this.database.rows(CredentialSecret).insert(row);
    return { value, hint: row.hint };
  }

  private rowOf(owner: SecretOwner, value: string): CredentialSecret {
    return Object.assign(new CredentialSecret(), {
      hash: this.hashOf(value),
      workspaceId: owner.workspaceId,
      environment: owner.environment,
      kind: owner.kind,
      ownerId: owner.ownerId,
      hint: hintOf(value),
      createdAt: new Date(this.clock.now()),
    });
  }

  /** Ends every value of the owners that still lives. From the commit on, no instance honours it. */
  async end(workspaceId: string, ownerIds: readonly string[], reason: EndedReason): Promise<void> {
    await this.database.query(
      `update credential_secrets set ended_at = $1, ended_reason = $2
        where workspace_id = $3 and owner_id = any($4) and ended_at is null`,
      [new Date(this.clock.now()), reason, workspaceId, ownerIds],
    );
  }

  /** The owner of a living value within the workspace, or null. */
  async ownerOf(workspaceId: string, kind: SecretKind, value: string): Promise<string | null> {
    const rows = await this.database.query<{ owner_id: string }>(
      `select owner_id from credential_secrets
        where hash = $1 and workspace_id = $2 and kind = $3 and ended_at is null
          and (valid_until is null or valid_until > $4)`,
      [this.hashOf(value), workspaceId, kind, new Date(this.clock.now())],
    );
    return rows[0]?.owner_id ?? null;
  }

  /**
   * Whose value this is or was, in whatever workspace; null if it was never issued. For those who hold nothing but the
   * value, and are told nothing of what it finds.
   */
  async find(value: string): Promise<(CredentialSecret & { isLiving: boolean }) | null> {
    const row = await this.database.rows(CredentialSecret).findOneBy({ hash: this.hashOf(value) });
    if (row === null) return null;
    const { endedAt, validUntil } = row;
    const isLiving = endedAt === null && (validUntil === null || validUntil.getTime() > this.clock.now());
    return Object.assign(row, { isLiving });
  }

  private hashOf(value: string): Buffer {
    return Buffer.from(this.hasher.hash(value), 'hex');
  }
}

/** One statement, since whoever rotates the same token waits for it. It returns every hint the owner ever had. */
const ROTATE = `
  with aged as (
    update credential_secrets
       set valid_until = coalesce(valid_until, $3::timestamptz),
           ended_at = case when valid_until is null and $3 is not null then null else least(valid_until, $4) end,
           ended_reason = case when valid_until is null and $3 is not null then null else 'rotated' end
     where workspace_id = $1 and owner_id = $2 and ended_at is null)
  select hint from credential_secrets where workspace_id = $1 and owner_id = $2`;

/** A new value with a hint that none of the owner's has: by the hint the log tells them apart. */
function distinguishable({ kind, environment, prefix }: SecretOwner, taken: readonly string[]): string {
  for (;;) {
    const value = makeSecret(kind, environment, prefix);
    if (!taken.includes(hintOf(value))) return value;
  }
}
