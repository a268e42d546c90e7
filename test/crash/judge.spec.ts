import { describe, expect, it } from '@jest/globals';
import { judge, type Asked, type Evidence, type ShownEvent, type Thing } from './judge.js';

type Draft = Partial<Omit<ShownEvent, 'action' | 'targetId'>>;

/** A world in order: a token that was renamed twice and revoked, a key that got a new value, a scope, and refusals. */
function inOrder(): Evidence {
  const events = [
    event('r1', 'token.issue', 'token_1', { targetName: 'r1', scopes: ['made:r1'] }),
    event('r2', 'token.update', 'token_1', { changes: [{ field: 'name', from: 'r1', to: 'r2' }] }),
    event('r3', 'token.update', 'token_1', { changes: [{ field: 'name', from: 'r2', to: 'r3' }] }),
    event('r4', 'token.revoke', 'token_1', { changes: [{ field: 'revoked_at', from: null, to: 'now' }] }),
    event('r5', 'token.revoke', 'token_1'),
    event('r6', 'api_key.create', 'key_1', { targetName: 'r6' }),
    event('r7', 'api_key.regenerate', 'key_1', { changes: [{ field: 'hint', from: 'a', to: 'b' }] }),
    event('r8', 'scope.create', 'said:r8', { targetName: 'said:r8' }),
    event('r9', 'token.verify', 'token_1', { id: 'r9.1' }),
    event('r9', 'token.verify', null, { id: 'r9.2', outcome: 'denied' }),
    event('r10', 'me.read', null, { outcome: 'denied', status: 401 }),
    // Nobody heard of it, but it was done: as good as if it had not been.
    event('r11', 'api_key.update', 'key_1', { changes: [{ field: 'name', from: 'r6', to: 'r11' }] }),
    // Was told 503, and the log says why.
    event('r12', 'token.issue', null, { outcome: 'failure', status: 503 }),
  ];
  const things: Thing[] = [
    thing('token', 'token_1', 'r3', { hasEnded: true, values: 1, livingValues: 0 }),
    thing('scope', 'made:r1', 'made:r1', { values: 0, livingValues: 0 }),
    thing('api_key', 'key_1', 'r11', { values: 2 }),
    thing('scope', 'said:r8', 'said:r8', { values: 0, livingValues: 0 }),
  ];
  return {
    asked: [
      ...['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10'].map((id) => answered(id, events)),
      { requestId: 'r11', action: 'api_key.update', events: 1, answer: null },
      { requestId: 'r12', action: 'token.issue', events: 1, answer: { status: 503, outcomes: ['failure'] } },
      { requestId: 'r13', action: 'token.issue', events: 1, answer: null },
    ],
    shownEvents: events,
    storedEvents: events,
    things,
    shownThings: things,
  };
}

describe('the judge', () => {
  it('has nothing to say of a world in order', () => {
    expect(judge(inOrder())).toEqual([]);
  });

  it.each(
    inOrder()
      .asked.filter(isDecided)
      .map(({ requestId }) => requestId),
  )('sees that the event of an answer is lost: %s', (requestId) => {
    const world = withEvents((events) => events.filter((each) => each.requestId !== requestId));
    expect(judge(world).join('\n')).toContain(`answer ${requestId} `);
  });

  it.each([
    ['one event of a batch', (events: ShownEvent[]) => events.filter(({ id }) => id !== 'r9.2')],
    ['another outcome', edited('r9.2', { outcome: 'success' })],
    ['another status', edited('r10', { status: 200 })],
    ['another action', edited('r10', { action: 'token.list' })],
    ['an event that is there twice', (events: ShownEvent[]) => [...events, { ...events[0]!, id: 'again' }]],
    ['an event of nobody', (events: ShownEvent[]) => [...events, event('r99', 'me.read', null)]],
    [
      'a second event of what nobody was answered',
      (events: ShownEvent[]) => [
        ...events,
        event('r11', 'api_key.update', null, { id: 'again', outcome: 'failure', status: 404 }),
      ],
    ],
  ])('sees %s', (_what, edit) => {
    expect(judge(withEvents(edit))).not.toEqual([]);
  });

  it.each([
    ['a change whose answer nobody heard', 'r11'],
    ['the first of two new names', 'r2'],
    ['the last of two new names', 'r3'],
    ['the making of a token', 'r1'],
    ['the making of a scope', 'r8'],
    ['a new value', 'r7'],
    ['the end of a token', 'r4'],
  ])('sees a change without its event: %s', (_what, requestId) => {
    const world = withEvents((events) => events.filter((each) => each.requestId !== requestId));
    // Also when nobody was answered, so that only the change itself tells.
    const asked = world.asked.map((ask) => (ask.requestId === requestId ? { ...ask, answer: null } : ask));
    expect(judge({ ...world, asked })).not.toEqual([]);
  });

  it.each([
    ['a token that is not there', (things: Thing[]) => things.filter(({ id }) => id !== 'token_1')],
    [
      'a scope of a token that is not there',
      (things: Thing[]) => things.filter(({ id }) => id !== 'made:r1'),
    ],
    ['a new name that is not there', changed('token_1', { name: 'r2' })],
    ['an end that is not there', changed('token_1', { hasEnded: false, livingValues: 1 })],
    ['a new value that is not there', changed('key_1', { values: 1 })],
  ])('sees an event without its change: %s', (_what, edit) => {
    expect(judge(withThings(edit))).not.toEqual([]);
  });

  it.each([
    ['a token that nobody issued', (things: Thing[]) => [...things, thing('token', 'token_2', 'r13')]],
    ['a name that nobody gave', changed('key_1', { name: 'r13' })],
    ['an end that nobody made', changed('key_1', { hasEnded: true, livingValues: 0 })],
    ['half an end: a value that lives on', changed('token_1', { livingValues: 1 })],
    ['a value that nobody asked for', changed('key_1', { values: 3 })],
  ])('sees a change without its event: %s', (_what, edit) => {
    expect(judge(withThings(edit))).not.toEqual([]);
  });

  it('sees an API that shows anything but what is there', () => {
    const world = inOrder();
    for (const half of [
      { shownEvents: world.shownEvents.slice(0, -1) },
      { storedEvents: world.storedEvents.slice(0, -1) },
      { shownThings: world.shownThings.slice(0, -1) },
      { shownThings: [...world.shownThings, { id: 'token_2', name: 'r13', hasEnded: false }] },
      { shownThings: world.shownThings.map((each) => ({ ...each, hasEnded: false })) },
    ]) {
      expect(judge({ ...world, ...half })).not.toEqual([]);
    }
  });
});

function event(requestId: string, action: string, targetId: string | null, draft: Draft = {}): ShownEvent {
  return {
    id: requestId,
    requestId,
    action,
    outcome: 'success',
    status: 200,
    targetId,
    targetName: null,
    changes: [],
    scopes: [],
    ...draft,
  };
}

function thing(kind: Thing['kind'], id: string, name: string, draft: Partial<Thing> = {}): Thing {
  return { kind, id, name, hasEnded: false, values: 1, livingValues: 1, ...draft };
}

/** As a caller was answered whose events say so. */
function answered(requestId: string, events: readonly ShownEvent[]): Asked {
  const own = events.filter((each) => each.requestId === requestId);
  const outcomes = own.map(({ outcome }) => outcome as 'success' | 'denied' | 'failure');
  const { action, status } = own[0]!;
  return { requestId, action, events: own.length, answer: { status, outcomes } };
}

function isDecided({ answer }: Asked): boolean {
  return answer !== null && answer.status !== 503;
}

function withEvents(edit: (events: ShownEvent[]) => ShownEvent[]): Evidence {
  const world = inOrder();
  const events = edit([...world.shownEvents]);
  return { ...world, shownEvents: events, storedEvents: events };
}

function withThings(edit: (things: Thing[]) => Thing[]): Evidence {
  const world = inOrder();
  const things = edit([...world.things]);
  return {
    ...world,
    things,
    shownThings: things.filter(({ kind, hasEnded }) => kind !== 'api_key' || !hasEnded),
  };
}

function edited(id: string, draft: Partial<ShownEvent>): (events: ShownEvent[]) => ShownEvent[] {
  return (events) => events.map((each) => (each.id === id ? { ...each, ...draft } : each));
}

function changed(id: string, draft: Partial<Thing>): (things: Thing[]) => Thing[] {
  return (things) => things.map((each) => (each.id === id ? { ...each, ...draft } : each));
}
