import { Injectable, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Principal, StillAdmitted } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../../platform/errors/problem.js';
import type { AuditDraft } from '../audit-draft.js';
import { CheckpointsService } from '../checkpoints/checkpoints.service.js';
import { originOf } from '../checkpoints/origin.js';
import { EventFilters } from '../reading/event-filters.js';
import type { Question } from '../reading/event-finder.js';
import { viewOf } from '../reading/visible.js';
import { TreeStore } from '../sequencing/tree-store.js';
import type { ExportQuery } from './audit-streams.dto.js';
import { CsvWriter } from './export-csv.js';
import type { ExportWriter } from './export-writer.js';
import { LogPages } from './log-pages.js';
import { NdjsonWriter, type ManifestFacts } from './ndjson-writer.js';
import { NoLongerAdmitted, PulledBody } from './pulled-body.js';

const PAGE = 300;

const TYPES = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** Writes out a log as it is at one moment, as fast as it is taken, and never more of it in memory than a page. */
@Injectable()
export class ExportService {
  constructor(
    private readonly filters: EventFilters,
    private readonly pages: LogPages,
    private readonly trees: TreeStore,
    private readonly checkpoints: CheckpointsService,
    private readonly clock: Clock,
  ) {}

  async export(
    caller: Principal,
    stillAdmitted: StillAdmitted,
    { format, ...query }: ExportQuery,
    event: AuditDraft,
    reply: FastifyReply,
  ): Promise<StreamableFile> {
    event.details = { format };
    const question = await this.filters.question(viewOf(caller, query), query);
    const { workspaceId } = question.view;
    const facts = await this.factsOf(workspaceId, query);
    const writer =
      format === 'csv'
        ? new CsvWriter()
        : new NdjsonWriter(this.trees.reader(workspaceId), facts, () => this.pages.dropped(workspaceId));
    const chunks = this.chunks(question, facts.tree_size, writer, stillAdmitted);
    // The first event may be far away, and a reader that hears nothing gives up.
    const body = new PulledBody(chunks, () => {
      reply.raw.flushHeaders();
    });
    return new StreamableFile(body, {
      type: TYPES[format],
      disposition: `attachment; filename="${this.fileName(caller, query)}.${format}"`,
    });
  }

  /** The end is fixed now: an export of a log that is written to would else never come to it. */
  private async factsOf(
    workspaceId: string,
    { log: _, ...filters }: Omit<ExportQuery, 'format'>,
  ): Promise<ManifestFacts> {
    const size = await this.trees.size(workspaceId);
    const checkpoint = await this.checkpoints.covering(workspaceId, size).catch(ignoreConflict);
    const epoch = checkpoint?.epoch ?? (await this.checkpoints.epochOf(workspaceId));
    return {
      checkpoint: checkpoint?.note ?? null,
      epoch,
      filters: { ...filters },
      log: workspaceId,
      origin: originOf({ workspaceId, epoch }),
      tree_size: checkpoint?.size ?? size,
    };
  }

  private async *chunks(
    question: Question,
    size: number,
    writer: ExportWriter,
    stillAdmitted: StillAdmitted,
  ): AsyncGenerator<string> {
    const stretch = await this.pages.stretchOf(question.view, question.span, size);
    let text = await writer.head({ ...stretch });
    for (let isLast = false; !isLast;) {
      const entries = await this.pages.read(question, stretch, PAGE);
      isLast = entries.length < PAGE;
      text += await writer.page(entries);
      if (isLast) text += await writer.end();
      // Now that it is read: whoever is no longer let in gets no more, and not the end either.
      if (!(await stillAdmitted())) throw new NoLongerAdmitted();
      if (text !== '') yield text;
      text = '';
      stretch.from = (entries.at(-1)?.index ?? stretch.from) + 1;
    }
  }

  private fileName({ workspace, environment }: Principal, { log }: Omit<ExportQuery, 'format'>): string {
    const at = new Date(this.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return `audit-events-${log === 'instance' ? log : `${workspace.slug}-${environment}`}-${at}`;
  }
}

/** A log that is not what was signed before: nothing is signed for it, but who looks into it needs it all the more. */
function ignoreConflict(error: unknown): null {
  if (error instanceof Problem && error.code === 'conflict') return null;
  throw error;
}
