import { Injectable } from '@nestjs/common';
import type { Principal } from '../credentials/principal.js';
import { Database } from '../platform/database/database.js';
import { API_KEY_PREFIX, sampleSecret, SECRET_RULE, TOKEN_PREFIX } from '../platform/secrets/secret.js';
import type { PrefixFormatDto, SecretFormatDto } from './secret-format.dto.js';

/** More of a workspace's own prefixes than anybody has. */
const MAX_PREFIXES = 1_000;

/** Says what secrets look like, so that scanners find those that have got out. */
@Injectable()
export class SecretFormatService {
  constructor(private readonly database: Database) {}

  async of(caller: Principal): Promise<SecretFormatDto> {
    const inUse = await this.prefixesOf(caller.workspace.id, caller.environment);
    const { defaultPrefix } = caller.workspace;
    const own = defaultPrefix === null ? inUse : [defaultPrefix, ...inUse];
    const prefixes = [...new Set([API_KEY_PREFIX, TOKEN_PREFIX, ...own])];
    return {
      regular_expression: `\\b(?:${prefixes.join('|')})${SECRET_RULE.rest}\\b`,
      prefixes: prefixes.map(formatOf),
      checksum: SECRET_RULE.checksum,
    };
  }

  /** One step along the index a prefix, however many tokens have it. */
  private async prefixesOf(workspaceId: string, environment: string): Promise<string[]> {
    const rows = await this.database.query<{ prefix: string }>(
      `with recursive used as (
         (select prefix from tokens where workspace_id = $1 and environment = $2 order by prefix limit 1)
         union all
         select (select t.prefix from tokens t
                  where t.workspace_id = $1 and t.environment = $2 and t.prefix > used.prefix order by t.prefix limit 1)
           from used where used.prefix is not null)
       select prefix from used where prefix is not null limit $3`,
      [workspaceId, environment, MAX_PREFIXES],
    );
    return rows.map(({ prefix }) => prefix);
  }
}

function formatOf(prefix: string): PrefixFormatDto {
  return {
    type: prefix === API_KEY_PREFIX ? 'api_key' : 'token',
    prefix,
    regular_expression: `${prefix}${SECRET_RULE.rest}`,
    sample: sampleSecret(prefix),
  };
}
