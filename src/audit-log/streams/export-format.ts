/** What a line of an export is besides an event; in RFC 8785's form, one member each. Lines with an `id` are events. */
export interface SkippedLine {
  /**
   * Indexes of events that are not asked for. Their hashes are those of the fewest perfect subtrees they consist of,
   * from left to right, base64.
   */
  skipped: { from: number; hashes: string[]; to: number };
}

/** The same of events that are no longer in the log. A later event, of retention, tells that they were dropped. */
export interface DroppedLine {
  dropped: SkippedLine['skipped'];
}

/** In the log's tree is another event than in this place of the log, or none: `body` is what is there. */
export interface DamagedLine {
  /** Without `id`: the place itself is gone, and nothing tells that it was dropped. */
  damaged: { body: string | null; id: string | null; index: number; leaf_hash: string };
}

/** The root over all leaves before this line, as the log keeps it: tells in which part of it something was changed. */
export interface TreeLine {
  tree: { root: string; size: number };
}

/** The last line. An export without it was cut short. */
export interface ManifestLine {
  manifest: Manifest;
}

export interface Manifest {
  /** C2SP signed note over this very tree; null when none could be signed. */
  checkpoint: string | null;
  /** Always true: an export that is not complete has no manifest. */
  complete: true;
  /** Events in it. */
  count: number;
  /** Beginning of the log's signed history; 1 unless an older backup was restored. */
  epoch: number;
  /** What was asked for. */
  filters: Record<string, unknown>;
  /** `EXPORT_FORMAT`. */
  format: string;
  /** Index of the first and of the last event in it; null when there is none. */
  from_index: number | null;
  to_index: number | null;
  /** The workspace's handle, or `instance`. */
  log: string;
  /** Which log, as its checkpoints name it. */
  origin: string;
  root: string;
  /** How many events the log had when the export began. */
  tree_size: number;
}

export const EXPORT_FORMAT = 'tooken-audit-export/1';
