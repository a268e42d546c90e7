import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Int, Optional } from '../../platform/input/fields.js';
import { LogQuery } from '../list-audit-events.dto.js';

const HASH = 'q2hnaXyE2YQnqG8Dxhqmc/YWxCJNRmbMDBvOj3mUJyY=';
const NOTE =
  'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya\n1042\nq2hnaXyE2YQnqG8Dxhqmc/YWxCJNRmbMDBvOj3mUJyY=\n\n— tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya 9Hbh…\n';

@ApiSchema({
  description: 'What a log was at a moment, signed: as many events, in this order, and no others.',
})
export class CheckpointDto {
  /** Which log, and the name its key signs under. */
  @ApiProperty({ example: 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  origin!: string;

  /** Which beginning of the signed history; more than 1 after an older backup was restored. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  epoch!: number;

  /** How many events: those with `index` 0 to `size` − 1. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 1042 })
  size!: number;

  /** Root of the Merkle tree over them (RFC 6962 §2.1), base64. */
  @ApiProperty({ example: HASH })
  root_hash!: string;

  /** When it was signed. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T12:00:05.000Z' })
  signed_at!: string;

  /** The C2SP signed note: keep it somewhere else, and the log cannot be changed unnoticed any more. */
  @ApiProperty({ example: NOTE })
  checkpoint!: string;
}

@ApiSchema({ description: 'What the checkpoints of a log are verified with.' })
export class PublicKeyDto {
  /** RFC 8032. */
  @ApiProperty({ enum: ['Ed25519'], example: 'Ed25519' })
  algorithm!: 'Ed25519';

  /** Which log, and the name its key signs under. */
  @ApiProperty({ example: 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  origin!: string;

  /** C2SP verifier key: name, id and key. */
  @ApiProperty({
    example: 'tooken/ws_01k2qj6m4xf3v9n0e7w8r5t2ya+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  })
  verifier_key!: string;

  /** The 32 bytes of the key, base64. */
  @ApiProperty({ example: 'GlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNY=' })
  public_key!: string;
}

@ApiSchema({ description: 'That a checkpoint covers an event (RFC 6962 §2.1.1).' })
export class InclusionProofDto {
  /** The event. */
  @ApiProperty({ example: 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya' })
  event_id!: string;

  /** Its place in the log, from 0. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 1041 })
  index!: number;

  /** The very bytes the proof is about: the event without what is personal, as RFC 8785 writes it. */
  @ApiProperty({ example: '{"action":"token.issue",…}' })
  leaf!: string;

  /** SHA-256 of 0x00 and the leaf, base64. */
  @ApiProperty({ example: HASH })
  leaf_hash!: string;

  /** What is personal, with its salt, as RFC 8785 writes it: its SHA-256 is the leaf's `personal`. Null once erased. */
  @ApiProperty({ type: String, nullable: true, example: '{"actor_name":"CI","ip":"203.0.113.7","salt":"…"}' })
  personal!: string | null;

  /** How many events the checkpoint covers. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1042 })
  tree_size!: number;

  /** Root of the tree, base64. */
  @ApiProperty({ example: HASH })
  root_hash!: string;

  /** The hashes beside the way from the leaf to the root, the leaf's neighbour first; base64. */
  @ApiProperty({ type: [String], example: [HASH] })
  inclusion_path!: string[];

  /** The C2SP signed note of this size and root. */
  @ApiProperty({ example: NOTE })
  checkpoint!: string;
}

@ApiSchema({ description: 'That a log begins with what it was before (RFC 6962 §2.1.2).' })
export class ConsistencyProofDto {
  /** The earlier size. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1000 })
  from!: number;

  /** The later size. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1042 })
  to!: number;

  /** Root of the earlier tree, base64. */
  @ApiProperty({ example: HASH })
  from_root_hash!: string;

  /** Root of the later tree, base64. */
  @ApiProperty({ example: HASH })
  to_root_hash!: string;

  /** Base64. */
  @ApiProperty({ type: [String], example: [HASH] })
  consistency_path!: string[];
}

/** Query of `GET /v1/audit-log/consistency`. */
export class ConsistencyQuery extends LogQuery {
  /** The earlier size, as an earlier checkpoint has it; at most the later one. */
  @Int({ min: 1, max: Number.MAX_SAFE_INTEGER, default: 1 })
  from!: number;

  /** The later size, at most that of the log; that of the newest checkpoint unless told. */
  @Optional()
  @Int({ min: 1, max: Number.MAX_SAFE_INTEGER, example: 1 })
  to?: number;
}
