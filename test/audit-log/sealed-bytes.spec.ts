import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import type { AuditRow } from '../../src/audit-log/audit-row.js';
import { renderEvent } from '../../src/audit-log/reading/render-event.js';
import { seal } from '../../src/audit-log/recording/seal.js';
import { makeSecret } from '../../src/platform/secrets/secret.js';

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const text = anyText.map((each) => each.toWellFormed().replaceAll('\u0000', '\ufffd'));
const optional = fc.option(text, { nil: null });
const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }).map(wellFormed);

const rows: fc.Arbitrary<AuditRow> = fc.record({
  workspace_id: fc.constant('ws_1'),
  id: fc.constant('evt_01k2qj6m4xf3v9n0e7w8r5t2ya'),
  environment: fc.constantFrom('live', 'test', null),
  occurred_at: fc.constant('2026-11-21T12:00:00.123Z'),
  action: fc.constant('token.verify'),
  outcome: fc.constant('failure'),
  reason: optional,
  count: fc.integer({ min: 1 }),
  actor_type: fc.constant('api_key'),
  actor_id: optional,
  actor_name: optional,
  actor_hint: optional,
  target_type: fc.constantFrom('token', null),
  target_id: optional,
  target_name: optional,
  request_id: optional,
  method: optional,
  route: optional,
  status: fc.integer({ min: 100, max: 599 }),
  ip: fc.option(fc.ipV4(), { nil: null }),
  user_agent: optional,
  changes: fc.option(fc.array(fc.record({ field: text, from: json, to: json })), { nil: null }),
  details: fc.option(json, { nil: null }),
});

describe('the bytes of an event', () => {
  it('are those of RFC 8785, whatever it says', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const { body, personal } = seal(row).row;
        expect(body).toBe(canonicalize(JSON.parse(body)));
        expect(personal).toBe(canonicalize(JSON.parse(personal)));
      }),
    );
  });

  it('bind what is personal without holding it', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const told = { ...row, actor_name: 'Maria Muster', ip: '203.0.113.77', user_agent: 'Marias Telefon' };
        const details = { client_ip: '198.51.100.9', user_agent: 'Noch ein Telefon', operation: 'read' };
        const { body, personal } = seal({ ...told, details }).row;
        for (const secret of [
          told.actor_name,
          told.ip,
          told.user_agent,
          '198.51.100.9',
          'Noch ein Telefon',
        ]) {
          expect(personal).toContain(secret);
          expect(body).not.toContain(secret);
        }
        const commitment = createHash('sha256').update(personal).digest('base64');
        expect(JSON.parse(body)).toMatchObject({ personal: commitment, details: { operation: 'read' } });
      }),
    );
  });

  it('never bind the same personal data the same way twice', () => {
    const [row] = fc.sample(rows, 1);
    const commitments = Array.from({ length: 100 }, () => seal(row!).row.body);
    expect(new Set(commitments).size).toBe(100);
  });

  it('hold all that the event said, and show it again', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const { body, personal } = seal(row).row;
        const event = renderEvent({ index: '7', body, personal });
        expect(event).toMatchObject({ index: 7, id: row.id, reason: row.reason, count: row.count });
        expect(event.actor).toEqual({
          type: 'api_key',
          id: row.actor_id,
          name: row.actor_name,
          hint: row.actor_hint,
        });
        expect(event.changes).toEqual(row.changes);
        expect(event.details).toEqual(row.details);
        if (row.request_id !== null) {
          expect(event.request).toMatchObject({ ip: row.ip, user_agent: row.user_agent, route: row.route });
        }
      }),
    );
  });

  it('show of an erased event everything but what was personal', () => {
    const [row] = fc.sample(rows, { numRuns: 1, seed: 1 });
    const told = { ...row!, actor_id: 'key_1', actor_name: 'Maria', request_id: 'req_1', ip: '203.0.113.77' };
    const event = renderEvent({ index: null, body: seal(told).row.body, personal: null });
    expect(event).toMatchObject({ actor: { id: 'key_1', name: null }, request: { id: 'req_1', ip: null } });
  });

  it('hold no value of a secret, nor what PostgreSQL and RFC 8785 cannot write', () => {
    const [row] = fc.sample(rows, 1);
    const secret = makeSecret('token', 'live');
    const unfit = {
      ...row!,
      user_agent: `x ${secret}`,
      details: { [secret]: `a\u0000b\ud800c`, n: [secret] },
    };
    const { body, personal } = seal(unfit).row;
    expect(body + personal).not.toContain(secret);
    expect(JSON.parse(body)).toMatchObject({
      details: { 'tkn_live_…': 'a\ufffdb\ufffdc', n: ['tkn_live_…'] },
    });
    expect(body).toBe(canonicalize(JSON.parse(body)));
  });
});

function wellFormed<T>(value: T): T {
  const fit = (_key: string, each: unknown): unknown =>
    typeof each === 'string' ? each.toWellFormed().replaceAll('\u0000', '\ufffd') : each;
  return JSON.parse(JSON.stringify(value), fit) as T;
}
