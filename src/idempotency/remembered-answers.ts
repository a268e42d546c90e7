import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import { Problem } from '../platform/errors/problem.js';
import type { AnswerSeal } from './answer-seal.js';

/** How long a call may be repeated (contract §5). */
export const REMEMBERED_MS = 24 * 3_600_000;

interface Row {
  request_hash: Buffer;
  sealed: Buffer;
}

/** What calls with an idempotency key were answered. To be used in the transaction of the call itself. */
@Injectable()
export class RememberedAnswers {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Claims the key until the transaction ends; nobody waits for another.
   *
   * @throws Problem `conflict` while another call with the key is under way, on whichever instance.
   */
  async claim({ lock }: AnswerSeal): Promise<void> {
    const [row] = await this.database.query<{ held: boolean }>(
      'select pg_try_advisory_xact_lock($1::bigint) as held',
      [lock],
    );
    if (row?.held !== true) throw stillRunning();
  }

  /**
   * The answer to this very call, or null if the key was not used yet. Asked after `claim`, in a statement of its own:
   * only that sees what the call before has committed.
   *
   * @throws Problem `idempotency_mismatch` when the key was used for another call.
   */
  async find(seal: AnswerSeal, requestHash: Buffer): Promise<string | null> {
    const { holder, keyHash } = seal;
    const [row] = await this.database.query<Row>(
      `select request_hash, sealed from idempotent_answers
        where workspace_id = $1 and environment = $2 and caller_id = $3 and key_hash = $4 and expires_at > $5`,
      [holder.workspaceId, holder.environment, holder.callerId, keyHash, new Date(this.clock.now())],
    );
    if (row === undefined) return null;
    if (!row.request_hash.equals(requestHash)) {
      throw new Problem('idempotency_mismatch', 'The Idempotency-Key was used for another request');
    }
    return seal.open(row.sealed, requestHash);
  }

  /** Keeps the answer, in the place of one whose time is over. */
  async keep(seal: AnswerSeal, requestHash: Buffer, answer: string): Promise<void> {
    const { holder, keyHash } = seal;
    const now = this.clock.now();
    const kept = await this.database.query(
      `insert into idempotent_answers as kept
              (workspace_id, environment, caller_id, key_hash, request_hash, sealed, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (workspace_id, environment, caller_id, key_hash)
       do update set request_hash = excluded.request_hash, sealed = excluded.sealed, expires_at = excluded.expires_at
        where kept.expires_at <= $8
       returning expires_at`,
      [
        holder.workspaceId,
        holder.environment,
        holder.callerId,
        keyHash,
        requestHash,
        seal.seal(answer, requestHash),
        new Date(now + REMEMBERED_MS),
        new Date(now),
      ],
    );
    // Two clocks that disagree on whether the key's time is over: what is there already stands.
    if (kept.length === 0) throw stillRunning();
  }
}

function stillRunning(): Problem {
  return new Problem('conflict', 'A request with this Idempotency-Key is still under way');
}
