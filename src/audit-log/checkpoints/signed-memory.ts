import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { parseCheckpoint, type Checkpoint } from '../proofs/checkpoint.js';

/**
 * The last checkpoint of each log that this instance signed or saw, kept outside the database: in the data folder,
 * one file a log, as the signed note itself. A database restored from an older backup has forgotten what was signed
 * since; this has not.
 */
@Injectable()
export class SignedMemory {
  private readonly logger = new Logger(SignedMemory.name);
  private readonly folder: string;
  private readonly known = new Map<string, Checkpoint | null>();
  /** What is known, but could not be written. */
  private readonly unwritten = new Set<string>();
  /** One is written after the other. */
  private turn: Promise<void> = Promise.resolve();
  private canWrite = true;

  constructor(config: Config) {
    this.folder = join(config.dataDir, 'checkpoints');
  }

  /** @returns null if there has been none. */
  async recall(workspaceId: string): Promise<Checkpoint | null> {
    if (!this.known.has(workspaceId)) {
      const found = await this.read(workspaceId);
      // Something may have been kept meanwhile.
      if (!this.known.has(workspaceId)) this.known.set(workspaceId, found);
    }
    return this.known.get(workspaceId) ?? null;
  }

  /** Whether there is nothing to be kept of a log whose newest checkpoint has this origin and size. */
  async holds(workspaceId: string, { origin, size }: Pick<Checkpoint, 'origin' | 'size'>): Promise<boolean> {
    const known = await this.recall(workspaceId);
    return known?.origin === origin && known.size >= size && !this.unwritten.has(workspaceId);
  }

  /** On disk before it is shown to anybody; unless a later one is there already. */
  async keep(workspaceId: string, note: string, checkpoint: Checkpoint): Promise<void> {
    const turn = this.turn.then(() => this.keepNow(workspaceId, note, checkpoint));
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private async keepNow(workspaceId: string, note: string, checkpoint: Checkpoint): Promise<void> {
    const known = await this.recall(workspaceId);
    if (known?.origin === checkpoint.origin && known.size > checkpoint.size) return;
    if (await this.holds(workspaceId, checkpoint)) return;
    this.known.set(workspaceId, checkpoint);
    if (!this.canWrite) return;
    try {
      await this.write(workspaceId, note);
      this.unwritten.delete(workspaceId);
    } catch (error) {
      this.cannotWrite(workspaceId, error as NodeJS.ErrnoException);
    }
  }

  private async read(workspaceId: string): Promise<Checkpoint | null> {
    const note = await readFile(join(this.folder, workspaceId), 'utf8').catch(ignoreMissing);
    // What is signed ends at the last blank line; the signature is our own and need not convince us.
    return note === null ? null : parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
  }

  private async write(workspaceId: string, note: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // Containers that share a folder may share their process ids too.
    const draft = join(this.folder, `${workspaceId}.${randomUUID()}`);
    try {
      await writeFile(draft, note, { flush: true });
      await rename(draft, join(this.folder, workspaceId));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  private cannotWrite(workspaceId: string, error: NodeJS.ErrnoException): void {
    // Beside a database of its own the product may run on a file system it cannot write to. All else may pass.
    this.canWrite = !FORBIDDEN.has(error.code ?? '');
    if (this.unwritten.has(workspaceId)) return;
    if (this.canWrite) this.unwritten.add(workspaceId);
    const lasts = this.canWrite ? 'until it can be written; trying on' : 'until the next start';
    this.logger.warn(
      { err: error },
      `checkpoints cannot be remembered in ${this.folder}: that the database was restored from an older backup is noticed only ${lasts}`,
    );
  }
}

/** What stays so. */
const FORBIDDEN: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return null;
  throw error;
}
