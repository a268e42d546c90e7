import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { Environment } from '../platform/secrets/secret.js';

/** What a notice says of the token or API key that it is about. */
export interface NamedThing {
  id: string;
  kind: 'token' | 'api_key';
  environment: Environment;
  name: string;
  subject: string | null;
  hint: string;
}

/** Looks up the tokens and API keys that events name by their handles. */
@Injectable()
export class NamedThings {
  constructor(private readonly database: Database) {}

  /** Those of the workspace, by handle; what is not among them does not exist for it. */
  async of(workspaceId: string, ids: readonly string[]): Promise<Map<string, NamedThing>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<NamedThing>(
      `select id, 'token' as kind, environment, name, subject, hint
         from tokens where workspace_id = $1 and id = any($2)
       union all
       select id, 'api_key', environment, name, null, hint
         from api_keys where workspace_id = $1 and id = any($2)`,
      [workspaceId, ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }
}
