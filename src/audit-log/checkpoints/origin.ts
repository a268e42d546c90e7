/** One workspace's log, and which beginning of its signed history. */
export interface LogName {
  /** The workspace's handle, or `instance`. */
  workspaceId: string;
  /** From 1. */
  epoch: number;
}

/** The origin line of the log's checkpoints, which is the name of its key as well (C2SP tlog-checkpoint). */
export function originOf({ workspaceId, epoch }: LogName): string {
  return `tooken/${workspaceId}${epoch === 1 ? '' : `/epoch-${String(epoch)}`}`;
}

/** Reads what `originOf` writes; null for any other text. */
export function readOrigin(origin: string): LogName | null {
  const match = /^tooken\/([a-z0-9_]+)(?:\/epoch-([1-9]\d*))?$/.exec(origin);
  return match === null ? null : { workspaceId: match[1]!, epoch: Number(match[2] ?? 1) };
}
