import { Injectable } from '@nestjs/common';
import { AuditDraft } from '../audit-log/audit-draft.js';
import { AuditRecorder } from '../audit-log/audit-recorder.js';
import { auditRows } from '../audit-log/audit-row.js';
import { digestOf, hintOfImported } from '../credentials/imported-value.js';
import { ImportedValues, type Adopted } from '../credentials/imported-values.js';
import type { Principal } from '../credentials/principal.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import { under } from '../platform/input/faults.js';
import { ScopesService, type ScopesOwner } from '../scopes/scopes.service.js';
import type { ImportReportDto, ImportTokenDto, ImportTokensDto } from './import.dto.js';
import { Token } from './token.entity.js';
import { originOf, policyFaults, tokenRow, type MakingPolicy, type Origin } from './token-row.js';

/** Nobody but API keys and the command line imports, and they may give everything. */
const UNBOUND = { expiresAt: null, allowedIps: null };
const BY_SYSTEM = {
  createdByType: 'system',
  createdById: null,
  createdByName: null,
  parentId: null,
  lineage: [],
  imported: true,
};

/** For whom an import is made. */
export type ImportOwner = ScopesOwner & { workspace: MakingPolicy };

/** Makes tokens with values that were made elsewhere, so that nobody has to change a key to come to Tooken. */
@Injectable()
export class ImportTokensService {
  constructor(
    private readonly database: Database,
    private readonly values: ImportedValues,
    private readonly scopes: ScopesService,
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** All of the items, or none; a value that is known already is no fault, so that an import may be repeated. */
  importFor(caller: Principal, body: ImportTokensDto, event: AuditDraft): Promise<ImportReportDto> {
    return this.import({ ...originOf(caller), imported: true }, caller, body.items, event);
  }

  /** The same, from the command line; to be called in a transaction, in which it also records. */
  async importBySystem(owner: ImportOwner, items: readonly ImportTokenDto[]): Promise<ImportReportDto> {
    const event = new AuditDraft(this.clock.now());
    event.workspaceId = owner.workspace.id;
    event.environment = owner.environment;
    event.actor = { type: 'system', id: null, name: 'Tooken', hint: null };
    const origin = { ...BY_SYSTEM, workspaceId: owner.workspace.id, environment: owner.environment };
    const report = await this.import(origin, owner, items, event);
    const answer = { status: 0, outcome: 'success', reason: null } as const;
    await this.recorder.recordWithChange(auditRows('token.import', null, event, answer));
    return report;
  }

  private async import(
    origin: Origin,
    owner: ImportOwner,
    items: readonly ImportTokenDto[],
    event: AuditDraft,
  ): Promise<ImportReportDto> {
    const now = this.clock.now();
    const rows = items.map((item) => {
      const hint = hintOfImported(plainValue(item));
      return Object.assign(tokenRow(origin, item, UNBOUND, owner.workspace, now), { hint });
    });
    const faults = rows.flatMap((row, at) =>
      under(`items[${String(at)}]`, policyFaults(row, items[at]!, owner.workspace, now)),
    );
    if (faults.length > 0) throw Problem.invalid(faults);
    await this.admit(owner, rows);
    const owners = await this.values.adopt(
      origin,
      rows.map((row, at) => adopted(row, items[at]!)),
    );
    const made = rows.filter((row, at) => owners[at] === row.id);
    if (made.length > 0) await this.database.rows(Token).insert(made as object[]);
    const results = rows.map((row, at) => {
      const id = owners[at]!;
      const status = id === row.id ? ('imported' as const) : ('exists' as const);
      tell(event.item(), row, id, { status, hashed: items[at]!.hash === 'sha256' });
      return { id, status };
    });
    return { imported: made.length, existing: results.length - made.length, results };
  }

  /** Asks for the scopes of all items at once, and names those that are refused where they stand. */
  private async admit(owner: ScopesOwner, rows: readonly Token[]): Promise<void> {
    const scopes = [...new Set(rows.flatMap((row) => row.scopes))];
    try {
      await this.scopes.admit(owner, scopes);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'unknown_scope')) throw error;
      const messages = new Map(scopes.map((scope, at) => [scope, messageAt(error, `scopes[${String(at)}]`)]));
      const faults = rows.flatMap((row, at) =>
        row.scopes.flatMap((scope, place) => {
          const message = messages.get(scope);
          return message === undefined
            ? []
            : under(`items[${String(at)}].scopes`, [{ field: `[${String(place)}]`, message }]);
        }),
      );
      throw Problem.invalid(faults, 'unknown_scope');
    }
  }
}

function messageAt({ details = [] }: Problem, field: string): string | undefined {
  return details.find((fault) => fault.field === field)?.message;
}

function plainValue({ value, hash }: ImportTokenDto): string | null {
  return hash === 'sha256' ? null : value;
}

function adopted({ id, hint }: Token, item: ImportTokenDto): Adopted {
  const value = plainValue(item);
  return { digest: value === null ? item.value : digestOf(value), value, hint, ownerId: id };
}

/** The event of one item. Of a token that was there before it says no more than its id. */
function tell(
  event: AuditDraft,
  row: Token,
  id: string,
  how: { status: 'imported' | 'exists'; hashed: boolean },
): void {
  const isNew = how.status === 'imported';
  event.target = { type: 'token', id, name: isNew ? row.name : null };
  event.details = {
    ...how,
    ...(isNew && {
      scopes: row.scopes,
      subject: row.subject,
      expires_at: row.expiresAt?.toISOString() ?? null,
    }),
  };
}
