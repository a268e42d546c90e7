import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { evidence } from '../crash/evidence.js';
import { judge } from '../crash/judge.js';
import { newTenant, type Tenant } from '../support/load-deeds.js';
import { type LoadedAsk, MixedLoad } from '../support/mixed-load.js';
import { until } from '../support/product.js';
import { CAUSES } from './causes.js';
import { ANSWERS_WITHIN_MS, Ground } from './ground.js';

jest.setTimeout(120_000);

/** Twice as many as are under way at once: the first of them may have begun before. */
const ENOUGH = 32;

const since = new Date().toISOString();
const asked: LoadedAsk[] = [];
let ground: Ground;
let tenants: Tenant[];
let former: string[];

beforeAll(async () => {
  ground = await Ground.lay();
  const { body } = await ground.root.post<{ api_key: string }>('/v1/workspaces', { name: 'Acme' });
  tenants = [newTenant(ground.product.key!), newTenant(body.api_key)];
  former = (await ground.cluster.query<{ id: string }>('select id from api_keys')).map(({ id }) => id);
});
afterAll(() => ground.clear());

afterEach(async () => {
  const callers = tenants.map(({ key }) => ground.product.as(key));
  const query = ground.cluster.query.bind(ground.cluster);
  const found = await evidence({ callers, query, name: 'load-', since, former });
  expect(judge({ asked, ...found })).toEqual([]);
});

describe('under load, with changes under way, everybody is answered within 3 s, done or 503, and no event is lost', () => {
  it('while one cause after the other comes and goes', async () => {
    await underLoad('load-causes', async (load) => {
      for (const { begin } of CAUSES.filter(({ missing }) => missing === null)) {
        await more(load, isDone);
        const end = await begin(ground);
        await more(load, isUnavailable).finally(end);
      }
      await more(load, isDone);
    });
  });
});

const isUnavailable = ({ answer }: LoadedAsk): boolean => answer?.status === 503;
const isDone = ({ answer }: LoadedAsk): boolean => answer !== null && answer.status !== 503;
const isTooLate = ({ answer, ms }: LoadedAsk): boolean => answer === null || ms > ANSWERS_WITHIN_MS;

async function underLoad(name: string, work: (load: MixedLoad) => Promise<void>): Promise<void> {
  const load = new MixedLoad(ground.product.url, tenants, name);
  try {
    await work(load);
  } finally {
    await load.end();
    asked.push(...load.asked);
  }
  expect(load.asked.filter(isTooLate)).toEqual([]);
}

/** Waits for so many answers more of this kind. */
async function more(load: MixedLoad, isOne: (ask: LoadedAsk) => boolean): Promise<void> {
  const enough = load.asked.filter(isOne).length + ENOUGH;
  await until(() => load.asked.filter(isOne).length >= enough);
}
