import type { Answer, Caller } from './caller.js';
import { mistyped, unissued } from './secret-format.js';

/** What a workspace has, as far as its callers were told; they share it, and get in each other's way. */
export interface Tenant {
  /** Of the API key that nobody touches. */
  key: string;
  tokens: { id: string; value: string }[];
  keys: { id: string; value: string }[];
  /** Values that are no credential any more. */
  dead: string[];
}

/** One kind of request. */
export interface Deed {
  action: string;
  /** How often it is done, beside the others. */
  weight: number;
  /** What the tenant must have some of. */
  needs?: 'tokens' | 'keys' | 'dead';
  /** How many events it leaves; one unless told. */
  events?: number;
  /** How the events of a good answer say that it ended; success unless told. */
  outcomes?: (body: Answer['body']) => ('success' | 'denied')[];
  ask: (by: Caller, tenant: Tenant, requestId: string) => Promise<Answer>;
}

export function newTenant(key: string): Tenant {
  return { key, tokens: [], keys: [], dead: [] };
}

const verdict = ({ valid }: { valid?: unknown }): 'success' | 'denied' =>
  valid === true ? 'success' : 'denied';

/** What is made, and every new name, is called by its request's id: so each name is given once. */
const CHANGES: readonly Deed[] = [
  {
    action: 'token.issue',
    weight: 6,
    ask: async (by, { tokens }, requestId) => {
      // Every other one has its uses counted, though it will never have had enough of them.
      const limits = tokens.length % 2 === 0 ? { max_uses: 1_000_000_000 } : {};
      const body = { name: requestId, scopes: [`made:${requestId}`], ...limits };
      const answer = await by.post<{ id: string; token: string }>('/v1/tokens', body);
      if (answer.status === 201) tokens.push({ id: answer.body.id, value: answer.body.token });
      return answer;
    },
  },
  {
    action: 'token.update',
    weight: 6,
    needs: 'tokens',
    ask: (by, { tokens }, requestId) => by.patch(`/v1/tokens/${oneOf(tokens).id}`, { name: requestId }),
  },
  {
    action: 'token.rotate',
    weight: 2,
    needs: 'tokens',
    ask: async (by, { tokens, dead }) => {
      const token = oneOf(tokens);
      const answer = await by.post<{ token: string }>(`/v1/tokens/${token.id}/rotate`);
      if (answer.status === 200) {
        dead.push(token.value);
        token.value = answer.body.token;
      }
      return answer;
    },
  },
  {
    action: 'token.revoke',
    weight: 2,
    needs: 'tokens',
    ask: async (by, { tokens, dead }) => {
      // It stays among the others: what is done to it from now on is a failure, and one the log must have.
      const { id, value } = oneOf(tokens);
      const answer = await by.post(`/v1/tokens/${id}/revoke`, { reason: 'mixed load' });
      if (answer.status === 200) dead.push(value);
      return answer;
    },
  },
  {
    action: 'api_key.create',
    weight: 2,
    ask: async (by, { keys }, requestId) => {
      const answer = await by.post<{ id: string; key: string }>('/v1/api-keys', { name: requestId });
      if (answer.status === 201) keys.push({ id: answer.body.id, value: answer.body.key });
      return answer;
    },
  },
  {
    action: 'api_key.update',
    weight: 2,
    needs: 'keys',
    ask: (by, { keys }, requestId) => by.patch(`/v1/api-keys/${oneOf(keys).id}`, { name: requestId }),
  },
  {
    action: 'api_key.regenerate',
    weight: 2,
    needs: 'keys',
    ask: async (by, { keys, dead }) => {
      const key = oneOf(keys);
      const answer = await by.post<{ key: string }>(`/v1/api-keys/${key.id}/regenerate`);
      if (answer.status === 200) {
        dead.push(key.value);
        key.value = answer.body.key;
      }
      return answer;
    },
  },
  {
    action: 'api_key.delete',
    weight: 1,
    needs: 'keys',
    ask: (by, { keys }) => by.delete(`/v1/api-keys/${oneOf(keys).id}`),
  },
  {
    action: 'api_key.revoke',
    weight: 1,
    needs: 'keys',
    ask: (by, { keys }) => by.post('/v1/api-keys/revoke', { api_key: oneOf(keys).value }),
  },
  {
    action: 'scope.create',
    weight: 1,
    ask: (by, _tenant, requestId) => by.post('/v1/scopes', { name: `said:${requestId}` }),
  },
];

const READS: readonly Deed[] = [
  { action: 'me.read', weight: 2, ask: (by) => by.get('/v1/me') },
  { action: 'token.list', weight: 1, ask: (by) => by.get('/v1/tokens?limit=10') },
  {
    action: 'token.read',
    weight: 2,
    needs: 'tokens',
    ask: (by, { tokens }) => by.get(`/v1/tokens/${oneOf(tokens).id}`),
  },
  { action: 'api_key.list', weight: 1, ask: (by) => by.get('/v1/api-keys?limit=10') },
  { action: 'audit.list', weight: 1, ask: (by) => by.get('/v1/audit-events?limit=10') },
  {
    action: 'token.verify',
    weight: 6,
    needs: 'tokens',
    outcomes: (body) => [verdict(body)],
    ask: (by, { tokens }) => by.post('/v1/tokens/verify', { token: oneOf(tokens).value }),
  },
  {
    action: 'token.verify',
    weight: 2,
    needs: 'tokens',
    events: 3,
    outcomes: ({ results }) => (results as { valid: boolean }[]).map(verdict),
    ask: (by, { tokens }) =>
      by.post('/v1/tokens/verify-batch', {
        items: [{ token: oneOf(tokens).value }, { token: unissued('tkn') }, { token: 'nonsense' }],
      }),
  },
];

const as = (by: Caller, secret: string): Caller => by.with({ authorization: `Bearer ${secret}` });

const REFUSALS: readonly Deed[] = [
  { action: 'me.read', weight: 1, ask: (by) => as(by, unissued()).get('/v1/me') },
  { action: 'me.read', weight: 1, ask: (by, { key }) => as(by, mistyped(key)).get('/v1/me') },
  { action: 'me.read', weight: 1, ask: (by) => by.with({ authorization: '' }).get('/v1/me') },
  {
    action: 'token.list',
    weight: 1,
    needs: 'dead',
    ask: (by, { dead }) => as(by, oneOf(dead)).get('/v1/tokens'),
  },
  {
    action: 'api_key.create',
    weight: 1,
    needs: 'tokens',
    ask: (by, { tokens }) => as(by, oneOf(tokens).value).post('/v1/api-keys', { name: 'never' }),
  },
  { action: 'token.read', weight: 1, ask: (by) => by.get('/v1/tokens/token_00000000000000000000000000') },
  { action: 'token.issue', weight: 1, ask: (by) => by.post('/v1/tokens', '{') },
  { action: 'token.issue', weight: 1, ask: (by) => by.post('/v1/tokens', { name: '', colour: 'red' }) },
  {
    action: 'api_key.create',
    weight: 1,
    ask: (by) => by.with({ 'content-type': 'text/plain' }).post('/v1/api-keys', 'x'),
  },
];

/** All there is to do, the refused and the malformed included. */
export const DEEDS: readonly Deed[] = [...CHANGES, ...READS, ...REFUSALS];

function oneOf<Each>(all: readonly Each[]): Each {
  return all[Math.floor(Math.random() * all.length)]!;
}
