import { hash } from 'node:crypto';
import type { AuditEventDto } from '../audit-events.dto.js';
import { canonicalJson } from '../proofs/canonical.js';
import { renderEvent, type LeafBody, type StoredEvent } from '../reading/render-event.js';
import type { PersonalData } from '../recording/seal.js';

/** An event with its place in the log, and what the log's tree has in that place. */
export interface PlacedEvent extends StoredEvent {
  index: string;
  leafHash: Buffer;
}

/** An event as a line of an export: as the API shows it, and what it takes to prove it. */
interface ExportedEvent extends AuditEventDto {
  index: number;
  /** As the tree has it, base64; whoever checks computes it again from the rest. */
  leaf_hash: string;
  personal: {
    /** SHA-256 of the personal data's RFC 8785 text, base64; part of the leaf. */
    commitment: string;
    /** Part of the personal data; null once that is erased. */
    salt: string | null;
  };
}

/** What a line comes to, when it is taken at its word. */
export interface LineReading {
  id: string;
  index: number;
  /** The bytes that its place in the tree must be the hash of. */
  leaf: string;
  /** What the line says that its place in the tree is; base64. */
  leafHash: string;
  /** Whether what is personal is what was recorded; null when it was erased. */
  personalOk: boolean | null;
}

/** The line of an event, in RFC 8785's form, without its line feed. Pure. */
export function exportLine({ leafHash, ...stored }: PlacedEvent): string {
  const { personal: commitment } = JSON.parse(stored.body) as LeafBody;
  const personal = stored.personal === null ? null : (JSON.parse(stored.personal) as PersonalData);
  const { actor, target, request, details, ...event } = renderEvent(stored);
  return writeOrdered(
    ordered({
      ...event,
      actor: ordered(actor),
      target: target && ordered(target),
      request: request && ordered(request),
      details: details && ordered(details),
      leaf_hash: leafHash.toString('base64'),
      personal: { commitment, salt: personal?.salt ?? null },
    }),
  );
}

/**
 * Takes the line apart again into the leaf and what is personal. Pure.
 *
 * @throws for what no export writes, in these very bytes; an altered event is told by its leaf, or by `personalOk`.
 */
export function leafOfLine(line: string): LineReading {
  const { index, leaf_hash, personal, actor, target, request, details, ...event } = JSON.parse(
    line,
  ) as ExportedEvent;
  const leaf = {
    ...event,
    actor: ordered(without(actor, 'name')),
    target: target && ordered(without(target, 'name')),
    request: request && ordered(without(request, 'ip', 'user_agent')),
    details: details && ordered(without(details, 'client_ip', 'user_agent')),
    personal: personal.commitment,
  };
  const text = personalText({
    actor_name: actor.name ?? undefined,
    client_ip: details?.client_ip,
    client_user_agent: details?.user_agent,
    ip: request?.ip ?? undefined,
    salt: personal.salt ?? undefined,
    target_name: target?.name ?? undefined,
    user_agent: request?.user_agent ?? undefined,
  });
  const body = writeOrdered(ordered(leaf));
  const placed = {
    index: String(index),
    body,
    personal: text,
    leafHash: Buffer.from(leaf_hash, 'base64'),
  };
  // The one test for all that is not read here: other members, twice the same, none where there is null, white space.
  if (exportLine(placed) !== line) throw new SyntaxError('no export writes this line');
  return {
    id: event.id,
    index,
    leaf: body,
    leafHash: leaf_hash,
    personalOk: text === null ? null : hash('sha256', text, 'base64') === personal.commitment,
  };
}

/** Erasing takes all that is personal, salt and all: null. */
function personalText(data: Record<keyof PersonalData, unknown>): string | null {
  return Object.values(data).every((value) => value === undefined) ? null : writeOrdered(data);
}

/**
 * RFC 8785 text of a value whose members are in its order already. `JSON.stringify` keeps that order and is five times
 * as fast, but puts names first that look like the index of an array.
 */
export function writeOrdered(value: unknown): string {
  const text = JSON.stringify(value);
  return /"\d+":/.test(text) ? canonicalJson(value) : text;
}

/** The same object with its members in RFC 8785's order; theirs are left as they are. */
function ordered(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function without(object: object, ...names: string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
