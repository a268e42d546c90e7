import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { GithubFeedbackDto } from './github-alerts.dto.js';
import { LeaksService } from './leaks.service.js';
import { readAlerts } from './read-alerts.js';

/** Takes what GitHub's secret scanning has found, once its signature is known to be good. */
@Injectable()
export class GithubAlertsService {
  constructor(private readonly leaks: LeaksService) {}

  /** All or nothing: GitHub sends again what was not answered well. */
  async take(bytes: Buffer, event: AuditDraft): Promise<GithubFeedbackDto[]> {
    const feedback: GithubFeedbackDto[] = [];
    for (const { token, finding } of readAlerts(bytes)) {
      const isKnown = await this.leaks.stop(token, { reporter: 'github', ...finding }, event.item());
      feedback.push({
        token_hash: createHash('sha256').update(token).digest('hex'),
        token_type: finding.type ?? '',
        label: isKnown ? 'true_positive' : 'false_positive',
      });
    }
    return feedback;
  }
}
