import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Principal } from '../../credentials/principal.js';
import { Database } from '../../platform/database/database.js';
import { unavailable } from '../../platform/database/unavailable.js';
import { Problem } from '../../platform/errors/problem.js';
import { isHandle } from '../../platform/ids.js';
import type { AuditDraft } from '../audit-draft.js';
import type { LogQuery } from '../list-audit-events.dto.js';
import { leafHash } from '../proofs/merkle.js';
import { environmentsOf, logOf } from '../reading/visible.js';
import { BESIDE_EVENT, STORED_EVENT, type StoredEvent } from '../reading/render-event.js';
import { WorkspaceLog } from '../reading/workspace-log.js';
import { TreeStore } from '../sequencing/tree-store.js';
import { CheckpointsService } from './checkpoints.service.js';
import { LogSigner } from './log-signer.js';
import { originOf } from './origin.js';
import type {
  CheckpointDto,
  ConsistencyProofDto,
  ConsistencyQuery,
  InclusionProofDto,
  PublicKeyDto,
} from './proofs.dto.js';

/** An event has its place within a second (contract §6); whoever asks for its proof at once waits for it. */
const SEQUENCED_WITHIN_MS = 2_000;
const LOOK_AGAIN_MS = 50;

/** Answers an auditor: what the log was, that it still begins so, and that an event is in it. */
@Injectable()
export class ProofsService {
  constructor(
    private readonly database: Database,
    private readonly log: WorkspaceLog,
    private readonly trees: TreeStore,
    private readonly checkpoints: CheckpointsService,
    private readonly signer: LogSigner,
  ) {}

  async checkpoint(caller: Principal, query: LogQuery): Promise<CheckpointDto> {
    const { origin, epoch, size, root, note, signedAt } = await this.checkpoints.covering(
      logOf(caller, query),
      0,
    );
    return {
      origin,
      epoch,
      size,
      root_hash: root.toString('base64'),
      signed_at: signedAt.toISOString(),
      checkpoint: note,
    };
  }

  async publicKey(caller: Principal, query: LogQuery): Promise<PublicKeyDto> {
    const workspaceId = logOf(caller, query);
    const origin = originOf({ workspaceId, epoch: await this.checkpoints.epochOf(workspaceId) });
    return {
      algorithm: 'Ed25519',
      origin,
      verifier_key: this.signer.verifierKey(origin),
      public_key: this.signer.publicKey.toString('base64'),
    };
  }

  async consistency(caller: Principal, query: ConsistencyQuery): Promise<ConsistencyProofDto> {
    const workspaceId = logOf(caller, query);
    const size = await this.trees.size(workspaceId);
    const to = query.to ?? (await this.checkpoints.covering(workspaceId, query.from)).size;
    const faults = [];
    if (to > size)
      faults.push({ field: 'to', message: `must be at most ${String(size)}, the size of the log` });
    if (query.from > to)
      faults.push({ field: 'from', message: `must be at most ${String(to)}, the later size` });
    if (faults.length > 0) throw Problem.invalid(faults);
    const reader = this.trees.reader(workspaceId);
    return {
      from: query.from,
      to,
      from_root_hash: (await reader.root(query.from)).toString('base64'),
      to_root_hash: (await reader.root(to)).toString('base64'),
      consistency_path: (await reader.consistency(query.from, to)).map((hash) => hash.toString('base64')),
    };
  }

  async inclusion(
    caller: Principal,
    id: string,
    query: LogQuery,
    event: AuditDraft,
  ): Promise<InclusionProofDto> {
    if (!isHandle('evt', id)) throw Problem.notFound();
    event.target = { type: 'audit_event', id, name: null };
    const workspaceId = logOf(caller, query);
    const { index, body, personal } = await this.sequenced(workspaceId, id, environmentsOf(caller, query));
    const checkpoint = await this.checkpoints.covering(workspaceId, index + 1);
    const path = await this.trees.reader(workspaceId).inclusion(index, checkpoint.size);
    return {
      event_id: id,
      index,
      leaf: body,
      leaf_hash: leafHash(body).toString('base64'),
      personal,
      tree_size: checkpoint.size,
      root_hash: checkpoint.root.toString('base64'),
      inclusion_path: path.map((hash) => hash.toString('base64')),
      checkpoint: checkpoint.note,
    };
  }

  private async sequenced(
    workspaceId: string,
    id: string,
    environments: readonly string[],
  ): Promise<{ index: number; body: string; personal: string | null }> {
    const giveUp = performance.now() + SEQUENCED_WITHIN_MS;
    for (;;) {
      const [row] = await this.log.of(workspaceId, () =>
        this.database.query<StoredEvent>(
          `select ${STORED_EVENT} from audit_events e ${BESIDE_EVENT}
            where e.workspace_id = $1 and e.id = $2 and e.environment = any($3)`,
          [workspaceId, id, environments],
        ),
      );
      if (row === undefined) throw Problem.notFound();
      if (row.index !== null) return { ...row, index: Number(row.index) };
      if (performance.now() > giveUp) throw unavailable();
      await pause(LOOK_AGAIN_MS);
    }
  }
}
