import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { shedOverload } from '../../src/app.overload.js';
import { Metrics } from '../../src/platform/health/metrics.js';
import { Overload } from '../../src/platform/health/overload.js';
import { until } from '../support/product.js';

const FLOOR = 4;
/** Refusals are kept back until the next tick. */
const HOLD_MS = 0;

/** A server whose answers under /v1 wait until they are let go. */
let server: FastifyInstance;
let overload: Overload;
let url: string;
let letGo: () => void;

beforeEach(async () => {
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  overload = new Overload(FLOOR);
  server = Fastify({ forceCloseConnections: true });
  shedOverload(server, new Metrics(), overload, HOLD_MS);
  server.get('/v1/slow', async () => gate.then(() => 'done'));
  server.post('/v1/quick', () => 'done');
  server.get('/healthz', () => 'well');
  url = await server.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  letGo();
  await server.close();
});

/** Begins so many requests, and returns once all of them wait. */
async function begin(count: number, signal: AbortSignal | null = null): Promise<Promise<Response>[]> {
  const answers = Array.from({ length: count }, () => fetch(`${url}/v1/slow`, { signal }));
  await waiting(count);
  return answers;
}

async function waiting(count: number): Promise<void> {
  await until(() => overload.waiting === count);
}

/** Lets it be seen that the queue has stood for two seconds. */
function twoSeconds(): void {
  overload.tick(1);
  overload.tick(1);
}

const quick = (): Promise<Response> =>
  fetch(`${url}/v1/quick`, { method: 'POST', body: 'x'.repeat(10_000), headers: { 'x-request-id': 'mine' } });

describe('while a queue stands that is longer than what can be answered in time', () => {
  let before: Promise<Response>[];
  beforeEach(async () => {
    before = await begin(2 * FLOOR);
    twoSeconds();
  });

  it('what comes on top is refused, in the words of the contract', async () => {
    const refused = await quick();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('x-request-id')).toBe('mine');
    expect(await refused.json()).toEqual({
      error: 'unavailable',
      message: 'More is asked than can be answered at the moment; try again shortly',
      request_id: 'mine',
    });
  });

  it('how the product fares can still be asked', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('those who wait are answered, and then everybody is again', async () => {
    letGo();
    for (const answer of before) expect((await answer).status).toBe(200);
    twoSeconds();
    expect((await quick()).status).toBe(200);
  });
});

it('a refusal is kept back, but not beyond the end of the product', async () => {
  const another = new Overload(FLOOR);
  const metrics = new Metrics();
  const slow = Fastify({ forceCloseConnections: true });
  shedOverload(slow, metrics, another, 3_600_000);
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  slow.get('/v1/slow', async () => gate.then(() => 'done'));
  const at = await slow.listen({ port: 0, host: '127.0.0.1' });
  const before = Array.from({ length: 2 * FLOOR }, () => fetch(`${at}/v1/slow`));
  await until(() => another.waiting === 2 * FLOOR);
  another.tick(1);
  another.tick(1);

  let isTold = false;
  const refused = fetch(`${at}/v1/slow`).finally(() => (isTold = true));
  await until(async () => (await metrics.shed.get()).values[0]?.value === 1);
  letGo();
  for (const answer of before) expect((await answer).status).toBe(200);
  expect(isTold).toBe(false);
  await slow.close();
  expect((await refused).status).toBe(503);
});

it('a burst is not refused, but for those who would wait too long even then', async () => {
  const burst = await begin(2 * FLOOR);
  overload.tick(0.1);
  expect((await quick()).status).toBe(503);
  letGo();
  for (const answer of burst) expect((await answer).status).toBe(200);
  expect((await quick()).status).toBe(200);
});

it('a queue as long as what can be answered in time is not refused', async () => {
  const before = await begin(FLOOR);
  twoSeconds();
  expect((await quick()).status).toBe(200);
  letGo();
  await Promise.all(before);
});

it('who goes away without waiting for the answer does not count any more', async () => {
  const leaving = new AbortController();
  const gone = await begin(2 * FLOOR, leaving.signal);
  leaving.abort();
  await Promise.allSettled(gone);
  await waiting(0);
  twoSeconds();
  expect((await quick()).status).toBe(200);
});
