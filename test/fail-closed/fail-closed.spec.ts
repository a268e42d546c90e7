import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Answer, Caller } from '../support/caller.js';
import { until } from '../support/product.js';
import { unissued } from '../support/secret-format.js';
import { CAUSES } from './causes.js';
import { ANSWERS_WITHIN_MS, Ground } from './ground.js';

jest.setTimeout(120_000);

const HEALS_WITHIN_MS = 5_000;

const TABLES = ['workspaces', 'api_keys', 'tokens', 'scopes', 'credential_secrets'];

let ground: Ground;
let root: Caller;
let token: { id: string; name: string; token: string };

beforeAll(async () => {
  ground = await Ground.lay();
  root = ground.root;
  token = (await root.post<typeof token>('/v1/tokens', { name: 'a token', scopes: ['a:b'] })).body;
});
afterAll(() => ground.clear());

/** A request, and how it is answered when all is well. */
interface Ask {
  what: string;
  status: number;
  ask: (by: Caller) => Promise<Answer>;
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** To a key that is there for it. */
const changes = (keyId: string): Ask[] => [
  {
    what: 'issue a token',
    status: 201,
    ask: (by) => by.post('/v1/tokens', { name: 'never', scopes: ['never:seen'] }),
  },
  { what: 'new value for a key', status: 200, ask: (by) => by.post(`/v1/api-keys/${keyId}/regenerate`) },
  { what: 'delete a key', status: 204, ask: (by) => by.delete(`/v1/api-keys/${keyId}`) },
];

/** What leaves everything as it is also when it is done: a change that is none, reads, verifications, refusals. */
const STEADY: readonly Ask[] = [
  {
    what: 'change nothing',
    status: 200,
    ask: (by) => by.patch(`/v1/tokens/${token.id}`, { name: token.name }),
  },
  { what: 'list tokens', status: 200, ask: (by) => by.get('/v1/tokens') },
  { what: 'who am I', status: 200, ask: (by) => by.get('/v1/me') },
  { what: 'verify', status: 200, ask: (by) => by.post('/v1/tokens/verify', { token: token.token }) },
  {
    what: 'verify several',
    status: 200,
    ask: (by) => by.post('/v1/tokens/verify-batch', { items: [{ token: token.token }, { token: 'x' }] }),
  },
  { what: 'unknown credential', status: 401, ask: (by) => by.with(bearer(unissued())).get('/v1/me') },
  { what: 'no credential', status: 401, ask: (by) => by.with({ authorization: '' }).get('/v1/me') },
  { what: 'forbidden', status: 403, ask: (by) => by.with(bearer(token.token)).get('/v1/api-keys') },
  { what: 'malformed body', status: 400, ask: (by) => by.post('/v1/tokens', '{') },
];

const PROMISE =
  'every request is told 503 within 3 s, nothing changes, and within 5 s of its end all is as ever';

describe.each(CAUSES)('when $name', ({ missing, begin }) => {
  const test = missing === null ? it : it.skip;

  test(`${PROMISE}${missing === null ? '' : ` (${missing})`}`, async () => {
    const { body: key } = await root.post<{ id: string }>('/v1/api-keys', { name: 'unchanged' });
    const asks = [...changes(key.id), ...STEADY];
    const before = await state();

    const end = await begin(ground);
    const refused: Answered[] = [];
    try {
      // On the connections that were there, and again when the product has found out that it has none.
      for (let wave = 0; wave < 2; wave++) refused.push(...(await Promise.all(asks.map(answered))));
    } finally {
      await end();
    }

    const ended = performance.now();
    await until(async () => (await Promise.all(STEADY.map(answered))).every(isAsEver));
    expect(performance.now() - ended).toBeLessThan(HEALS_WITHIN_MS);
    expect(await state()).toEqual(before);

    for (const { answer } of refused) {
      expect(answer).toBeProblem('unavailable');
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    // What the database does once it comes round is recorded, too late for its answer: but nothing was done.
    expect(await outcomesOf(refused.map(({ answer }) => answer))).not.toContain('success');
    expect(refused.filter(({ ms }) => ms > ANSWERS_WITHIN_MS).map(({ ask, ms }) => [ask.what, ms])).toEqual(
      [],
    );
    for (const ask of asks) {
      const { answer } = await answered(ask);
      expect([ask.what, answer.status]).toEqual([ask.what, ask.status]);
    }
    expect(ground.product.program.exitCode).toBeUndefined();
  });
});

describe('connections that have died in silence', () => {
  it('are all given up with the first that is found out: within 5 s all is as ever', async () => {
    // As many as there can be at once.
    await Promise.all(Array.from({ length: 40 }, () => root.get('/v1/tokens')));
    ground.wire.swallow();
    ground.wire.carryNewOnes();

    const ended = performance.now();
    // One caller after the other, so that each would find out one of them.
    await until(async () => {
      for (const ask of STEADY) if (!isAsEver(await answered(ask))) return false;
      return true;
    });
    expect(performance.now() - ended).toBeLessThan(HEALS_WITHIN_MS);
  });
});

/** An answer, and how long its caller waited. */
interface Answered {
  ask: Ask;
  answer: Answer;
  ms: number;
}

async function answered(ask: Ask): Promise<Answered> {
  const began = performance.now();
  const answer = await ask.ask(root.with({ 'x-forwarded-for': `10.${byte()}.${byte()}.${byte()}` }));
  return { ask, answer, ms: performance.now() - began };
}

function isAsEver({ ask, answer }: Answered): boolean {
  return answer.status === ask.status;
}

/** Everything a request can change. */
function state(): Promise<unknown[]> {
  return Promise.all(TABLES.map((table) => ground.cluster.query(`select * from ${table} order by 1, 2, 3`)));
}

/** What the logs say of these requests, the instance's own too. */
async function outcomesOf(answers: readonly Answer[]): Promise<string[]> {
  const query = answers.map(({ requestId }) => `request_id=${requestId}`).join('&');
  const logs = ['workspace', 'instance'].map((log) =>
    root.get<{ data: { outcome: string }[] }>(`/v1/audit-events?limit=1000&log=${log}&${query}`),
  );
  return (await Promise.all(logs)).flatMap(({ body }) => body.data.map(({ outcome }) => outcome));
}

function byte(): number {
  return Math.floor(Math.random() * 256);
}
