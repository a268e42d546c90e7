import { readConsistency } from '../api/audit.ts';
import { consistentRoots } from './merkle.ts';
import { fromBase64, same, toBase64, type Checkpoint } from './note.ts';
import type { Step } from './verify.ts';

/** What this browser has once found signed: a memory outside of the server’s reach. */
interface Remembered {
  verifierKey: string;
  size: number;
  root: string;
  seenAt: string;
}

/**
 * Compares a checkpoint with the one that this browser remembers of the same log, by a consistency proof, and
 * remembers the later one. A log that was rewritten in between cannot pass.
 */
export async function witness(checkpoint: Checkpoint, verifierKey: string): Promise<Step> {
  const title = 'The log still begins with what this browser saw before';
  const known = recall(checkpoint.origin);
  if (known === null) {
    remember(checkpoint, verifierKey);
    return { title, ok: true, detail: 'First visit: this checkpoint is now remembered here' };
  }
  const seen = `${String(known.size)} events, ${new Date(known.seenAt).toLocaleDateString()}`;
  if (known.verifierKey !== verifierKey) {
    return { title, ok: false, detail: `The log’s key is another one than on ${seen}` };
  }
  try {
    if (!(await follows(known, checkpoint))) {
      return { title, ok: false, detail: `It contradicts the checkpoint seen here before (${seen})` };
    }
  } catch {
    return { title, ok: false, detail: 'The consistency proof could not be read; try again' };
  }
  remember(checkpoint, verifierKey);
  return { title, ok: true, detail: `Consistent with the checkpoint seen here before (${seen})` };
}

async function follows(known: Remembered, checkpoint: Checkpoint): Promise<boolean> {
  const knownRoot = fromBase64(known.root);
  if (knownRoot === null) return false;
  const isOlder = known.size <= checkpoint.size;
  const [from, to] = isOlder ? [known.size, checkpoint.size] : [checkpoint.size, known.size];
  const [older, newer] = isOlder ? [knownRoot, checkpoint.root] : [checkpoint.root, knownRoot];
  if (from === to) return same(older, newer);
  const proof = await readConsistency(from, to);
  const path = proof.consistency_path.map(fromBase64).filter((hash) => hash !== null);
  const roots = await consistentRoots(from, older, to, path);
  return roots !== null && same(roots.older, older) && same(roots.newer, newer);
}

function recall(origin: string): Remembered | null {
  try {
    return JSON.parse(localStorage.getItem(`tooken-checkpoint ${origin}`) ?? 'null') as Remembered | null;
  } catch {
    return null;
  }
}

function remember(checkpoint: Checkpoint, verifierKey: string): void {
  const { origin, size, root } = checkpoint;
  const known = recall(origin);
  if (known !== null && known.size >= size) return;
  const entry: Remembered = {
    verifierKey,
    size,
    root: toBase64(root),
    seenAt: new Date().toISOString(),
  };
  try {
    localStorage.setItem(`tooken-checkpoint ${origin}`, JSON.stringify(entry));
  } catch {
    // Storage may be forbidden; then there is nothing to compare with next time.
  }
}
