import { Controller, Get, Headers, Query, Res, UseInterceptors, type StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Admission, Caller, type Principal, type StillAdmitted } from '../../credentials/principal.js';
import { Fails } from '../../platform/errors/fails.decorator.js';
import { Requires } from '../../scopes/requires.decorator.js';
import { Event, type AuditDraft } from '../audit-draft.js';
import { Audited } from '../audited.decorator.js';
import { ExportQuery, TailQuery } from './audit-streams.dto.js';
import { EXPORTED, FOLLOWED } from './audit-streams.examples.js';
import { ExportService } from './export.service.js';
import { LastEventIdInterceptor } from './last-event-id.interceptor.js';
import { TailService } from './tail.service.js';

@ApiTags('Audit log')
@Controller('v1/audit-events')
export class AuditStreamsController {
  constructor(
    private readonly exports: ExportService,
    private readonly tails: TailService,
  ) {}

  /**
   * Follow the log as server-sent events; each event once and in order of index, none skipped. Indexes are the whole
   * workspace's, so events of the other environment leave gaps between them. It ends when the credential does;
   * reconnect with `Last-Event-ID` and nothing is lost. A place that no event has had yet is answered 409: whoever
   * names one got it before an older backup was restored, and would miss what takes the places up to it.
   */
  @Get('tail')
  @Requires('audit:read')
  @Audited('audit.tail')
  @UseInterceptors(LastEventIdInterceptor)
  @ApiHeader({
    name: 'Last-Event-ID',
    description: 'What a browser sends when it reconnects: the same as `after_index`, and stronger.',
    required: false,
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, example: 1041 },
  })
  @ApiOkResponse(FOLLOWED)
  @Fails(400, 409)
  async tail(
    @Caller() caller: Principal,
    @Admission() stillAdmitted: StillAdmitted,
    @Query() query: TailQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Event() event: AuditDraft,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    // nginx would else collect what should arrive at once.
    void reply.header('x-accel-buffering', 'no');
    return this.tails.tail(caller, stillAdmitted, query, lastEventId, event);
  }

  /**
   * Export the log, in order of index; as it is when the export begins. Events of the last second may not have their
   * index yet and are then not in it. NDJSON ends with a manifest, without which it was cut short; lines without an
   * `id` are what it takes to check it against a signed checkpoint. CSV cells that a spreadsheet would take for formulas begin with an apostrophe.
   */
  @Get('export')
  @Requires('audit:read')
  @Audited('audit.export')
  @ApiOkResponse(EXPORTED)
  @Fails(400)
  export(
    @Caller() caller: Principal,
    @Admission() stillAdmitted: StillAdmitted,
    @Query() query: ExportQuery,
    @Event() event: AuditDraft,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    return this.exports.export(caller, stillAdmitted, query, event, reply);
  }
}
