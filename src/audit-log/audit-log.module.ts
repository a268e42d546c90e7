import { Global, Module } from '@nestjs/common';
import { Checkpointer } from './checkpoints/checkpointer.js';
import { CheckpointsService } from './checkpoints/checkpoints.service.js';
import { EpochsService } from './checkpoints/epochs.service.js';
import { LogSigner } from './checkpoints/log-signer.js';
import { ProofsController } from './checkpoints/proofs.controller.js';
import { ProofsService } from './checkpoints/proofs.service.js';
import { SignedMemory } from './checkpoints/signed-memory.js';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditEventsController } from './audit-events.controller.js';
import { AuditEventsService } from './audit-events.service.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Erasure } from './keeping/erasure.js';
import { Housekeeping } from './keeping/housekeeping.js';
import { Retention } from './keeping/retention.js';
import { FormerUses } from './former-uses.js';
import { LastUses } from './last-use.js';
import { AuditRecorder } from './audit-recorder.js';
import { NewRows } from './new-rows.js';
import { AddressSearch } from './reading/address-search.js';
import { EventFilters } from './reading/event-filters.js';
import { EventFinder } from './reading/event-finder.js';
import { EventStatsService } from './reading/event-stats.service.js';
import { NameSearch } from './reading/name-search.js';
import { SearchBySecretService } from './reading/search-by-secret.service.js';
import { WorkspaceLog } from './reading/workspace-log.js';
import { NightlyScrub } from './scrubbing/nightly-scrub.js';
import { ScrubService } from './scrubbing/scrub.service.js';
import { Sequencer } from './sequencing/sequencer.js';
import { TreeStore } from './sequencing/tree-store.js';
import { AuditStreamsController } from './streams/audit-streams.controller.js';
import { ExportService } from './streams/export.service.js';
import { LogGrowth } from './streams/log-growth.js';
import { LogPages } from './streams/log-pages.js';
import { OpenTails } from './streams/open-tails.js';
import { TailService } from './streams/tail.service.js';
import { Floods } from './floods/floods.js';

/** Records every decision, and shows what was recorded. */
@Global()
@Module({
  controllers: [AuditEventsController, ProofsController, AuditStreamsController],
  providers: [
    AuditRecorder,
    NewRows,
    Floods,
    LastUses,
    FormerUses,
    AuditEventsService,
    WorkspaceLog,
    NameSearch,
    AddressSearch,
    EventFilters,
    EventFinder,
    EventStatsService,
    SearchBySecretService,
    TreeStore,
    Sequencer,
    LogSigner,
    SignedMemory,
    CheckpointsService,
    Checkpointer,
    EpochsService,
    ScrubService,
    NightlyScrub,
    ProofsService,
    Retention,
    Housekeeping,
    Erasure,
    LogPages,
    LogGrowth,
    OpenTails,
    TailService,
    ExportService,
    AuditInterceptor,
    { provide: APP_INTERCEPTOR, useExisting: AuditInterceptor },
  ],
  exports: [AuditRecorder, NewRows, Floods, LastUses, FormerUses, LogPages, TreeStore],
})
export class AuditLogModule {}
