import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { OpenRecord } from '../audit-log/open-record.js';
import type { CredentialFacts, TokenCredential } from '../credentials/credential-facts.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import { mayBeImported, type Principal } from '../credentials/principal.js';
import { RotatedValueReuse } from '../credentials/rotated-value-reuse.js';
import { Clock } from '../platform/clock.js';
import { parseSecret } from '../platform/secrets/secret.js';
import { judge, judgeUnknown, type Judgement } from './judgement.js';
import { UseCounter } from './use-counter.js';
import type {
  VerificationBatchDto,
  VerificationDto,
  VerifyBatchDto,
  VerifyTokenDto,
} from './verification.dto.js';
import { isRotatedOut } from './verdict.js';

/** Says whether a presented token holds, from the database and from nowhere else (contract §5, Verify). */
@Injectable()
export class VerificationService {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly counter: UseCounter,
    private readonly reuse: RotatedValueReuse,
    private readonly clock: Clock,
  ) {}

  /**
   * @param record the request's events, which are written with the count if the token has limits.
   * @param presented the look-up of the body's token, if the guard has started it.
   */
  async verify(
    caller: Principal,
    body: VerifyTokenDto,
    event: AuditDraft,
    record: OpenRecord,
    presented?: Promise<CredentialFacts | null>,
  ): Promise<VerificationDto> {
    const judgement = await this.judge(caller, body, event, presented);
    await this.count([judgement], event, record);
    return judgement.answer;
  }

  async verifyBatch(
    caller: Principal,
    body: VerifyBatchDto,
    event: AuditDraft,
    record: OpenRecord,
  ): Promise<VerificationBatchDto> {
    // Started together, so that all look-ups share one statement.
    const judgements = await Promise.all(body.items.map((item) => this.judge(caller, item, event.item())));
    await this.count(judgements, event, record);
    return { results: judgements.map(({ answer }) => answer) };
  }

  private async judge(
    caller: Principal,
    body: VerifyTokenDto,
    event: AuditDraft,
    presented?: Promise<CredentialFacts | null>,
  ): Promise<Judgement> {
    const secret = parseSecret(body.token);
    const own = secret === null ? null : await (presented ?? this.lookup.find(secret));
    const isOwn = own !== null && belongsTo(caller, own);
    const found = isOwn ? own : await this.lookup.findImported(caller, body.token);
    if (found === null) {
      const isPossible = secret !== null || mayBeImported(caller, body.token);
      return judgeUnknown(body, event, isPossible ? 'not_found' : 'malformed');
    }
    const now = this.clock.now();
    const judgement = judge(found, body, event, now);
    if (found.validUntil !== null) event.formerValues = [...event.formerValues, 'presented'];
    if (judgement.answer.code === 'expired' && isRotatedOut(found, now)) {
      event.reason = 'rotated_value';
      await this.reuse.found(found, event.id);
    }
    return judgement;
  }

  /** Decides what depends on limits. A batch is one commit: those of its items that have no limits wait for the rest. */
  private async count(
    judgements: readonly Judgement[],
    event: AuditDraft,
    record: OpenRecord,
  ): Promise<void> {
    const open = judgements.filter(({ use }) => use.length > 0);
    // Where none may be admitted nothing is counted, so what was looked up decides, without any lock.
    if (!open.some(({ answer }) => answer.valid)) return;
    await this.counter.count(
      {
        uses: open.map(({ use }) => use),
        events: judgements.length,
        rows: (counted) => {
          for (const [at, { settle }] of open.entries()) settle(counted[at]!);
          return record();
        },
      },
      event.deadline,
    );
    event.recorded = true;
  }
}

function belongsTo(caller: Principal, found: CredentialFacts): found is TokenCredential {
  return (
    found.kind === 'token' &&
    found.workspace.id === caller.workspace.id &&
    found.environment === caller.environment
  );
}
