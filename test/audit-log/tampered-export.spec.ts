import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkExport, type ExportCheck } from '../../src/audit-log/streams/check-export.js';
import { linesOf } from '../../src/audit-log/streams/lines-of.js';
import type { Caller } from '../support/caller.js';
import { World } from '../support/world.js';
import { DISARM, TAMPERINGS } from './tampering.js';

const AT = 7;

/** After these the log has no hash of a leaf any more that every export of it needs. */
const BEYOND_EXPORT = [
  'the event deleted with its place',
  'an event in the place of another',
  'the beginning cut off',
  'everything cut off',
];

/** Whoever kept a checkpoint and the key finds out from an export alone what the database's superuser did. */
describe('an export of a log that was tampered with', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.database.query(DISARM);
  });
  afterAll(() => world.close());

  /** A log of its own, and what an auditor has of it. */
  const auditedLog = async (
    name: string,
    events: number,
  ): Promise<{ id: string; eventId: string; caller: Caller; note: string; vkey: string }> => {
    const { id, key } = await world.workspace(name);
    const caller = world.as(key);
    await Promise.all(Array.from({ length: events }, () => caller.get('/v1/me')));
    const [newest] = await world.events('limit=1', caller);
    await caller.get(`/v1/audit-events/${newest!.id}/proof`);
    const plain = caller.with({ accept: 'text/plain' });
    const { text: note } = await plain.get('/v1/audit-log/checkpoint');
    const { text: vkey } = await plain.get('/v1/audit-log/public-key');
    const [place] = await world.database.query<{ event_id: string }>(
      'select event_id from audit_entries where workspace_id = $1 and index = $2',
      [id, AT],
    );
    return { id, caller, note, vkey: vkey.trim(), eventId: place!.event_id };
  };

  /** Null of what cannot be exported at all, or not to its end: it gives itself away. */
  const verify = async (caller: Caller, note: string, vkey: string): Promise<ExportCheck | null> => {
    const answer = await caller.get('/v1/audit-events/export?format=ndjson').catch(() => null);
    if (answer?.status !== 200) return null;
    return checkExport(linesOf(chunk(answer.text)), { note, vkey });
  };

  it('is accepted when nothing was done', async () => {
    const { caller, note, vkey } = await auditedLog('untouched', 20);
    const check = await verify(caller, note, vkey);
    expect(check).toMatchObject({ ok: true, fault: null, checkpoint: { isSigned: true } });
    expect(check!.events).toBeGreaterThan(20);
  });

  it.each(TAMPERINGS.filter(({ showsInExport }) => showsInExport))(
    'is refused after $way',
    async ({ way, sql, isOfEvent }) => {
      const { id, eventId, caller, note, vkey } = await auditedLog(way, 20);
      const tampering = sql.replaceAll('$ws', `'${id}'`).replaceAll('$id', `'${eventId}'`);
      for (const statement of tampering.replaceAll('$at', String(AT)).split(';'))
        await world.database.query(statement);
      const check = await verify(caller, note, vkey);
      expect(check === null).toBe(BEYOND_EXPORT.includes(way));
      if (check === null) return;
      expect(check.ok).toBe(false);
      // Where everything was made to fit, only the checkpoint tells, and it does not tell where.
      if (isOfEvent && check.fault!.index !== null) expect(check.fault!.index).toBe(AT);
      else expect(check.fault!.message).toMatch(/checkpoint/);
    },
  );
});

async function* chunk(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
}
