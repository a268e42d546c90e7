import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import type { Checkpoint } from '../proofs/checkpoint.js';
import { TreeStore } from '../sequencing/tree-store.js';
import { LogSigner } from './log-signer.js';
import { originOf, readOrigin, type LogName } from './origin.js';
import { SignedMemory } from './signed-memory.js';

/** A checkpoint as it was signed. */
export interface SignedCheckpoint extends Checkpoint, LogName {
  /** C2SP signed note. */
  note: string;
  signedAt: Date;
}

interface Row {
  epoch: number;
  size: string;
  root: Buffer;
  note: string;
  created_at: Date;
}

/**
 * Signs what a log is at a moment, and never anything that contradicts what was signed before: neither by this
 * instance, as it remembers outside the database, nor by another, as the database does.
 */
@Injectable()
export class CheckpointsService {
  /** By workspace: what is being signed. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly trees: TreeStore,
    private readonly signer: LogSigner,
    private readonly memory: SignedMemory,
    private readonly clock: Clock,
  ) {}

  /**
   * The newest checkpoint with at least so many events, signed now if need be; at most as many as are sequenced.
   *
   * @throws Problem `conflict` when the log is not what was signed before.
   */
  async covering(workspaceId: string, size: number): Promise<SignedCheckpoint> {
    const kept = await this.keptCovering(workspaceId, size);
    // One after the other: what the first of many has signed covers the others as well.
    return kept ?? this.inTurn(workspaceId, () => this.coveringNow(workspaceId, size));
  }

  /** Signs the log as it is now, unless that has been done. */
  async sign(workspaceId: string): Promise<SignedCheckpoint> {
    return this.covering(workspaceId, await this.trees.size(workspaceId));
  }

  /** Which beginning of its history the log is in. */
  async epochOf(workspaceId: string): Promise<number> {
    const [row] = await this.database.query<{ epoch: number | null }>(
      'select max(epoch) as epoch from audit_epochs where workspace_id = $1',
      [workspaceId],
    );
    return row?.epoch ?? 1;
  }

  private async coveringNow(workspaceId: string, size: number): Promise<SignedCheckpoint> {
    const kept = await this.keptCovering(workspaceId, size);
    if (kept !== null) return kept;
    const name = { workspaceId, epoch: await this.epochOf(workspaceId) };
    return this.signNow(name, await this.latest(name));
  }

  private async keptCovering(workspaceId: string, size: number): Promise<SignedCheckpoint | null> {
    const name = { workspaceId, epoch: await this.epochOf(workspaceId) };
    const latest = await this.latest(name);
    await this.requireConsistent(name, latest);
    if (latest === null || latest.size < size) return null;
    await this.memory.keep(workspaceId, latest.note, latest);
    return latest;
  }

  private async inTurn<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(workspaceId) ?? Promise.resolve();
    const turn = before.then(work);
    const ended = turn.then(ignoreResult, ignoreResult);
    this.turns.set(workspaceId, ended);
    try {
      return await turn;
    } finally {
      if (this.turns.get(workspaceId) === ended) this.turns.delete(workspaceId);
    }
  }

  private async latest(name: LogName): Promise<SignedCheckpoint | null> {
    const [row] = await this.database.query<Row>(
      `select epoch, size, root, note, created_at from audit_checkpoints
        where workspace_id = $1 and epoch = $2 order by size desc limit 1`,
      [name.workspaceId, name.epoch],
    );
    return row === undefined ? null : toCheckpoint(name, row);
  }

  private async signNow(name: LogName, latest: SignedCheckpoint | null): Promise<SignedCheckpoint> {
    const size = await this.trees.size(name.workspaceId);
    const reader = this.trees.reader(name.workspaceId);
    if (latest !== null && !(await reader.root(latest.size)).equals(latest.root))
      throw notAsSigned(latest, size);
    const checkpoint = { origin: originOf(name), size, root: await reader.root(size) };
    const note = this.signer.sign(checkpoint);
    // Remembered before anybody can have seen it: rather one too many than one that was forgotten.
    await this.memory.keep(name.workspaceId, note, checkpoint);
    const signedAt = new Date(this.clock.now());
    await this.database.query(
      `insert into audit_checkpoints (workspace_id, epoch, size, root, note, created_at)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [name.workspaceId, name.epoch, size, checkpoint.root, note, signedAt],
    );
    return { ...name, ...checkpoint, note, signedAt };
  }

  /** Against what this instance remembers, which a restored backup does not. */
  private async requireConsistent(name: LogName, latest: SignedCheckpoint | null): Promise<void> {
    const remembered = await this.memory.recall(name.workspaceId);
    if (remembered === null) return;
    const { epoch } = readOrigin(remembered.origin) ?? { epoch: 1 };
    if (epoch < name.epoch) return;
    const size = await this.trees.size(name.workspaceId);
    if (epoch > name.epoch || remembered.size > size) throw notAsSigned(remembered, size);
    // The database has it in the same words: nothing to recompute, which is what nearly always is the case.
    if (latest !== null && latest.size >= remembered.size && (await this.holds(name, remembered))) return;
    const root = await this.trees.reader(name.workspaceId).root(remembered.size);
    if (!root.equals(remembered.root)) throw notAsSigned(remembered, size);
  }

  private async holds(name: LogName, { size, root }: Checkpoint): Promise<boolean> {
    const rows = await this.database.query(
      'select from audit_checkpoints where workspace_id = $1 and epoch = $2 and size = $3 and root = $4',
      [name.workspaceId, name.epoch, size, root],
    );
    return rows.length > 0;
  }
}

function ignoreResult(): void {
  // Whoever asked for it is told.
}

function toCheckpoint(name: LogName, row: Row): SignedCheckpoint {
  const { root, note } = row;
  return { ...name, origin: originOf(name), size: Number(row.size), root, note, signedAt: row.created_at };
}

/** What was signed cannot be taken back: whoever holds it would find the log changed. */
function notAsSigned(signed: Checkpoint, size: number): Problem {
  const state = signed.size > size ? `has ${String(size)}` : 'has others in their place';
  return new Problem(
    'conflict',
    `A checkpoint of ${String(signed.size)} events was signed, and the log ${state}: the database was changed or ` +
      'restored from an older backup. Nothing more is signed for this log until a new epoch is opened ' +
      '(tooken audit open-epoch)',
  );
}
