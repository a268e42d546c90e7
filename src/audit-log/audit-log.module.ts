import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditEventsController } from './audit-events.controller.js';
import { AuditEventsService } from './audit-events.service.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { LastUses } from './last-use.js';
import { AuditRecorder } from './audit-recorder.js';

/** Records every decision, and shows what was recorded. */
@Global()
@Module({
  controllers: [AuditEventsController],
  providers: [
    AuditRecorder,
    LastUses,
    AuditEventsService,
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
  exports: [AuditRecorder, LastUses],
})
export class AuditLogModule {}
