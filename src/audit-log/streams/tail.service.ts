import { Injectable, StreamableFile } from '@nestjs/common';
import type { Principal, StillAdmitted } from '../../credentials/principal.js';
import { Problem } from '../../platform/errors/problem.js';
import type { AuditDraft } from '../audit-draft.js';
import type { AuditEventDto } from '../audit-events.dto.js';
import type { Question } from '../reading/event-finder.js';
import { viewOf } from '../reading/visible.js';
import { TreeStore } from '../sequencing/tree-store.js';
import type { TailQuery } from './audit-streams.dto.js';
import { LogGrowth } from './log-growth.js';
import { LogPages, shownIn } from './log-pages.js';
import type { Stretch } from './stretch.js';
import { OpenTails } from './open-tails.js';
import { Tail } from './tail.js';

const PAGE = 200;
/** Proxies close what is silent for long. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = ': keep-alive\n\n';

/** A part of a log as server-sent events, and where the next part begins. */
interface Frames {
  text: string;
  next: number;
}

/** Follows a log by index: each event once, in order, none skipped (contract §6). */
@Injectable()
export class TailService {
  /** Under way: who follows the same log from the same place shares the reading. */
  private readonly readings = new Map<string, Promise<Frames>>();

  constructor(
    private readonly pages: LogPages,
    private readonly growth: LogGrowth,
    private readonly trees: TreeStore,
    private readonly open: OpenTails,
  ) {}

  /**
   * @param lastEventId what a browser that reconnects has seen last; it knows better than the URL.
   * @throws Problem `conflict` for a place that no event of this log has had yet.
   */
  async tail(
    caller: Principal,
    stillAdmitted: StillAdmitted,
    query: TailQuery,
    lastEventId: string | undefined,
    event: AuditDraft,
  ): Promise<StreamableFile> {
    const view = viewOf(caller, query);
    const after = lastEventId === undefined ? query.after_index : Number(lastEventId);
    event.details = { after_index: after ?? null };
    // Read after the place was named: whoever has seen an index has seen it committed.
    const size = await this.trees.size(view.workspaceId);
    const from = after === undefined ? size : after + 1;
    if (from > size) throw neverReached(from - 1, size);
    const question = { view, span: { from: null, before: null }, conditions: [] };
    const tail = this.open.admit(
      caller.workspace.id,
      () => new Tail(stillAdmitted, (signal) => this.events(question, from, stillAdmitted, signal)),
    );
    return new StreamableFile(tail.body, { type: 'text/event-stream' });
  }

  private async *events(
    question: Question,
    from: number,
    stillAdmitted: StillAdmitted,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    yield 'retry: 1000\n\n';
    let heardAt = performance.now();
    for (let [next, size] = [from, 0]; !signal.aborted;) {
      const patience = heardAt + KEEP_ALIVE_MS - performance.now();
      if (size <= next) size = await this.growth.beyond(question.view.workspaceId, next, patience, signal);
      const part = size > next ? await this.frames(question, { from: next, to: size }) : { text: '', next };
      const text = part.text === '' && patience <= 0 ? KEEP_ALIVE : part.text;
      next = part.next;
      if (text === '') continue;
      // Now that it is read: whatever was committed after a revocation is not shown to whom it revoked.
      if (!(await stillAdmitted())) return;
      yield text;
      heardAt = performance.now();
    }
  }

  private frames(question: Question, stretch: Stretch): Promise<Frames> {
    const { workspaceId, environments } = question.view;
    const key = [workspaceId, ...environments, stretch.from, stretch.to].join(' ');
    const known = this.readings.get(key);
    if (known !== undefined) return known;
    const reading = this.readFrames(question, stretch).finally(() => this.readings.delete(key));
    this.readings.set(key, reading);
    return reading;
  }

  private async readFrames(question: Question, stretch: Stretch): Promise<Frames> {
    const entries = await this.pages.read(question, stretch, PAGE);
    return {
      text: shownIn(entries).map(frame).join(''),
      next: entries.length < PAGE ? stretch.to : entries.at(-1)!.index + 1,
    };
  }
}

/** Waiting for it would pass over all that fills the places up to it anew. */
function neverReached(index: number, size: number): Problem {
  const end = size === 0 ? 'is empty' : `ends at ${String(size - 1)}`;
  return new Problem(
    'conflict',
    `No event of this log has had the index ${String(index)} yet: it ${end}. The place was never given out, or the ` +
      'database was restored from an older backup since; follow from a place that the log has',
  );
}

/** WHATWG HTML §9.2; JSON has no line breaks. */
function frame(event: AuditEventDto): string {
  return `id: ${String(event.index)}\nevent: audit\ndata: ${JSON.stringify(event)}\n\n`;
}
