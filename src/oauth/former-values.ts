import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { TokenCredential } from '../credentials/credential-facts.js';
import { RotatedValueReuse } from '../credentials/rotated-value-reuse.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { isRotatedOut, type VerifyCode } from '../verification/verdict.js';

/** What follows from presenting a value that rotation has replaced, here as everywhere. */
@Injectable()
export class FormerValues {
  constructor(
    private readonly reuse: RotatedValueReuse,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Tells the event of it, and does what the workspace wants done if the value is over.
   *
   * @param as whether the token itself is asking, or is asked about.
   */
  async note(
    event: AuditDraft,
    token: TokenCredential,
    code: VerifyCode,
    as: 'caller' | 'presented',
  ): Promise<void> {
    if (token.validUntil !== null) event.formerValues = [...event.formerValues, as];
    if (code !== 'expired' || !isRotatedOut(token, this.clock.now())) return;
    event.reason = 'rotated_value';
    await this.database.apart(() => this.reuse.found(token, event.id));
  }
}
