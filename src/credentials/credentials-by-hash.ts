import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { CredentialFacts } from './credential-facts.js';
import { LOOK_UP } from './credential-lookup.js';
import { toCredential, type CredentialRow } from './credential-row.js';

/** How many one statement asks for. */
const PORTION = 500;

/**
 * The same look-up for who knows values only by their hash, because something was made from them. Apart from the lane
 * of decisions: nobody who presents a credential is to wait for it.
 */
@Injectable()
export class CredentialsByHash {
  constructor(private readonly database: Database) {}

  /**
   * @param hashes in lower-case hex.
   * @returns by hash; without those that were never issued.
   */
  async find(hashes: readonly string[]): Promise<Map<string, CredentialFacts>> {
    const found = new Map<string, CredentialFacts>();
    for (let from = 0; from < hashes.length; from += PORTION) {
      const literals = hashes.slice(from, from + PORTION).map((hash) => `\\x${hash}`);
      const rows = await this.database.query<CredentialRow>(LOOK_UP, [literals]);
      for (const row of rows) found.set(row.hash, toCredential(row));
    }
    return found;
  }
}
