import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
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
  private canKeep = true;

  constructor(config: Config) {
    this.folder = join(config.dataDir, 'checkpoints');
  }

  /** @returns null if there has been none. */
  async recall(workspaceId: string): Promise<Checkpoint | null> {
    const known = this.known.get(workspaceId);
    if (known !== undefined) return known;
    const note = await readFile(join(this.folder, workspaceId), 'utf8').catch(ignoreMissing);
    // What is signed ends at the last blank line; the signature is our own and need not convince us.
    const checkpoint = note === null ? null : parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    this.known.set(workspaceId, checkpoint);
    return checkpoint;
  }

  /** On disk before it is shown to anybody; unless a later one is there already. */
  async keep(workspaceId: string, note: string, checkpoint: Checkpoint): Promise<void> {
    const known = await this.recall(workspaceId);
    if (known?.origin === checkpoint.origin && known.size >= checkpoint.size) return;
    this.known.set(workspaceId, checkpoint);
    if (!this.canKeep) return;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const file = join(this.folder, workspaceId);
      await writeFile(`${file}.${String(process.pid)}`, note, { flush: true });
      await rename(`${file}.${String(process.pid)}`, file);
    } catch (error) {
      // Beside a database of its own the product may run on a file system it cannot write to.
      this.canKeep = false;
      this.logger.warn(
        { err: error as Error },
        `checkpoints cannot be remembered in ${this.folder}: that the database was restored from an older backup is noticed only until the next start`,
      );
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'EACCES') return null;
  throw error;
}
