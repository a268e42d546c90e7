/** Ways in which somebody who is superuser of the database may change the log, and what gives each away. */
export interface Tampering {
  way: string;
  /** One or more statements; `$at` is the index of the event that is tampered with. */
  sql: string;
  /** Whether the fault is of that very event (or of the first one moved), rather than of the tree or a note. */
  isOfEvent: boolean;
  /** Whether it also shows to somebody who only has an export and an earlier checkpoint. */
  showsInExport: boolean;
}

/** What a superuser must do first: the triggers refuse even such a one. */
export const DISARM = `
  do $$ declare each record; begin
    for each in select tgrelid::regclass as name, tgname from pg_trigger where not tgisinternal and tgparentid = 0 loop
      execute format('alter table %s disable trigger %I', each.name, each.tgname);
    end loop;
  end $$`;

const here = (alias: string): string =>
  `${alias}.workspace_id = $ws and ${alias}.${alias === 'n' ? 'index = $at' : `${alias === 'e' ? 'id' : 'event_id'} = $id`}`;

const body = (change: string): string => `update audit_events e set body = ${change} where ${here('e')}`;
const column = (set: string): string => `update audit_events e set ${set} where ${here('e')}`;

const ofEvent = (way: string, sql: string, showsInExport = true): Tampering => ({
  way,
  sql,
  isOfEvent: true,
  showsInExport,
});
const ofTree = (way: string, sql: string, showsInExport = true): Tampering => ({
  way,
  sql,
  isOfEvent: false,
  showsInExport,
});

export const TAMPERINGS: Tampering[] = [
  ofEvent('another outcome in the event', body(`replace(e.body, '"success"', '"denied"')`)),
  ofEvent('another actor in the event', body(`regexp_replace(e.body, 'key_[a-z0-9]{26}', 'key_01k2qj6m4xf3v9n0e7w8r5t2ya')`)),
  ofEvent('another time in the event', body(`regexp_replace(e.body, '"occurred_at":"\\d{4}', '"occurred_at":"1999')`)),
  ofEvent('another route in the event', body(`replace(e.body, '/v1/me', '/v1/tokens')`)),
  ofEvent('another count in the event', body(`replace(e.body, '"count":1', '"count":2')`)),
  ofEvent('something added to the event', body(`replace(e.body, '"count":1', '"count":1,"b":0')`)),
  ofEvent('white space in the event', body(`e.body || ' '`)),
  ofEvent('the event replaced by another one', body(`(select o.body from audit_events o where o.workspace_id = $ws and o.id <> $id limit 1)`)),
  ofEvent('the event emptied', body(`'{}'`)),
  ofEvent('a column: action', column(`action = 'token.verify'`), false),
  ofEvent('a column: outcome', column(`outcome = 'denied', reason = 'forged'`), false),
  ofEvent('a column: actor', column(`actor_id = 'key_01k2qj6m4xf3v9n0e7w8r5t2ya'`), false),
  ofEvent('a column: time', column(`occurred_at = occurred_at + interval '1 hour'`), false),
  ofEvent('a column: request', column(`request_id = 'other'`), false),
  ofEvent('a column: status', column('status = 500'), false),
  ofEvent('a column: environment', column(`environment = 'none'`), false),
  ofEvent('another address beside the event', `update audit_personal p set data = replace(data, '127.0.0.1', '127.0.0.2'), ip = '127.0.0.2' where ${here('p')}`),
  ofEvent('another name beside the event', `update audit_personal p set data = replace(data, 'First key', 'Somebody') where ${here('p')}`),
  ofEvent('another salt beside the event', `update audit_personal p set data = regexp_replace(data, '"salt":"....', '"salt":"AAAA') where ${here('p')}`),
  ofEvent('the searched address', `update audit_personal p set ip = '127.0.0.9' where ${here('p')}`, false),
  ofEvent('the event deleted', `delete from audit_events e where ${here('e')}`),
  ofEvent('the event deleted with its place', `delete from audit_events e where ${here('e')}; delete from audit_entries n where ${here('n')}`),
  ofEvent('the event deleted and the others moved up', `delete from audit_events e where ${here('e')}; delete from audit_entries n where ${here('n')};
    update audit_entries set index = index - 1 where workspace_id = $ws and index > $at; update audit_trees set size = size - 1 where workspace_id = $ws`),
  ofEvent('two events in each other’s place', `update audit_entries set index = 2 * $at + 1 - index where workspace_id = $ws and index in ($at, $at + 1)`),
  ofEvent('an event in the place of another', `delete from audit_entries n where ${here('n')}; update audit_entries set index = $at where workspace_id = $ws and index = 0`),
  ofEvent('another hash in its place', `update audit_entries n set leaf_hash = sha256('forged') where ${here('n')}`),
  ofEvent('the event changed, and its hash with it', `${body(`replace(e.body, '"success"', '"denied"')`)};
    update audit_entries n set leaf_hash = (select sha256(decode('00', 'hex') || convert_to(e.body, 'utf8')) from audit_events e where ${here('e')}) where ${here('n')}`),
  ofEvent('an event put in that nobody recorded', `insert into audit_events select e.workspace_id, 'evt_01k2qj6m4xf3v9n0e7w8r5t2ya', e.environment, e.occurred_at, e.action, e.outcome, e.reason,
    e.count, e.actor_type, e.actor_id, e.target_type, e.target_id, e.request_id, e.status, e.body from audit_events e where ${here('e')}`, false),
  ofTree('the beginning cut off', `delete from audit_events e using audit_entries n where n.workspace_id = $ws and n.index < $at and e.workspace_id = $ws and e.id = n.event_id;
    delete from audit_entries where workspace_id = $ws and index < $at`),
  ofTree('the end cut off', `delete from audit_entries where workspace_id = $ws and index >= $at; update audit_trees set size = $at where workspace_id = $ws`),
  ofTree('everything cut off', `delete from audit_events where workspace_id = $ws; delete from audit_entries where workspace_id = $ws; delete from audit_personal where workspace_id = $ws`),
  ofTree('a tile of the tree changed', `update audit_tiles set hashes = overlay(hashes placing sha256('forged') from 33) where workspace_id = $ws and number = 0`, false),
  ofTree('the root of a tile changed', `update audit_tiles set root = sha256('forged') where workspace_id = $ws and number = 0`, false),
  ofTree('a tile removed', `delete from audit_tiles where workspace_id = $ws and number = 0`, false),
  ofTree('the frontier changed', `update audit_trees set frontier = overlay(frontier placing sha256('forged') from 1) where workspace_id = $ws`, false),
  ofTree('a checkpoint of another root', `update audit_checkpoints set root = sha256('forged') where workspace_id = $ws`, false),
  ofTree('a checkpoint with another signature', `update audit_checkpoints set note = overlay(note placing 'AAAA' from length(note) - 20) where workspace_id = $ws`, false),
]; // prettier-ignore
