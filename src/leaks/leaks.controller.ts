import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Event, type AuditDraft } from '../audit-log/audit-draft.js';
import { Audited } from '../audit-log/audited.decorator.js';
import { Public } from '../platform/context/route-policy.js';
import { Fails } from '../platform/errors/fails.decorator.js';
import { SignedBody } from '../platform/input/signed-body.decorator.js';
import { GithubAlertDto, GithubFeedbackDto } from './github-alerts.dto.js';
import { GithubAlertsService } from './github-alerts.service.js';
import { GithubSignatureGuard, KEY_HEADER, SIGNATURE_HEADER } from './github-signature.guard.js';
import { LeakReceivedDto, ReportLeakDto } from './leaks.dto.js';
import { LeaksService } from './leaks.service.js';
import { ReporterGuard } from './reporter.guard.js';

@ApiTags('Leaks')
@Controller('v1/leaks')
export class LeaksController {
  constructor(
    private readonly leaks: LeaksService,
    private readonly alerts: GithubAlertsService,
  ) {}

  /**
   * Report a value that has leaked. What it opens is stopped before the answer leaves: an API key, or a token with its
   * descendants. Open to everybody, up to 20 times a minute from one address (429). The answer is the same whether the
   * value is known or not; its owner learns of it by the event `secret.report`.
   */
  @Post()
  @HttpCode(200)
  @Public()
  @UseGuards(ReporterGuard)
  @Audited('secret.report')
  @ApiOkResponse({ type: LeakReceivedDto })
  @Fails(400)
  report(@Body() body: ReportLeakDto, @Event() event: AuditDraft): Promise<LeakReceivedDto> {
    return this.leaks.report(body.secret, event);
  }

  /**
   * Take alerts of GitHub's secret scanning, as its partner programme sends them. Each alert is a decision, and an audit
   * event, of its own. Not served (404) unless `TOOKEN_GITHUB_SECRET_SCANNING_KEYS` is set. Fields that GitHub may add are
   * ignored.
   */
  @Post('github')
  @HttpCode(200)
  @Public()
  @SignedBody()
  @UseGuards(GithubSignatureGuard)
  @Audited('secret.report')
  @ApiHeader({
    name: KEY_HEADER,
    required: true,
    description: 'Which of GitHub’s keys has signed the body.',
    schema: { type: 'string', example: 'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c' },
  })
  @ApiHeader({
    name: SIGNATURE_HEADER,
    required: true,
    description: 'ECDSA P-256, SHA-256, over the bytes of the body; base64.',
    schema: {
      type: 'string',
      example:
        'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==',
    },
  })
  @ApiBody({ type: [GithubAlertDto], description: 'One to 500 alerts.' })
  @ApiOkResponse({ type: [GithubFeedbackDto], description: 'One judgement an alert, in their order.' })
  @ApiResponse({ status: 401, description: 'The signature is missing or is not GitHub’s.' })
  @Fails(400, 404)
  takeAlerts(
    @Req() { signedBytes }: FastifyRequest,
    @Event() event: AuditDraft,
  ): Promise<GithubFeedbackDto[]> {
    return this.alerts.take(signedBytes ?? Buffer.alloc(0), event);
  }
}
