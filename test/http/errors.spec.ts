import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { face } from '../support/face.js';
import { getRaw, sendRaw } from '../support/raw-request.js';
import { World } from '../support/world.js';

const KIB_64 = 64 * 1024;
/** A good body of this many bytes. */
const bodyOf = (bytes: number) => '{"name":"x"}'.padEnd(bytes);

describe('errors', () => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await World.start();
    ({ token } = await world.token({ scopes: ['tokens:read'] }));
  });
  beforeEach(() => world.clock.advance(61_000));
  afterAll(async () => {
    const { text } = await world.anonymous().get('/metrics');
    await world.close();
    // No answer of these tests left without its event.
    expect(text).toMatch(/^audit_missing_total 0$/m);
  });

  it('400 lists every fault, each with its path', async () => {
    const answer = await world.root.post('/v1/api-keys', { name: '', environment: 'x' });
    expect(answer).toBeProblem('invalid_request', ['name', 'environment']);
    expect(answer.body).toEqual({
      error: 'invalid_request',
      message: expect.any(String),
      details: [
        { field: 'name', message: 'must be a string of 1 to 120 characters' },
        { field: 'environment', message: 'must be one of live, test' },
      ],
      request_id: answer.requestId,
    });
  });

  it('403 names the scope that would have sufficed, in the body and in the challenge', async () => {
    const answer = await world.as(token).post('/v1/tokens', { name: 'x', scopes: ['a:b'] });
    expect(answer).toBeProblem('forbidden');
    expect(answer.body).toEqual({
      error: 'forbidden',
      message: expect.any(String),
      required_scopes: ['tokens:write'],
      request_id: answer.requestId,
    });
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="tokens:write"',
    );
    await expect(answer).toHaveAudited(world, { outcome: 'denied', reason: 'insufficient_scope' });
  });

  it('404 is the same for an unknown route, a malformed path and an unknown id; only the last leaves an event', async () => {
    const unknown = await getRaw(
      world.urls[0]!,
      '/v1/api-keys/key_00000000000000000000000000',
      `Authorization: Bearer ${world.rootKey}`,
    );
    expect(JSON.parse(unknown.text)).toEqual({
      error: 'not_found',
      message: expect.any(String),
      request_id: unknown.requestId,
    });
    await expect(unknown).toHaveAudited(world, { outcome: 'failure', reason: 'not_found' });
    const long = await world.root.get(`/v1/api-keys/${'x'.repeat(8_000)}`);
    expect(long).toBeProblem('not_found');
    await expect(long).toHaveAudited(world, { outcome: 'failure', reason: 'not_found' });
    for (const path of [
      '/nowhere',
      '/v1',
      '/v1/nowhere?x=1',
      '/v1/me/',
      '/V1/me',
      '//v1/me',
      '/v1/api-keys/%zz',
      '/v1/%E0%A4%A',
      '/..%2f..%2fetc/passwd',
    ]) {
      const answer = await getRaw(world.urls[0]!, path, `Authorization: Bearer ${world.rootKey}`);
      expect({ path, face: face(answer) }).toEqual({ path, face: face(unknown) });
      expect(await world.eventsOf(answer.requestId)).toEqual([]);
    }
  });

  it.each([
    ['PUT', '/v1/api-keys', 'GET, HEAD, POST'],
    ['POST', '/v1/me', 'GET, HEAD'],
    ['OPTIONS', '/v1/me', 'GET, HEAD'],
    ['PUT', '/v1/api-keys/key_1?x=1', 'DELETE, GET, HEAD, PATCH'],
    ['GET', '/v1/api-keys/key_1/regenerate', 'POST'],
    ['HEAD', '/v1/workspaces', 'POST'],
    ['TRACE', '/v1/me', 'GET, HEAD'],
    ['PROPFIND', '/v1/me', 'GET, HEAD'],
  ])('405 to %s %s says what the path answers, and leaves no event', async (method, path, allow) => {
    const answer = await sendRaw(world.urls[0]!, [
      `${method} ${path} HTTP/1.1`,
      `Authorization: Bearer ${world.rootKey}`,
    ]);
    expect(answer.status).toBe(405);
    expect(answer.header('allow')).toBe(allow);
    expect(answer.header('cache-control')).toBe('no-store');
    if (method !== 'HEAD') {
      expect(JSON.parse(answer.text)).toEqual({
        error: 'method_not_allowed',
        message: expect.any(String),
        request_id: answer.requestId,
      });
    }
    expect(await world.eventsOf(answer.requestId)).toEqual([]);
  });

  it('409 when something of that name exists', async () => {
    await world.root.post('/v1/scopes', { name: 'twice:made' });
    const answer = await world.root.post('/v1/scopes', { name: 'twice:made' });
    expect(answer).toBeProblem('conflict');
    await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'conflict' });
  });

  it('413 begins at 64 KiB and one byte, announced or not', async () => {
    const post = (body: string, ...headers: string[]) =>
      sendRaw(
        world.urls[0]!,
        [
          'POST /v1/api-keys HTTP/1.1',
          `Authorization: Bearer ${world.rootKey}`,
          'Content-Type: application/json',
          ...headers,
        ],
        body,
      );
    const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    const [full, over] = [bodyOf(KIB_64), bodyOf(KIB_64 + 1)];

    expect((await post(full, `Content-Length: ${full.length}`)).status).toBe(201);
    expect((await post(chunked(full), 'Transfer-Encoding: chunked')).status).toBe(201);
    for (const answer of [
      await post(over, `Content-Length: ${over.length}`),
      await post(chunked(over), 'Transfer-Encoding: chunked'),
    ]) {
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.text)).toEqual({
        error: 'payload_too_large',
        message: expect.any(String),
        request_id: answer.requestId,
      });
      await expect(answer).toHaveAudited(world, {
        action: 'api_key.create',
        outcome: 'failure',
        reason: 'payload_too_large',
      });
    }
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'json', ';', 'text/json'])(
    '415 to a body of type %s',
    async (type) => {
      const answer = await world.root.with({ 'content-type': type }).post('/v1/api-keys', '{"name":"x"}');
      expect(answer).toBeProblem('unsupported_media_type');
      await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'unsupported_media_type' });
    },
  );

  it('415 to a body of no type; parameters and the case of the type are nothing', async () => {
    const head = [
      'POST /v1/api-keys HTTP/1.1',
      `Authorization: Bearer ${world.rootKey}`,
      'Content-Length: 12',
    ];
    expect((await sendRaw(world.urls[0]!, head, bodyOf(12))).status).toBe(415);
    for (const type of [
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/json;charset="UTF-8"',
    ]) {
      const answer = await world.root.with({ 'content-type': type }).post('/v1/api-keys', bodyOf(12));
      expect(answer.status).toBe(201);
    }
  });

  it.each(['{', '{"name":"x",}', '{"name":"x","name":"y"}', '\u0000', "{'name':'x'}", '{"name":"x"} {}'])(
    '400 to the body %j, which is no JSON of one meaning',
    async (body) => {
      const answer = await world.root.post('/v1/api-keys', body);
      expect(answer).toBeProblem('invalid_request');
      await expect(answer).toHaveAudited(world, { outcome: 'failure', reason: 'invalid_request' });
    },
  );

  it('says who may come in before it says what is wrong with the body', async () => {
    for (const [by, code, reason] of [
      [world.anonymous(), 'unauthorized', 'missing_credential'],
      [world.as(token), 'forbidden', 'credential_type'],
    ] as const) {
      for (const answer of [
        await by.post('/v1/api-keys', '{'),
        await by.post('/v1/api-keys', bodyOf(KIB_64 + 1)),
        await by.with({ 'content-type': 'text/plain' }).post('/v1/api-keys', 'x'),
      ]) {
        expect(answer).toBeProblem(code);
        await expect(answer).toHaveAudited(world, { action: 'api_key.create', outcome: 'denied', reason });
      }
    }
  });

  it.each(['application/problem+json', 'text/html, Application/Problem+JSON;q=0.9'])(
    'come as RFC 9457 to those who accept %s',
    async (accept) => {
      const answer = await world.root.with({ accept }).post('/v1/api-keys', { name: '' });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.body).toMatchObject({
        type: 'urn:tooken:problem:invalid_request',
        title: 'Invalid request',
        status: 400,
        detail: expect.any(String),
        instance: `urn:tooken:request:${answer.requestId}`,
        code: 'invalid_request',
        errors: [{ field: 'name', message: expect.any(String) }],
      });
      expect(answer.body).not.toHaveProperty('error');
    },
  );

  it('come as RFC 9457 also where no route, and no path, was found', async () => {
    for (const [path, status, title] of [
      ['/nowhere', 404, 'Not found'],
      ['/v1/%zz', 404, 'Not found'],
      ['/v1/workspaces', 405, 'Method not allowed'],
    ] as const) {
      const answer = await getRaw(world.urls[0]!, path, 'Accept: application/problem+json');
      expect(answer.header('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(JSON.parse(answer.text)).toMatchObject({ status, title });
    }
  });

  it('come as plain JSON to everybody else', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html', 'application/problem+xml']) {
      const answer = await world.root.with({ accept }).get('/v1/api-keys?limit=0');
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer).toBeProblem('invalid_request');
    }
  });

  it('HEAD answers as GET does, without the body; and leaves its event', async () => {
    const head = (path: string, ...lines: string[]) =>
      sendRaw(world.urls[0]!, [`HEAD ${path} HTTP/1.1`, ...lines]);
    const good = await head('/v1/me', `Authorization: Bearer ${world.rootKey}`);
    expect([good.status, good.text]).toEqual([200, '']);
    await expect(good).toHaveAudited(world, { action: 'me.read', outcome: 'success' });
    const refused = await head('/v1/me');
    expect([refused.status, refused.text]).toEqual([401, '']);
    await expect(refused).toHaveAudited(world, { action: 'me.read', reason: 'missing_credential' });
    expect((await head('/nowhere')).status).toBe(404);
  });
});
