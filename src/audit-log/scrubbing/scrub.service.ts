import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { CheckpointsService } from '../checkpoints/checkpoints.service.js';
import { LogSigner } from '../checkpoints/log-signer.js';
import { originOf } from '../checkpoints/origin.js';
import { splitHashes } from '../proofs/merkle.js';
import { parseVerifierKey } from '../proofs/note-keys.js';
import { TILE_WIDTH } from '../proofs/tiles.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import { TreeStore } from '../sequencing/tree-store.js';
import { faultOf, type ScrubbedRow } from './scrubbed-row.js';
import * as sql from './scrub.query.js';
import { TreeCheck, type KeptCheckpoint, type KeptTile } from './tree-check.js';

/** Something in the database that is not as it was recorded. */
export interface ScrubFault {
  /** Place in the log, where there is one. */
  index: number | null;
  event_id: string | null;
  fault: string;
}

/** What a scrub of one log found. */
export interface ScrubReport {
  workspace_id: string;
  /** How many places the log has. */
  size: number;
  /** How many events are still kept, and as they were recorded. */
  events: number;
  /** The first hundred of them; none means that the log is whole. */
  faults: ScrubFault[];
}

const PAGE = 1_000;
const MOST_FAULTS = 100;

/**
 * Reads a whole log again and recomputes it: every event against its place, its columns and its personal data, the
 * tree against its tiles, its roots against every checkpoint. Finds what was changed by somebody who has the database,
 * unless such a one recomputed it all and holds the signing key as well (docs/audit-log.md).
 */
@Injectable()
export class ScrubService {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly trees: TreeStore,
    private readonly signer: LogSigner,
    private readonly checkpoints: CheckpointsService,
  ) {}

  /** The logs there are: of workspaces, and the instance's. */
  async logs(): Promise<string[]> {
    const rows = await this.database.query<{ workspace_id: string }>(sql.LOGS);
    return rows.map(({ workspace_id }) => workspace_id);
  }

  /** What grows meanwhile is left to the next scrub. */
  async scrub(workspaceId: string): Promise<ScrubReport> {
    const size = await this.trees.size(workspaceId);
    const report: ScrubReport = { workspace_id: workspaceId, size, events: 0, faults: [] };
    const note: Note = (fault, index = null, event_id = null) => {
      if (report.faults.length < MOST_FAULTS) report.faults.push({ index, event_id, fault });
    };
    const check = new TreeCheck(
      await this.database.query<KeptCheckpoint>(sql.CHECKPOINTS, [workspaceId, size]),
      (number) => this.tile(workspaceId, number),
      (epoch) => parseVerifierKey(this.signer.verifierKey(originOf({ workspaceId, epoch }))),
      note,
    );
    await this.walk(report, check, note);
    check.finish();
    await this.checkTree(workspaceId, size, check, note);
    await this.findUnplaced(workspaceId, note);
    await this.askMemory(workspaceId, note);
    return report;
  }

  private async walk(report: ScrubReport, check: TreeCheck, note: Note): Promise<void> {
    const { workspace_id: workspaceId, size } = report;
    const [dropped] = await this.within<{ places: string }>(workspaceId, sql.DROPPED, [workspaceId]);
    const gap = (from: number, to: number): Promise<void> => {
      const first = Math.max(from, Number(dropped!.places));
      if (first < to) note(`nothing is left of the places from ${String(first)} to ${String(to - 1)}`, first);
      return this.appendGone(workspaceId, from, to, check);
    };
    for (let at = 0; at < size;) {
      const end = Math.min(at + PAGE, size);
      for (const row of await this.within<ScrubbedRow>(workspaceId, sql.PLACES, [workspaceId, at, end])) {
        const index = Number(row.index);
        const fault = index < at ? `place ${row.index} is taken twice` : faultOf(row);
        if (fault === null) report.events += 1;
        else note(fault, index, row.event_id);
        if (index < at) continue;
        await gap(at, index);
        await check.append(row.leaf_hash);
        at = index + 1;
      }
      await gap(at, end);
      at = end;
    }
  }

  /** Retention drops the oldest events, a month's edge being ragged; their leaves stay. */
  private async appendGone(workspaceId: string, from: number, to: number, check: TreeCheck): Promise<void> {
    for (let at = from; at < to;) {
      const end = Math.min(to, (Math.floor(at / TILE_WIDTH) + 1) * TILE_WIDTH);
      const leaves = await this.trees.leaves(workspaceId, at, end - at);
      for (const leaf of splitHashes(leaves)) await check.append(leaf);
      at = end;
    }
  }

  private async checkTree(workspaceId: string, size: number, check: TreeCheck, note: Note): Promise<void> {
    const uneven = await this.database.query<{ level: number; number: string }>(sql.UNEVEN_TILES, [
      workspaceId,
    ]);
    for (const { level, number } of uneven)
      note(`tile ${number} of level ${String(level)} is not that of its parts`);
    const [tree] = await this.database.query<{ size: string; frontier: Buffer }>(sql.TREE, [workspaceId]);
    if (Number(tree?.size) !== size) return;
    if (check.frontier.size !== size || tree?.frontier.equals(check.frontier.toBuffer()) !== true)
      note('the tree is not that of its leaves');
  }

  /** Events that were put in past the recorder: nobody waits to give them a place. */
  private async findUnplaced(workspaceId: string, note: Note): Promise<void> {
    const waiting = new Set((await this.database.query<{ id: string }>(sql.PENDING)).map(({ id }) => id));
    for (let after = ''; ;) {
      const rows = await this.within<{ id: string; index: string | null }>(workspaceId, sql.EVENTS, [
        workspaceId,
        after,
        PAGE,
      ]);
      for (const { id, index } of rows) {
        if (index === null && !waiting.has(id) && !(await this.isPlaced(workspaceId, id)))
          note('the event has no place in the log: it was not recorded by Tooken', null, id);
      }
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }

  /** Looked at again: it may have been sequenced between the two questions. */
  private async isPlaced(workspaceId: string, id: string): Promise<boolean> {
    const rows = await this.within(workspaceId, sql.PLACE_OF, [workspaceId, id]);
    if (rows.length > 0) return true;
    return (await this.database.query<{ id: string }>(sql.PENDING)).some((waiting) => waiting.id === id);
  }

  /** What this installation signed and has kept outside the database. */
  private async askMemory(workspaceId: string, note: Note): Promise<void> {
    try {
      await this.checkpoints.covering(workspaceId, 0);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'conflict')) throw error;
      note(error.message);
    }
  }

  private async tile(workspaceId: string, number: number): Promise<KeptTile | undefined> {
    return (await this.database.query<KeptTile>(sql.TILE, [workspaceId, number]))[0];
  }

  private within<Row>(workspaceId: string, text: string, parameters: unknown[]): Promise<Row[]> {
    return this.log.of(workspaceId, () => this.database.query<Row>(text, parameters));
  }
}

type Note = (fault: string, index?: number | null, eventId?: string | null) => void;
