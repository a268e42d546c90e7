import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { routesOf } from '../support/routes.js';
import { mistyped, unissued } from '../support/secret-format.js';
import { World } from '../support/world.js';

/** What was sent back, and the one secret that it may show because it made it. */
interface Said {
  by: string;
  text: string;
  mayShow: string | null;
}

type Ask = [by: Caller, path: string, body?: unknown];

describe.each([{}, { TOOKEN_LEGACY_CREDENTIALS: 'query,body' }])('no secret leaks (%j)', (env) => {
  let world: World;
  const said: Said[] = [];
  const lines: string[] = [];
  /** Every value that was issued or presented. */
  const secrets = new Set<string>();

  beforeAll(async () => {
    world = await World.start({ env: { ...env, LOG_LEVEL: 'trace' }, onLog: (line) => lines.push(line) });
    secrets.add(world.rootKey);
    const presented = await issueOfEveryKind();
    for (const secret of presented) secrets.add(secret);
    await putThemEverywhere(presented);
    await breakWhatStores(presented);
    await note('GET /metrics', world.anonymous().get('/metrics'));
  }, 120_000);
  afterAll(() => world.close());

  it('is tried on every route, with hundreds of answers, many of them refusals, and with a log', () => {
    expect(said.length).toBeGreaterThan(500);
    expect(lines.length).toBeGreaterThan(0);
    expect(said.filter(({ text }) => text.includes('"error":"internal"')).length).toBeGreaterThan(0);
  });

  it('into any answer but the one that made it', () => {
    const traces = tracesOf(secrets);
    const leaks = said.flatMap(({ by, text, mayShow }) =>
      traces.filter(({ secret, texts }) => !isOf(secret, mayShow) && shows(text, texts)).map(() => by),
    );
    expect(leaks).toEqual([]);
    const shown = said.filter(({ text, mayShow }) => mayShow !== null && text.includes(mayShow));
    expect(shown.length).toBeGreaterThanOrEqual(7);
  });

  it('into any table', async () => {
    const stored = (await everythingStored(world.database)).split('\n');
    const traces = tracesOf(secrets).flatMap(({ texts }) => texts);
    expect(stored.filter((row) => shows(row, traces))).toEqual([]);
  });

  it('into the log', () => {
    const traces = tracesOf(secrets).flatMap(({ texts }) => texts);
    expect(lines.filter((line) => shows(line, traces))).toEqual([]);
  });

  /** Keeps what was answered; a secret in it that is new was made by it. */
  async function note(by: string, sent: Promise<Answer>): Promise<Answer> {
    const answer = await sent;
    const { key, token, api_key: first, secret } = answer.body;
    const made =
      [key, token, first, secret].find((value): value is string => typeof value === 'string') ?? null;
    const mayShow = answer.status < 300 ? made : null;
    if (mayShow !== null) secrets.add(mayShow);
    said.push({ by, text: `${JSON.stringify([...answer.headers])}\n${answer.text}`, mayShow });
    return answer;
  }

  /** Living, dead, foreign and unknown values of every kind. */
  async function issueOfEveryKind(): Promise<string[]> {
    const post = async (path: string, body?: object): Promise<Record<string, unknown>> =>
      (await note(`POST ${path}`, world.root.post(path, body))).body;
    const key = await post('/v1/api-keys', { name: 'a key' });
    const testKey = await post('/v1/api-keys', { name: 'a key', environment: 'test' });
    const regenerated = await post(`/v1/api-keys/${String(key.id)}/regenerate`);
    const other = await post('/v1/workspaces', { name: 'Other' });
    const token = await post('/v1/tokens', { name: 'a token', scopes: ['tokens:*', 'audit:*', 'scopes:*'] });
    const prefixed = await post('/v1/tokens', { name: 'a token', scopes: ['a:b'], prefix: 'acme' });
    const revoked = await post('/v1/tokens', { name: 'a token', scopes: ['a:b'] });
    await note('revoke', world.root.post(`/v1/tokens/${String(revoked.id)}/revoke`));
    const hook = await post('/v1/webhooks', { url: 'https://hooks.acme.example/', enabled: false });
    await post(`/v1/webhooks/${String(hook.id)}/rotate-secret`);
    const issued = [
      key.key,
      testKey.key,
      regenerated.key,
      other.api_key,
      token.token,
      prefixed.token,
      revoked.token,
    ];
    const values = issued.map(String);
    return [...values, unissued(), unissued('tkn'), unissued('acme', 'test'), mistyped(values[0]!)];
  }

  /** Every route, with a secret in every place a caller might have put it by mistake. */
  async function putThemEverywhere(presented: string[]): Promise<void> {
    let turn = 0;
    const next = (): string => presented[turn++ % presented.length]!;
    const routes = routesOf(world.apps[0]!).filter(({ path }) => path.startsWith('/v1/'));
    const none = { method: 'GET', path: '/v1/:nowhere' };
    const wrong = { method: 'PUT', path: '/v1/me' };
    for (const { method, path } of [...routes, none, wrong]) {
      const plain = path.replace(/:\w+/g, 'token_00000000000000000000000000');
      // Each form everywhere, of one value after the other; every value in every form where it is judged.
      const credentials = JUDGED.includes(path)
        ? presented.flatMap((secret) => CREDENTIALS.map((form) => form(secret, next())))
        : CREDENTIALS.map((form) => form(next(), next()));
      const asks = [
        ...credentials.map((authorization): Ask => [world.anonymous().with({ authorization }), plain]),
        ...inUrl(path, plain, next),
        ...HEADERS.map((name): Ask => [world.root.with({ [name]: next() }), plain]),
        ...(method === 'GET' ? [] : inBody(plain, next)),
      ];
      await Promise.all(asks.map(([by, to, body]) => note(`${method} ${to}`, by.send(method, to, body))));
    }
    await putThemInForms(next);
  }

  /** Below /oauth bodies are forms. The last of all, since what is named to it may be revoked. */
  async function putThemInForms(next: () => string): Promise<void> {
    const callers = [world.root, world.anonymous()].map((caller) => caller.with({ 'content-type': FORM }));
    for (const path of ['/oauth/introspect', '/oauth/token', '/oauth/revoke']) {
      const forms = [...FORM_NAMES, next()].map((name) => {
        const fields = { token: next(), subject_token: next(), ...EXCHANGED, [name]: next() };
        return new URLSearchParams(fields).toString();
      });
      const bodies = [...forms, `${forms[0]!}&${forms[0]!}`, `${forms[0]!}%`];
      const asks = callers.flatMap((by) => bodies.map((body) => by.send('POST', path, body)));
      await Promise.all(asks.map((ask) => note(`POST ${path}`, ask)));
    }
  }

  function inUrl(path: string, plain: string, next: () => string): Ask[] {
    return [
      [world.root, path.replace(/:\w+/, next())],
      [world.root, `${path.replace(/:\w+/, next())}%zz`],
      [world.root, `${plain}/${next()}`],
      [world.anonymous(), `${plain}?api_key=${next()}`],
      ...[...QUERY_NAMES, next()].map((name): Ask => [world.root, `${plain}?${name}=${next()}`]),
    ];
  }

  function inBody(plain: string, next: () => string): Ask[] {
    const bodies: unknown[] = [
      ...[...BODY_NAMES, next()].map((name) => ({ [name]: next() })),
      [next()],
      { name: 'x', scopes: [next()] },
      {
        items: [
          { token: next(), scopes: [next()], [next()]: 1 },
          { token: next(), operation: next() },
        ],
      },
      { token: next(), operation: next(), user_agent: next() },
      { api_key: next().repeat(2_000) },
      ...MALFORMED.map((body) => body.replaceAll('SECRET', next())),
    ];
    return [
      ...bodies.map((body): Ask => [world.root, plain, body]),
      [world.anonymous(), plain, { api_key: next() }],
      [world.root.with({ 'content-type': `text/${next()}` }), plain, next()],
    ];
  }

  /** What cannot be stored is logged, with the statement that failed. */
  async function breakWhatStores(presented: string[]): Promise<void> {
    await world.database.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no: %', new; end $$;
      create trigger refuse before insert on tokens for each row execute function refuse();
      create trigger refuse before insert on api_keys for each row execute function refuse()`);
    await note('no token', world.root.post('/v1/tokens', { name: 'x', scopes: ['a:b'] }));
    await note('no key', world.root.post('/v1/api-keys', { name: 'x' }));
    await world.database.query('revoke insert on audit_events from tooken_app');
    for (const secret of presented) {
      await note('no event', world.as(secret).get(`/v1/tokens/${secret}?api_key=${secret}`));
      await note('no event', world.root.post('/v1/tokens/verify', { token: secret, operation: secret }));
    }
    await world.database.query('grant insert on audit_events to tooken_app');
  }
});

/** Where a caller's credential is judged: within Nest's pipeline, and beside it. */
const JUDGED = ['/v1/me', '/v1/tokens/verify'];
const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;
/** What may stand in `Authorization`. */
const CREDENTIALS: ((secret: string, other: string) => string)[] = [
  (secret) => `Bearer ${secret}`,
  (secret, other) => `Bearer ${secret}, Bearer ${other}`,
  (secret) => `Token ${secret}`,
  (secret) => secret,
  (secret) => basic('', secret),
  (secret) => basic(secret, 'x'),
  (secret, other) => basic(secret, other),
];
const FORM = 'application/x-www-form-urlencoded';
const EXCHANGED = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};
const FORM_NAMES =
  'token subject_token client_id client_secret scope audience resource grant_type api_key'.split(' ');
const QUERY_NAMES = 'api_key token key limit cursor q scope status action ip request_id'.split(' ');
const BODY_NAMES = 'api_key token key secret expires_at environment prefix allowed_ips enabled'.split(' ');
const HEADERS = 'x-request-id x-api-key cookie referer accept x-forwarded-for origin idempotency-key'.split(
  ' ',
);
const MALFORMED = [
  '{"SECRET',
  '{"a":"SECRET',
  '["SECRET",]',
  '{"SECRET":1,"SECRET":2}',
  'SECRET',
  '{"a":SECRET}',
];

/** A mistyped secret has the random part of the one it was. */
function isOf(secret: string, made: string | null): boolean {
  return made !== null && randomPart(secret) === randomPart(made);
}

function randomPart(secret: string): string {
  return secret.slice(-36, -6);
}

/** By what a text shows a secret: its random part, and that in base64. */
function tracesOf(secrets: Iterable<string>): { secret: string; texts: string[] }[] {
  return [...secrets].map((secret) => {
    const random = randomPart(secret);
    // Whatever stands before it: base64 has three ways to write what follows.
    const encoded = ['', 'x', 'xx'].map((before) =>
      Buffer.from(before + random)
        .toString('base64')
        .slice(4, -4),
    );
    return { secret, texts: [random, ...encoded] };
  });
}

function shows(text: string, traces: readonly string[]): boolean {
  return traces.some((trace) => text.includes(trace));
}
