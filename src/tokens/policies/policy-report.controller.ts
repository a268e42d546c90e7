import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Event, type AuditDraft } from '../../audit-log/audit-draft.js';
import { Audited } from '../../audit-log/audited.decorator.js';
import { Caller, type Principal } from '../../credentials/principal.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { PageQuery } from '../../platform/pagination/page.dto.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { PolicyReportPage } from './policy-report.dto.js';
import { PolicyReportService } from './policy-report.service.js';

@ApiTags('Workspace')
@Controller('v1/workspace/policy-report')
export class PolicyReportController {
  constructor(private readonly report: PolicyReportService) {}

  /**
   * List the tokens that work, and that a policy would refuse if they were issued now. No policy breaks a token that
   * exists; the list is that of the caller's environment.
   */
  @Get()
  @Requires('member')
  @Audited('workspace.read')
  @ApiOkResponse({ type: PolicyReportPage })
  @Fails(400)
  read(
    @Caller() caller: Principal,
    @Query() query: PageQuery,
    @Event() event: AuditDraft,
  ): Promise<PolicyReportPage> {
    return this.report.page(caller, query, event);
  }
}
