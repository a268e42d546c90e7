import fc from 'fast-check';
import type { AuditRow } from '../../src/audit-log/audit-row.js';
import { leafHash } from '../../src/audit-log/proofs/merkle.js';
import { seal } from '../../src/audit-log/recording/seal.js';
import type { PlacedEvent } from '../../src/audit-log/streams/exported-line.js';

/** Any text that an event can hold: with quotes, line breaks, signs of every script and the beginnings of formulas. */
export const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('', '=1+1', "'", "'=", '"', ',', '\r\n', '__proto__', '10', '9', 'null', '\u2028'),
  )
  .map((text) => text.toWellFormed().replaceAll('\u0000', '\ufffd'));

const optional = fc.option(anyText, { nil: null });
const json = fc.dictionary(
  anyText,
  fc.oneof(
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
    fc.array(anyText, { maxLength: 2 }),
  ),
  { maxKeys: 4 },
);

const details = fc
  .record({ more: json, client_ip: anyText, user_agent: anyText }, { requiredKeys: ['more'] })
  .map(({ more, ...personal }) => ({ ...more, ...personal }));

const request = fc.record({
  request_id: anyText,
  method: optional,
  route: optional,
  status: fc.integer({ min: 100, max: 599 }),
  ip: fc.option(fc.ipV4(), { nil: null }),
  user_agent: optional,
});
const NO_REQUEST = { request_id: null, method: null, route: null, status: null, ip: null, user_agent: null };

const target = fc.record({
  target_type: fc.constantFrom('token' as const, 'scope' as const),
  target_id: optional,
  target_name: optional,
});
const NO_TARGET = { target_type: null, target_id: null, target_name: null };

/** What an event says, as the recorder is given it. */
export const rows: fc.Arbitrary<AuditRow> = fc
  .record({
    fixed: fc.record({
      workspace_id: fc.constant('ws_01k2qj6m4xf3v9n0e7w8r5t2ya'),
      id: fc.constant('evt_01k2qj6m4xf3v9n0e7w8r5t2ya'),
      environment: fc.constantFrom('live' as const, 'test' as const, null),
      occurred_at: fc.constant('2026-11-21T12:00:00.123Z'),
      action: fc.constant('token.verify' as const),
      outcome: fc.constant('failure' as const),
      reason: optional,
      count: fc.integer({ min: 1 }),
      actor_type: fc.constant('api_key' as const),
      actor_id: optional,
      actor_name: optional,
      actor_hint: optional,
      changes: fc.option(fc.array(fc.record({ field: anyText, from: json, to: json }), { maxLength: 2 }), {
        nil: null,
      }),
      details: fc.option(details, { nil: null }),
    }),
    target: fc.option(target, { nil: NO_TARGET }),
    request: fc.option(request, { nil: NO_REQUEST }),
  })
  .map((parts) => ({ ...parts.fixed, ...parts.target, ...parts.request }));

/** An event as the log keeps it, in some place; some are erased. */
export const placed: fc.Arbitrary<PlacedEvent> = fc
  .tuple(rows, fc.maxSafeNat(), fc.boolean())
  .map(([row, index, isErased]) => {
    const { body, personal } = seal(row).row;
    return { index: String(index), body, personal: isErased ? null : personal, leafHash: leafHash(body) };
  });

/** The members of what is personal of an event. */
export function textsOf(personal: string | null): unknown[] {
  return personal === null ? [] : Object.values(JSON.parse(personal) as object);
}
