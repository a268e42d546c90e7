import { perfectRoot, requireSize } from './merkle.js';
import type { TreeNode } from './proofs.js';

/** Levels of the tree that one level of tiles spans (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;

/** Entries of a full tile. */
export const TILE_WIDTH = 256;

/** Tile `number` of tile level `level` holds the 256 nodes of tree level 8 · level from 256 · number on. */
export interface Tile {
  level: number;
  number: number;
}

/**
 * Neighbouring entries of one tile level, counted over all its tiles, and always of a single tile: that is number
 * floor(first / 256). Entry n of level 0 is the hash of leaf n; entry n of a level above is the root of tile n of
 * the level below.
 */
export interface EntryRange {
  level: number;
  first: number;
  count: number;
}

/** The entries below a node: hashed together by `perfectRoot` they are its hash. */
export function entriesOf(node: TreeNode): EntryRange {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const count = 2 ** (node.level % TILE_HEIGHT);
  return { level, first: node.index * count, count };
}

/** The tile that holds these entries. */
export function tileOf(range: EntryRange): Tile {
  return { level: range.level, number: Math.floor(range.first / TILE_WIDTH) };
}

/** Root of a full tile, which is its entry in the level above. */
export function tileRoot(entries: Buffer): Buffer {
  return perfectRoot(entries);
}

/** The tiles that become full when a tree grows, lower levels first: those above are made of their roots. */
export function completedTiles(oldSize: number, newSize: number): Tile[] {
  requireSize(oldSize);
  requireSize(newSize);
  const tiles: Tile[] = [];
  for (let level = 0; ; level++) {
    const leaves = TILE_WIDTH ** (level + 1);
    const end = Math.floor(newSize / leaves);
    if (end === 0) return tiles;
    for (let number = Math.floor(oldSize / leaves); number < end; number++) tiles.push({ level, number });
  }
}

/** How many entries a tile level has in a tree of this size; the last tile is partial if 256 does not divide it. */
export function entryCount(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}
