import { Injectable } from '@nestjs/common';
import { AuditRecorder } from '../audit-log/audit-recorder.js';
import { entryBySystem } from '../audit-log/by-system.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import type { TokenCredential } from './credential-facts.js';
import { revokedDetails, TokenRevocation } from './token-revocation.js';

/** `revoked_reason` of tokens, and `details.reason` of the event. */
const REASON = 'reuse';

/**
 * What becomes of a token of which a value is presented that rotation has ended: whoever has it has kept what should
 * have been replaced, or has stolen it. The event of the presentation tells of it in any case, by its reason
 * `rotated_value`; where the workspace says so, the system revokes the token as well, which is a decision of its own
 * with an event of its own.
 */
@Injectable()
export class RotatedValueReuse {
  constructor(
    private readonly database: Database,
    private readonly revocation: TokenRevocation,
    private readonly recorder: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * Revocation and its event are one transaction of their own, committed before the presentation is answered: it
   * stands, whatever becomes of the request. So it must not be called within the transaction of a request.
   *
   * @param evidence handle of the event that tells of the presentation.
   * @throws Problem `unavailable` when it cannot be done or recorded.
   */
  async found(token: TokenCredential, evidence: string): Promise<void> {
    if (token.workspace.reusePolicy !== 'revoke') return;
    const { id, name, environment } = token;
    const workspaceId = token.workspace.id;
    await this.database.transaction(async () => {
      const at = this.clock.now();
      const ids = await this.revocation.revoke({ workspaceId, environment, id, reason: REASON, at });
      // Somebody else was faster, perhaps with the same value on another instance.
      if (ids.length === 0) return;
      const deed = {
        action: 'token.revoke' as const,
        workspaceId,
        environment,
        target: { type: 'token' as const, id, name },
        changes: [{ field: 'revoked_at', from: null, to: new Date(at).toISOString() }],
        details: { reason: REASON, hint: token.hint, event_id: evidence, ...revokedDetails(ids) },
      };
      await this.recorder.recordWithChange(entryBySystem(deed, at));
    });
  }
}
