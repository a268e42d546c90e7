/** How an event says that a decision ended. */
export type Outcome = 'success' | 'denied' | 'failure';

/** One request as its caller saw it. */
export interface Asked {
  requestId: string;
  action: string;
  /** How many events it leaves once it is decided: one, or in a batch one an item. */
  events: number;
  /** Null when none arrived complete. */
  answer: { status: number; outcomes: readonly Outcome[] } | null;
}

/** One event as the API shows it. */
export interface ShownEvent {
  id: string;
  requestId: string;
  action: string;
  outcome: string;
  status: number;
  targetId: string | null;
  targetName: string | null;
  changes: readonly { field: string; from: unknown; to: unknown }[];
  /** Of a token that was issued. */
  scopes: readonly string[];
}

/** The same event as the table has it. */
export type StoredEvent = Pick<ShownEvent, 'id' | 'requestId' | 'action' | 'outcome' | 'targetId'>;

/** What changes have made, as the tables have it. */
export interface Thing {
  kind: 'token' | 'api_key' | 'scope';
  id: string;
  /** Every change of a name gives it one that no other change gives. */
  name: string;
  /** Revoked or deleted. */
  hasEnded: boolean;
  /** How many secret values were ever made for it, and how many of them live. */
  values: number;
  livingValues: number;
}

/** The same as the API shows it: what it shows at all. */
export type ShownThing = Pick<Thing, 'id' | 'name' | 'hasEnded'>;

/** What was asked and what is there; complete since the first request. */
export interface Evidence {
  asked: readonly Asked[];
  shownEvents: readonly ShownEvent[];
  storedEvents: readonly StoredEvent[];
  things: readonly Thing[];
  shownThings: readonly ShownThing[];
}

/** Finds what must not be, a line each. A new promise of the log is a new rule, and what it looks at in `Evidence`. */
type Rule = (evidence: Evidence) => string[];

const RULES: readonly Rule[] = [
  everyAnswerHasItsEvents,
  nothingIsRecordedThatWasNotAsked,
  theApiShowsTheEventsThatAreThere,
  everyEventHasItsChange,
  everyChangeHasItsEvent,
  theApiShowsTheThingsThatAreThere,
];

/** Everything that contradicts "acknowledged is recorded" or "a change and its event, or neither". Pure. */
export function judge(evidence: Evidence): string[] {
  return RULES.flatMap((rule) => rule(evidence));
}

/** A 503 promises nothing: whether what it could not wait for came about is known from the log alone. */
function isDecided({ answer }: Asked): boolean {
  return answer !== null && answer.status !== 503;
}

function everyAnswerHasItsEvents({ asked, shownEvents }: Evidence): string[] {
  const recorded = groupBy(shownEvents, ({ requestId }) => requestId);
  return asked.filter(isDecided).flatMap(({ requestId, action, answer }) => {
    const wanted = answer!.outcomes.map((outcome) => `${action} ${outcome} ${answer!.status}`).sort();
    const found = (recorded.get(requestId) ?? []).map(
      (event) => `${event.action} ${event.outcome} ${event.status}`,
    );
    return same(wanted, found.sort())
      ? []
      : [`answer ${requestId} (${wanted.join(', ')}) has the events (${found.join(', ')})`];
  });
}

function nothingIsRecordedThatWasNotAsked({ asked, shownEvents }: Evidence): string[] {
  const asks = new Map(asked.map((each) => [each.requestId, each]));
  const recorded = groupBy(shownEvents, ({ requestId }) => requestId);
  return [...recorded].flatMap(([requestId, events]) => {
    const ask = asks.get(requestId);
    if (ask === undefined) return [`event ${events[0]!.id} is of ${requestId}, which nobody asked`];
    const others = events.filter(({ action }) => action !== ask.action);
    if (others.length > 0) return [`event ${others[0]!.id} says ${others[0]!.action} of ${requestId}`];
    return events.length > ask.events
      ? [`${requestId} has ${events.length} events instead of ${ask.events}`]
      : [];
  });
}

function theApiShowsTheEventsThatAreThere({ shownEvents, storedEvents }: Evidence): string[] {
  const line = ({ id, requestId, action, outcome, targetId }: StoredEvent): string =>
    [id, requestId, action, outcome, targetId].join(' ');
  return difference(storedEvents.map(line), shownEvents.map(line), 'event');
}

function everyEventHasItsChange({ shownEvents, things }: Evidence): string[] {
  const there = new Map(things.map((thing) => [thing.id, thing]));
  return shownEvents.filter(hasChanged).flatMap((event) => {
    const { id, action, requestId, targetId, scopes } = event;
    const missing = [targetId!, ...scopes].filter((each) => !there.has(each));
    const lost = missing.map(
      (each) => `event ${id} (${action} ${requestId}) is of ${each}, which is not there`,
    );
    const stillLives = isEnd(event) && there.get(targetId!)?.hasEnded === false;
    return stillLives ? [`event ${id} (${action} ${requestId}) has ended ${targetId!}, which lives`] : lost;
  });
}

function everyChangeHasItsEvent({ things, shownEvents }: Evidence): string[] {
  const events = groupBy(shownEvents.filter(hasChanged), ({ targetId }) => targetId!);
  const issued = new Set(shownEvents.filter(hasChanged).flatMap(({ scopes }) => scopes));
  return things.flatMap((thing) => {
    const faults = changesWithoutEvent(thing, events.get(thing.id) ?? [], issued.has(thing.id));
    return faults.map((fault) => `${thing.kind} ${thing.id} ${fault}`);
  });
}

/** @param isRegistered whether the thing is a scope that came about with a token. */
function changesWithoutEvent(thing: Thing, events: readonly ShownEvent[], isRegistered: boolean): string[] {
  const births = events.filter(({ action }) => BIRTHS.includes(action));
  const ends = events.filter(isEnd);
  const renewals = events.filter(({ action }) => RENEWALS.includes(action));
  const faults: string[] = [];
  if (births.length !== (isRegistered ? 0 : 1)) faults.push(`has ${births.length} events of its making`);
  if (thing.kind === 'scope') return faults;

  const names = events.flatMap(({ changes }) => changes.filter(({ field }) => field === 'name'));
  if (!leads(births[0]?.targetName, names, thing.name)) {
    faults.push(`is called ${thing.name}, to which its ${names.length} events of a new name do not lead`);
  }
  if (ends.length !== (thing.hasEnded ? 1 : 0)) {
    faults.push(`${thing.hasEnded ? 'has ended' : 'lives'}, with ${ends.length} events of its end`);
  }
  if (thing.values !== 1 + renewals.length) {
    faults.push(`has had ${thing.values} values, with ${renewals.length} events of a new one`);
  }
  if (thing.livingValues !== (thing.hasEnded ? 0 : 1)) faults.push(`has ${thing.livingValues} living values`);
  return faults;
}

function theApiShowsTheThingsThatAreThere({ things, shownThings }: Evidence): string[] {
  const line = ({ id, name, hasEnded }: ShownThing): string => `${id} ${name} ${String(hasEnded)}`;
  const there = things.filter(({ kind, hasEnded }) => kind !== 'api_key' || !hasEnded);
  return difference(there.map(line), shownThings.map(line), 'thing');
}

const BIRTHS = ['token.issue', 'api_key.create', 'scope.create'];
const RENEWALS = ['api_key.regenerate', 'token.rotate'];
const CHANGES = [
  ...BIRTHS,
  ...RENEWALS,
  ...['token.update', 'token.revoke', 'api_key.update', 'api_key.delete', 'api_key.revoke'],
];

/** To stop a value that is no key's changes nothing and names nothing. */
function hasChanged({ action, outcome, targetId }: ShownEvent): boolean {
  return outcome === 'success' && targetId !== null && CHANGES.includes(action);
}

/** Who revokes what is revoked has ended nothing. */
function isEnd({ action, changes }: ShownEvent): boolean {
  if (action === 'token.revoke') return changes.some(({ field }) => field === 'revoked_at');
  return action === 'api_key.delete' || action === 'api_key.revoke';
}

/** Whether the steps are one way from the first value to the last, each taken once: none is missing, none too many. */
function leads(first: unknown, steps: readonly { from: unknown; to: unknown }[], last: unknown): boolean {
  const next = new Map(steps.map(({ from, to }) => [from, to]));
  return steps.reduce((at) => next.get(at), first) === last;
}

function difference(there: readonly string[], shown: readonly string[], what: string): string[] {
  const [inTables, inAnswers] = [new Set(there), new Set(shown)];
  return [
    ...there.filter((each) => !inAnswers.has(each)).map((each) => `${what} is not shown as it is: ${each}`),
    ...shown.filter((each) => !inTables.has(each)).map((each) => `${what} is shown but not there: ${each}`),
    ...(there.length === inTables.size && shown.length === inAnswers.size
      ? []
      : [`an ${what} is there twice`]),
  ];
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}

function groupBy<Each>(all: readonly Each[], by: (each: Each) => string): Map<string, Each[]> {
  const groups = new Map<string, Each[]>();
  for (const each of all) {
    const key = by(each);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return groups;
}
