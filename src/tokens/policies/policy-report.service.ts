import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import type { PageQuery } from '../../platform/pagination/page.dto.js';
import { ScopesService } from '../../scopes/scopes.service.js';
import { renderReportItem, type PolicyReportItemDto, type PolicyReportPage } from './policy-report.dto.js';
import { violations } from './policy-violations.js';
import { Token } from '../token.entity.js';

/** So many tokens are looked at for one page, so that a page takes no longer in a workspace with a million of them. */
const LOOKED_AT = 2_000;
const PORTION = 500;

/** Which tokens the policies would refuse today (a policy never breaks a token that exists). */
@Injectable()
export class PolicyReportService {
  constructor(
    private readonly database: Database,
    private readonly scopes: ScopesService,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async page(caller: Principal, query: PageQuery, event: AuditDraft): Promise<PolicyReportPage> {
    const { workspace, environment } = caller;
    event.target = { type: 'workspace', id: workspace.id, name: workspace.name };
    const bound = ['policy-report', workspace.id, environment];
    const now = this.clock.now();
    const known = new Set(workspace.strictScopes ? await this.scopes.known(caller) : []);
    const data: PolicyReportItemDto[] = [];
    let after = query.cursor === undefined ? null : this.cursors.decode(query.cursor, bound)[0]!;
    for (let lookedAt = 0; lookedAt < LOOKED_AT; lookedAt += PORTION) {
      const rows = await this.living(caller, after, now);
      for (const row of rows) {
        const found = violations(row, workspace, known, now);
        // Full, and another one is known to follow: the next page begins after the last one shown.
        if (found.length > 0 && data.length === query.limit) {
          return { data, next_cursor: this.cursors.encode([data.at(-1)!.id], bound) };
        }
        if (found.length > 0) data.push(renderReportItem(row, found));
      }
      if (rows.length < PORTION) return { data, next_cursor: null };
      after = rows.at(-1)!.id;
    }
    return { data, next_cursor: after === null ? null : this.cursors.encode([after], bound) };
  }

  /** Tokens that are neither revoked nor expired, newest first. */
  private living(caller: Principal, after: string | null, now: number): Promise<Token[]> {
    const query = this.database
      .rows(Token)
      .createQueryBuilder('token')
      .where('token.workspace_id = :workspaceId and token.environment = :environment', {
        workspaceId: caller.workspace.id,
        environment: caller.environment,
      })
      .andWhere('token.revoked_at is null and (token.expires_at is null or token.expires_at > :now)', {
        now: new Date(now),
      });
    if (after !== null) query.andWhere('token.id < :after', { after });
    return query.orderBy('token.id', 'DESC').take(PORTION).getMany();
  }
}
