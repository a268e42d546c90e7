import { parseCheckpoint } from '../proofs/checkpoint.js';
import { Frontier, splitHashes } from '../proofs/merkle.js';
import { openNote } from '../proofs/note.js';
import type { NoteVerifier } from '../proofs/note-keys.js';
import { tileRoot, TILE_WIDTH } from '../proofs/tiles.js';

/** A checkpoint as the database keeps it. */
export interface KeptCheckpoint {
  epoch: number;
  size: string;
  root: Buffer;
  note: string;
}

/** A full tile of leaves as the database keeps it. */
export interface KeptTile {
  hashes: Buffer;
  root: Buffer;
}

/** Grows a tree from leaves and says, at every size of which something else is kept, whether both agree. */
export class TreeCheck {
  readonly frontier = Frontier.empty();
  /** Leaves since the last full tile. */
  private open: Buffer[] = [];
  private checkpoints: readonly KeptCheckpoint[] = [];
  private next = 0;

  /** @param tile reads a full tile of level 0; undefined if it is not there. */
  constructor(
    private readonly tile: (number: number) => Promise<KeptTile | undefined>,
    private readonly verifierOf: (epoch: number) => NoteVerifier,
    private readonly note: (fault: string, index?: number) => void,
  ) {}

  /** Checkpoints of the sizes from this one to that after the next few leaves, by size. */
  expect(checkpoints: readonly KeptCheckpoint[]): void {
    this.checkpoints = checkpoints;
    this.next = 0;
    this.checkReached();
  }

  async append(leaf: Buffer): Promise<void> {
    this.frontier.append(leaf);
    this.open.push(leaf);
    if (this.open.length === TILE_WIDTH) await this.checkTile();
    this.checkReached();
  }

  private checkReached(): void {
    for (let each = this.checkpoints[this.next]; Number(each?.size) === this.frontier.size;) {
      this.checkCheckpoint(each!);
      each = this.checkpoints[++this.next];
    }
  }

  private async checkTile(): Promise<void> {
    const number = this.frontier.size / TILE_WIDTH - 1;
    const leaves = this.open;
    this.open = [];
    const tile = await this.tile(number);
    if (tile === undefined) {
      this.note(`tile ${String(number)} of the tree was removed`);
      return;
    }
    const kept = splitHashes(tile.hashes);
    const other = leaves.findIndex((leaf, at) => kept[at]?.equals(leaf) !== true);
    if (other >= 0) this.note('the tree has another event in this place', number * TILE_WIDTH + other);
    else if (!tile.root.equals(tileRoot(tile.hashes)))
      this.note(`the root of tile ${String(number)} of the tree was changed`);
  }

  private checkCheckpoint({ epoch, size, root, note }: KeptCheckpoint): void {
    const now = this.frontier.root();
    if (!root.equals(now)) this.note(`the checkpoint of ${size} events is not of the events that are there`);
    if (!saysSo(note, { size: Number(size), root }, this.verifierOf(epoch)))
      this.note(`the signed note of the checkpoint of ${size} events was changed`);
  }
}

/** The signature is judged if it is of today's key; that of a key which was replaced since cannot be. */
function saysSo(note: string, told: { size: number; root: Buffer }, verifier: NoteVerifier): boolean {
  try {
    // The id is what the signature begins with: of its 32 bits base64 keeps 30 apart from what follows.
    const isOurs = note.includes(` ${Buffer.from(verifier.id, 'hex').toString('base64').slice(0, 5)}`);
    const text = isOurs ? openNote(note, [verifier]).text : note.slice(0, note.lastIndexOf('\n\n') + 1);
    const { origin, size, root } = parseCheckpoint(text);
    return origin === verifier.name && size === told.size && root.equals(told.root);
  } catch {
    return false;
  }
}
