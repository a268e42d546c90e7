import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { SecretHasher } from '../platform/secrets/secret-hasher.js';
import { digestOf, importedText, isImportable, type Place } from './imported-value.js';

/** A value that was made elsewhere, for the token that shall have it. */
export interface Adopted {
  /** SHA-256 of the value, in hex. */
  digest: string;
  /** The value itself, where it is known: then it is also compared with those of our own making. */
  value: string | null;
  hint: string;
  /** Handle of the token. */
  ownerId: string;
}

interface Owned {
  hash: string;
  owner_id: string;
}

/** Writes values that were made elsewhere to `credential_secrets`. */
@Injectable()
export class ImportedValues {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the values that the place does not know yet. To be called in the transaction that makes their tokens.
   *
   * @returns whose each value now is, in order: the given owner's, or that of the token that had it before.
   */
  async adopt(place: Place, values: readonly Adopted[]): Promise<string[]> {
    const known = await this.ownersOf(
      place,
      values.flatMap(({ value }) => (value === null ? [] : [this.hasher.hash(value)])),
    );
    const hashes = values.map(({ digest }) => this.hasher.hash(importedText(place, digest)));
    const ownOf = ({ value }: Adopted): string | undefined =>
      value === null ? undefined : known.get(this.hasher.hash(value));
    const fresh = values.flatMap((each, at) =>
      ownOf(each) === undefined ? [{ ...each, hash: hashes[at]! }] : [],
    );
    await this.insert(place, fresh);
    // Asked only now: also what another import has stored meanwhile, for which the insert has waited.
    const owners = await this.ownersOf(
      place,
      fresh.map(({ hash }) => hash),
    );
    await this.database.query('update workspaces set has_imports = true where id = $1 and not has_imports', [
      place.workspaceId,
    ]);
    return values.map((each, at) => ownOf(each) ?? owners.get(hashes[at]!) ?? each.ownerId);
  }

  /** The token that has this imported value now, or null. */
  async ownerOf(place: Place, value: string): Promise<string | null> {
    if (!isImportable(value)) return null;
    const hash = this.hasher.hash(importedText(place, digestOf(value)));
    const [row] = await this.database.query<Pick<Owned, 'owner_id'>>(
      `select owner_id from credential_secrets
        where hash = decode($1, 'hex') and workspace_id = $2 and environment = $3 and ended_at is null
          and (valid_until is null or valid_until > $4)`,
      [hash, place.workspaceId, place.environment, new Date(this.clock.now())],
    );
    return row?.owner_id ?? null;
  }

  private async insert(place: Place, values: readonly (Adopted & { hash: string })[]): Promise<void> {
    await this.database.query(
      `insert into credential_secrets (hash, workspace_id, environment, kind, owner_id, hint, created_at)
       select decode(each.hash, 'hex'), $1, $2, 'token', each.owner, each.hint, $3
         from unnest($4::text[], $5::text[], $6::text[]) with ordinality as each (hash, owner, hint, place)
        -- In one order everywhere, so that two imports at once cannot wait for each other; of a value that is given
        -- twice the first one counts.
        order by each.hash, each.place
       on conflict (hash) do nothing`,
      [
        place.workspaceId,
        place.environment,
        new Date(this.clock.now()),
        values.map(({ hash }) => hash),
        values.map(({ ownerId }) => ownerId),
        values.map(({ hint }) => hint),
      ],
    );
  }

  private async ownersOf(place: Place, hashes: readonly string[]): Promise<Map<string, string>> {
    if (hashes.length === 0) return new Map();
    const rows = await this.database.query<Owned>(
      `select encode(hash, 'hex') as hash, owner_id from credential_secrets
        where hash = any(select decode(each, 'hex') from unnest($1::text[]) as each)
          and workspace_id = $2 and environment = $3 and kind = 'token'`,
      [hashes, place.workspaceId, place.environment],
    );
    return new Map(rows.map(({ hash, owner_id: owner }) => [hash, owner]));
  }
}
