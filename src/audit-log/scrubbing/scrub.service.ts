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
import type { ScrubReport } from './scrub-report.js';
import { faultOf, type ScrubbedRow } from './scrubbed-row.js';
import * as sql from './scrub.query.js';
import { TreeCheck, type KeptCheckpoint, type KeptTile } from './tree-check.js';

const PAGE = 1_000;
/** Of tiles that take 256 others each to be checked. */
const TILES_PAGE = 64;
/** Of rows that may hold as much as a pass of the sequencer takes. */
const PENDING_PAGE = 16;
const MOST_FAULTS = 100;
const NEVER = new AbortController().signal;

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

  /**
   * What grows meanwhile is left to the next scrub.
   *
   * @throws the reason of the signal, after the page that is being read.
   */
  async scrub(workspaceId: string, stop = NEVER): Promise<ScrubReport> {
    const report: ScrubReport = { workspace_id: workspaceId, size: 0, events: 0, faults: [], failed: null };
    try {
      await this.readAgain(report, stop);
    } catch (error) {
      stop.throwIfAborted();
      report.failed = inWords(error);
    }
    return report;
  }

  private async readAgain(report: ScrubReport, stop: AbortSignal): Promise<void> {
    const workspaceId = report.workspace_id;
    const note: Note = (fault, index = null, event_id = null) => {
      if (report.faults.length < MOST_FAULTS) report.faults.push({ index, event_id, fault });
    };
    const check = new TreeCheck(
      (number) => this.tile(workspaceId, number),
      (epoch) => parseVerifierKey(this.signer.verifierKey(originOf({ workspaceId, epoch }))),
      note,
    );
    report.size = await this.trees.size(workspaceId);
    const epochs = await this.epochs(workspaceId);
    await this.walk(report, epochs, check, note, stop);
    await this.checkBeyond(workspaceId, epochs, note);
    await this.checkTree(report, check, note);
    await this.checkTiles(workspaceId, note, stop);
    await this.findUnplaced(workspaceId, note, stop);
    await this.askMemory(workspaceId, note);
  }

  private async walk(
    report: ScrubReport,
    epochs: readonly number[],
    check: TreeCheck,
    note: Note,
    stop: AbortSignal,
  ): Promise<void> {
    const { workspace_id: workspaceId, size } = report;
    let dropped = 0;
    const gap = async (from: number, to: number): Promise<void> => {
      // Only now, since retention may have dropped it a moment ago.
      if (Math.max(from, dropped) < to) dropped = await this.dropped(workspaceId);
      const first = Math.max(from, dropped);
      if (first < to) note(`nothing is left of the places from ${String(first)} to ${String(to - 1)}`, first);
      return this.appendGone(workspaceId, from, to, check);
    };
    for (let at = 0; at < size;) {
      stop.throwIfAborted();
      const end = Math.min(at + PAGE, size);
      const signed = [workspaceId, epochs, at === 0 ? -1 : at, end];
      check.expect(await this.database.query<KeptCheckpoint>(sql.CHECKPOINTS, signed));
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

  /** What is signed of more leaves than there are is no longer true either. */
  private async checkBeyond(workspaceId: string, epochs: readonly number[], note: Note): Promise<void> {
    const beyond = await this.database.query<{ signed: string; there: string }>(sql.CHECKPOINTS_BEYOND, [
      workspaceId,
      epochs,
      MOST_FAULTS,
    ]);
    for (const { signed, there } of beyond)
      note(`a checkpoint of ${signed} events was signed, and there are ${there}`);
  }

  private async checkTree(
    { workspace_id: workspaceId, size }: ScrubReport,
    check: TreeCheck,
    note: Note,
  ): Promise<void> {
    const [tree] = await this.database.query<{ size: string; frontier: Buffer }>(sql.TREE, [workspaceId]);
    const hasGrown = Number(tree?.size) !== size;
    if (check.frontier.size !== size || !(hasGrown || tree?.frontier.equals(check.frontier.toBuffer())))
      note('the tree is not that of its leaves');
  }

  private async checkTiles(workspaceId: string, note: Note, stop: AbortSignal): Promise<void> {
    for (let after: UpperTile | undefined = BEFORE_ALL; after !== undefined;) {
      stop.throwIfAborted();
      const tiles: UpperTile[] = await this.database.query<UpperTile>(sql.UPPER_TILES, [
        workspaceId,
        after.level,
        after.number,
        TILES_PAGE,
      ]);
      for (const { level, number, uneven } of tiles)
        if (uneven) note(`tile ${number} of level ${String(level)} is not that of its parts`);
      after = tiles.at(-1);
    }
  }

  /** Events that were put in past the recorder: nobody waits to give them a place. */
  private async findUnplaced(workspaceId: string, note: Note, stop: AbortSignal): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined;) {
      stop.throwIfAborted();
      const rows: { id: string; index: string | null }[] = await this.within(workspaceId, sql.EVENTS, [
        workspaceId,
        after,
        PAGE,
      ]);
      const unplaced = rows.filter(({ index }) => index === null).map(({ id }) => id);
      for (const id of await this.lostOf(workspaceId, unplaced, stop))
        note('the event has no place in the log: it was not recorded by Tooken', null, id);
      after = rows.at(-1)?.id;
    }
  }

  /** Those that neither wait for their place nor, looked at again afterwards, have been given it meanwhile. */
  private async lostOf(workspaceId: string, ids: readonly string[], stop: AbortSignal): Promise<string[]> {
    const lost = new Set(ids);
    for (let after: string | undefined = '0'; after !== undefined && lost.size > 0;) {
      stop.throwIfAborted();
      const rows: { id: string; waiting: string[] }[] = await this.database.query(sql.PENDING, [
        [...lost],
        after,
        PENDING_PAGE,
      ]);
      for (const id of rows.flatMap(({ waiting }) => waiting)) lost.delete(id);
      after = rows.at(-1)?.id;
    }
    if (lost.size === 0) return [];
    const rows = await this.within<{ id: string }>(workspaceId, sql.UNPLACED, [workspaceId, [...lost]]);
    return rows.map(({ id }) => id);
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

  private async epochs(workspaceId: string): Promise<number[]> {
    const rows = await this.database.query<{ epoch: number }>(sql.EPOCHS, [workspaceId]);
    return rows.map(({ epoch }) => epoch);
  }

  private async dropped(workspaceId: string): Promise<number> {
    const [row] = await this.within<{ places: string }>(workspaceId, sql.DROPPED, [workspaceId]);
    return Number(row!.places);
  }

  private async tile(workspaceId: string, number: number): Promise<KeptTile | undefined> {
    return (await this.database.query<KeptTile>(sql.TILE, [workspaceId, number]))[0];
  }

  private within<Row>(workspaceId: string, text: string, parameters: unknown[]): Promise<Row[]> {
    return this.log.of(workspaceId, () => this.database.query<Row>(text, parameters));
  }
}

/** A tile above those of the leaves. */
interface UpperTile {
  level: number;
  number: string;
  uneven: boolean;
}

const BEFORE_ALL: UpperTile = { level: 0, number: String(Number.MAX_SAFE_INTEGER), uneven: false };

/** Of what the database refused, its own words rather than those for callers. */
function inWords(error: unknown): string {
  const { message } = ((error as Error).cause ?? error) as Error;
  return message;
}

type Note = (fault: string, index?: number | null, eventId?: string | null) => void;
