import type { AuditEvent, InclusionProof, PublicKey } from '../api/types.ts';
import { canonicalJson } from './canonical.ts';
import { leafHash, rootOf, sha256, type Bytes } from './merkle.ts';
import { fromBase64, openCheckpoint, same, toBase64, type Checkpoint } from './note.ts';

/** One thing that must hold; the first that does not ends the check. */
export interface Step {
  title: string;
  ok: boolean;
  detail: string;
}

export interface Verdict {
  ok: boolean;
  steps: Step[];
  /** What the log signed, once its signature was found good. */
  checkpoint: Checkpoint | null;
}

/** Checks, in this browser, that this very event is in the log that the checkpoint was signed for. */
export async function verifyInclusion(
  event: AuditEvent,
  proof: InclusionProof,
  key: PublicKey,
): Promise<Verdict> {
  const steps: Step[] = [];
  let checkpoint: Checkpoint | null = null;
  const step = async (title: string, check: () => string | Promise<string>): Promise<boolean> => {
    try {
      steps.push({ title, ok: true, detail: await check() });
      return true;
    } catch (error) {
      steps.push({ title, ok: false, detail: error instanceof Error ? error.message : 'It cannot be read' });
      return false;
    }
  };
  const leaf = await leafHash(proof.leaf);
  const ok =
    (await step('The event is the one that was recorded', () => sameEvent(event, proof))) &&
    (await step('Its hash is the leaf of the tree', () => sameLeaf(leaf, proof))) &&
    (await step('The path from the leaf leads to the root', () => leadsToRoot(leaf, proof))) &&
    (await step('The root is signed by the log’s key', async () => {
      checkpoint = await openCheckpoint(proof.checkpoint, key.verifier_key);
      if (checkpoint.size !== proof.tree_size || toBase64(checkpoint.root) !== proof.root_hash) {
        throw new Error('The signed checkpoint is of another tree');
      }
      return `Ed25519, ${checkpoint.origin}, ${String(checkpoint.size)} events`;
    }));
  return { ok, steps, checkpoint };
}

async function sameEvent(event: AuditEvent, proof: InclusionProof): Promise<string> {
  const leaf = JSON.parse(proof.leaf) as Leaf;
  if (proof.personal !== null) {
    const commitment = toBase64(await sha256(new TextEncoder().encode(proof.personal)));
    if (commitment !== leaf.personal) throw new Error('What is personal is not what was committed to');
  }
  const recorded = eventOf(leaf, proof);
  if (canonicalJson(recorded) !== canonicalJson(event)) {
    throw new Error('What is shown differs from what was recorded');
  }
  return proof.personal === null
    ? 'Equal byte for byte; what was personal has been erased'
    : 'Equal byte for byte, personal data included';
}

function sameLeaf(leaf: Bytes, proof: InclusionProof): string {
  if (toBase64(leaf) !== proof.leaf_hash) throw new Error('The hash of the event is another one');
  return `SHA-256 ${proof.leaf_hash}`;
}

async function leadsToRoot(leaf: Bytes, proof: InclusionProof): Promise<string> {
  const path = proof.inclusion_path.map(fromBase64);
  if (!path.every((hash): hash is Bytes => hash?.length === 32)) throw new Error('The path cannot be read');
  const root = await rootOf(leaf, proof.index, proof.tree_size, path);
  const wanted = fromBase64(proof.root_hash);
  if (root === null || wanted === null || !same(root, wanted)) throw new Error('It leads to another root');
  return `${String(path.length)} hashes, as event ${String(proof.index)} of ${String(proof.tree_size)}`;
}

interface Leaf {
  personal: string;
  actor: { type: string; id: string | null; hint: string | null };
  target: { type: string; id: string | null } | null;
  request: { id: string; method: string; route: string; status: number } | null;
  details: Record<string, unknown> | null;
}

/** The event as the API shows it, from what was proven. */
function eventOf({ personal: _commitment, ...leaf }: Leaf, proof: InclusionProof): object {
  const personal = JSON.parse(proof.personal ?? '{}') as Record<string, string | undefined>;
  const details = leaf.details && {
    ...leaf.details,
    ...(personal.client_ip !== undefined && { client_ip: personal.client_ip }),
    ...(personal.client_user_agent !== undefined && { user_agent: personal.client_user_agent }),
  };
  return {
    ...leaf,
    index: proof.index,
    actor: { ...leaf.actor, name: personal.actor_name ?? null },
    target: leaf.target && { ...leaf.target, name: personal.target_name ?? null },
    request: leaf.request && {
      ...leaf.request,
      ip: personal.ip ?? null,
      user_agent: personal.user_agent ?? null,
    },
    details,
  };
}
