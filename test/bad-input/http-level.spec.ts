import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { anotherAddress } from '../support/addresses.js';
import { person } from '../support/people.js';
import { World } from '../support/world.js';
import { inBatches } from './batches.js';
import { leastBody, objectJson, OPERATIONS, type Operation } from './operations.js';
import { stored } from './stored.js';
import { thingsOf, withThing } from './things.js';
import { converse, message, type WireAnswer } from './wire.js';

interface Refusal {
  name: string;
  headers?: string[];
  body: string | Buffer;
  code: string;
  fields?: string[];
}

const STATUS: Record<string, number> = {
  invalid_request: 400,
  credential_in_body: 400,
  payload_too_large: 413,
  unsupported_media_type: 415,
};

const NO_JSON = [
  ...[' ', '\n', '{', '}', '{"name":"x"', '{"name":"x",}', "{'name':'x'}", '{name:"x"}', '{} {}', '{}x'],
  ...[
    '//\n{}',
    '/**/{}',
    'undefined',
    'NaN',
    '{"name":NaN}',
    '{"name":Infinity}',
    '{"name":0x1}',
    '{"name":01}',
  ],
  ...[
    '{"name":+1}',
    '{"name":.5}',
    '{"name":"a\nb"}',
    '{"name":"\\x41"}',
    '{"name":"\\u00"}',
    '\u0000',
    '<a/>',
  ],
  ...['name=x', '\ufeff\ufeff{}'],
];

const NO_UTF8: Record<string, Buffer> = {
  'a byte that is none': Buffer.from('{"name":"\xff"}', 'latin1'),
  'Latin-1': Buffer.from('{"name":"\xe9"}', 'latin1'),
  'an overlong slash': Buffer.from('{"name":"\xc0\xaf"}', 'latin1'),
  'an encoded surrogate': Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1'),
  'cut short': Buffer.from('{"name":"\xf0\x9f\x92', 'latin1'),
  compressed: gzipSync('{"name":"x"}'),
};

const OTHER_TYPES = [
  ...['text/plain', 'text/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
  ...[
    'application/jsonx',
    'application/problem+json',
    'application/json, text/plain',
    '*/*',
    '__proto__',
    ';',
  ],
  `application/${'x'.repeat(5000)}`,
];

const BODY_LIMIT = 64 * 1024;

/** What any call that takes a body must refuse, whatever it is about. */
function wholeBodies(operation: Operation): Refusal[] {
  const good = objectJson(leastBody(operation));
  const json = ['Content-Type: application/json'];
  const refused = (name: string, body: string | Buffer, ...fields: string[]): Refusal => ({
    name,
    headers: json,
    body,
    code: 'invalid_request',
    fields,
  });
  // What asks for no credential knows of no place where one must not stand.
  const isOfItsOwn = good.includes('"api_key"');
  return [
    ...NO_JSON.map((text) => refused(JSON.stringify(text), text, '')),
    ...Object.entries(NO_UTF8).map(([name, bytes]) => refused(name, bytes, '')),
    refused('UTF-16', Buffer.from(good, 'utf16le'), ''),
    refused('no object', '[[[[]]]]', ''),
    refused('a list without an end', '['.repeat(60_000), '[0][0][0][0]'),
    refused('an object without an end', '{"a":'.repeat(12_000), 'a.a.a.a'),
    refused('a number of 60,000 digits', '9'.repeat(60_000), ''),
    ...OTHER_TYPES.map((type) => ({
      name: type.slice(0, 40),
      headers: [`Content-Type: ${type}`],
      body: good,
      code: 'unsupported_media_type',
    })),
    { name: 'no type', body: good, code: 'unsupported_media_type' },
    {
      name: 'compressed, and said so',
      headers: [...json, 'Content-Encoding: gzip'],
      body: gzipSync(good),
      code: 'unsupported_media_type',
    },
    {
      name: 'said to be compressed',
      headers: [...json, 'Content-Encoding: br'],
      body: good,
      code: 'unsupported_media_type',
    },
    {
      name: 'one byte too many',
      headers: json,
      body: good.padEnd(BODY_LIMIT + 1),
      code: 'payload_too_large',
    },
    ...(isOfItsOwn
      ? []
      : [
          {
            name: 'a credential',
            headers: json,
            body: '{"surprise":1,"api_key":"x"}',
            code: 'credential_in_body',
            fields: ['api_key'],
          },
        ]),
  ];
}

describe('what is no proper HTTP or JSON', () => {
  let world: World;
  let things: Record<string, string>;
  /** Of an owner who is signed in. */
  let cookie: string;
  const log: string[] = [];
  beforeAll(async () => {
    world = await World.start({
      onLog: (line) => log.push(line),
      env: { TOOKEN_TRUST_PROXY: '127.0.0.1', TOOKEN_SIGNUP: 'open' },
    });
    const owner = await person(world, 'owner');
    ({ cookie } = owner);
    world.clock.hold();
    things = await thingsOf(world, owner.by);
  });
  afterAll(async () => {
    const { text } = await world.anonymous().get('/metrics');
    await world.close();
    expect(text).toMatch(/^audit_missing_total 0$/m);
    // Nobody is woken for what a stranger sends.
    expect(log).toEqual([]);
  });

  let asked = 0;
  /** Head lines of a request that is admitted; its answer has this request id. */
  const head = (requestLine: string, ...lines: string[]) => headFor('credentials', requestLine, ...lines);
  const headFor = (callers: Operation['callers'], requestLine: string, ...lines: string[]) => {
    const id = `wire-${String(++asked)}`;
    const credential = {
      people: [`Cookie: ${cookie}`, 'Origin: http://tooken'],
      credentials: [`Authorization: Bearer ${world.rootKey}`],
      anybody: [`X-Forwarded-For: ${anotherAddress()}`],
    };
    return {
      id,
      lines: [requestLine, 'Host: tooken', ...credential[callers], `X-Request-Id: ${id}`, ...lines],
    };
  };
  const send = (bytes: string | Buffer) => converse(world.urls[0]!, bytes);
  const count = async () =>
    (await world.database.query<{ count: number }>('select count(*)::int as count from audit_events'))[0]!
      .count;
  const eventsOf = async (id: string) =>
    (await world.eventsOf(id)).map(({ action, outcome, reason }) => [action, outcome, reason].join(' '));
  /** A contract's error: its code and the fields it names. */
  const problemIn = ({ status, headers, text }: WireAnswer, id = headers.get('x-request-id')) => {
    const { error, details, request_id, ...more } = JSON.parse(text) as {
      error: string;
      details?: { field: string }[];
      request_id: string;
    };
    expect(Object.keys(more)).toEqual(['message']);
    expect([request_id, headers.get('x-request-id')]).toEqual([id, id]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    return { status, code: error, fields: details?.map(({ field }) => field) };
  };

  it.each(
    OPERATIONS.filter(({ body }) => body !== null).map((each) => [each.method, each.path, each] as const),
  )('%s %s takes nothing but one JSON object of at most 64 KiB', async (method, _path, operation) => {
    const before = await stored(world.database);
    const refusals = wholeBodies(operation);
    const found = await inBatches(refusals, async ({ name, headers = [], body }) => {
      const { id, lines } = headFor(
        operation.callers,
        `${method} ${withThing(operation.path, things)} HTTP/1.1`,
        `Content-Length: ${String(Buffer.byteLength(body))}`,
        'Connection: close',
        // What an open route refuses folds, having no caller who is known.
        `X-Forwarded-For: ${anotherAddress()}`,
        ...headers,
      );
      const answers = await send(message(lines, body));
      expect(answers).toHaveLength(1);
      const events = (await world.eventsOf(id)).map(({ outcome, reason }) => [outcome, reason].join(' '));
      return { name, ...problemIn(answers[0]!, id), events };
    });
    expect(found).toEqual(
      refusals.map(({ name, code, fields }) => ({
        name,
        status: STATUS[code],
        code,
        fields,
        events: [`${operation.callers === 'anybody' ? 'denied' : 'failure'} ${code}`],
      })),
    );
    expect(await stored(world.database)).toEqual(before);
  });

  it.each(
    OPERATIONS.filter(({ method }) => method === 'GET').map(({ path, callers }) => [path, callers] as const),
  )('GET and HEAD %s take no body, of whatever type and length', async (path, callers) => {
    for (const method of ['GET', 'HEAD']) {
      for (const [body, ...lines] of [
        ['{"a":1}', 'Content-Type: application/json', 'Content-Length: 7'],
        ['{"api_key":"x"}', 'Content-Length: 15'],
        ['1\r\nx\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'],
      ]) {
        const { id, lines: all } = headFor(
          callers,
          `${method} ${withThing(path, things)} HTTP/1.1`,
          'Connection: close',
          ...lines,
        );
        const [answer] = await converse(world.urls[0]!, message(all, body));
        expect(answer!.status).toBe(400);
        if (method === 'GET')
          expect(problemIn(answer!, id)).toEqual({ status: 400, code: 'invalid_request', fields: [''] });
        expect((await world.eventsOf(id)).map(({ reason }) => reason)).toEqual(['invalid_request']);
      }
    }
  });

  it.each([
    ['a length below zero', ['POST /v1/tokens HTTP/1.1', 'Host: a', 'Content-Length: -1']],
    ['a length that is no number', ['POST /v1/tokens HTTP/1.1', 'Host: a', 'Content-Length: x']],
    ['a hexadecimal length', ['POST /v1/tokens HTTP/1.1', 'Host: a', 'Content-Length: 0x10']],
    [
      'a length beyond counting',
      ['POST /v1/tokens HTTP/1.1', 'Host: a', `Content-Length: ${'9'.repeat(30)}`],
    ],
    ['two lengths', ['POST /v1/tokens HTTP/1.1', 'Host: a', 'Content-Length: 2', 'Content-Length: 3']],
    [
      'the same length twice',
      ['POST /v1/tokens HTTP/1.1', 'Host: a', 'Content-Length: 2', 'Content-Length: 2'],
    ],
    [
      'a length and chunks',
      ['POST /v1/me HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
    ],
    ['chunks of chunks', ['POST /v1/me HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked, chunked']],
    ['a folded header', ['GET /v1/me HTTP/1.1', 'Host: a', 'X-A: a', ' b']],
    ['NUL in a header', ['GET /v1/me HTTP/1.1', 'Host: a', 'X-A: a\0b']],
    ['a space before the colon', ['GET /v1/me HTTP/1.1', 'Host: a', 'X-A : b']],
    ['a header without a name', ['GET /v1/me HTTP/1.1', 'Host: a', ': b']],
    ['a header of 20,000 characters', ['GET /v1/me HTTP/1.1', 'Host: a', `X-A: ${'a'.repeat(20_000)}`]],
    ['a URL of 20,000 characters', [`GET /v1/me?${'a'.repeat(20_000)} HTTP/1.1`, 'Host: a']],
    ['letters beyond ASCII in the URL', ['GET /v1/tokens/\xe9 HTTP/1.1', 'Host: a']],
    ['a space in the URL', ['GET /v1/tokens/a b HTTP/1.1', 'Host: a']],
    ['a method nobody knows', ['FROB /v1/me HTTP/1.1', 'Host: a']],
    ['a method in lower case', ['get /v1/me HTTP/1.1', 'Host: a']],
    ['a tunnel', ['CONNECT example.com:443 HTTP/1.1', 'Host: a']],
    ['HTTP/2', ['PRI * HTTP/2.0', '', 'SM']],
    ['a version nobody knows', ['GET /v1/me HTTP/3.7', 'Host: a']],
    ['TLS', ['\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03']],
    ['line feeds alone', ['GET /v1/me HTTP/1.1\nHost: a\n']],
  ])(
    '%s has no route: 400 in the contract’s shape, the connection closed, no event',
    async (_what, lines) => {
      const before = await count();
      const [answer, ...more] = await send(message(lines));
      expect(problemIn(answer!)).toEqual({ status: 400, code: 'invalid_request', fields: [''] });
      expect(answer!.headers.get('x-request-id')).toMatch(/^req_/);
      expect(answer!.headers.get('connection')).toBe('close');
      expect(more).toEqual([]);
      expect(await count()).toBe(before);
    },
  );

  it.each([
    ['a chunk without a length', 'Transfer-Encoding: chunked', '1\r\n{\r\nzz\r\n"name":"x"}\r\n0\r\n\r\n'],
    ['a chunk longer than it says', 'Transfer-Encoding: chunked', '2\r\n{"name":"x"}\r\n0\r\n\r\n'],
    ['another coding than chunks', 'Transfer-Encoding: gzip', '{"name":"x"}'],
  ])('%s is refused and recorded, like any request that found its route', async (_what, coding, body) => {
    const before = await stored(world.database);
    const { id, lines } = head('POST /v1/api-keys HTTP/1.1', 'Content-Type: application/json', coding);
    const [answer, ...more] = await send(message(lines, body));
    expect(problemIn(answer!, id)).toEqual({ status: 400, code: 'invalid_request', fields: [''] });
    expect(more).toEqual([]);
    expect(await eventsOf(id)).toEqual(['api_key.create failure invalid_request']);
    expect(await stored(world.database)).toEqual(before);
  });

  it.each([
    ['ends its side', (socket: { end: () => unknown }) => socket.end()],
    ['is gone', (socket: { destroy: () => unknown }) => socket.destroy()],
    ['breaks off', (socket: { resetAndDestroy: () => unknown }) => socket.resetAndDestroy()],
  ])(
    'a client who %s in the middle of its body changes nothing and leaves one event',
    async (_how, leave) => {
      const before = await stored(world.database);
      const { id, lines } = head(
        'POST /v1/api-keys HTTP/1.1',
        'Content-Type: application/json',
        'Content-Length: 100',
        'Expect: 100-continue',
      );
      // Only once the server has asked for the body does it read it.
      await converse(world.urls[0]!, message(lines, '{"name":'), (socket) => {
        socket.once('data', () => leave(socket));
      });
      while ((await eventsOf(id)).length === 0);
      expect(await eventsOf(id)).toEqual(['api_key.create failure invalid_request']);
      expect(await stored(world.database)).toEqual(before);
      expect((await world.root.get('/v1/me')).status).toBe(200);
    },
  );

  it('a client who is gone before the answer leaves one event and one key', async () => {
    const { id, lines } = head(
      'POST /v1/api-keys HTTP/1.1',
      'Content-Type: application/json',
      'Content-Length: 12',
    );
    await converse(world.urls[0]!, message(lines, '{"name":"x"}'), (socket) => socket.end());
    while ((await eventsOf(id)).length === 0);
    expect(await eventsOf(id)).toEqual(['api_key.create success ']);
  });

  it('what follows a request and is none takes nothing from its answer', async () => {
    const { id, lines } = head(
      'POST /v1/api-keys HTTP/1.1',
      'Content-Type: application/json',
      'Content-Length: 12',
    );
    const answers = await send(message(lines, '{"name":"x"}, and more'));
    expect(answers.map(({ status }) => status)).toEqual([201]);
    expect(answers[0]!.headers.get('connection')).toBe('close');
    expect(await eventsOf(id)).toEqual(['api_key.create success ']);
  });

  it('requests sent at once are answered in their order, each with its own event', async () => {
    const requests = [
      head('GET /v1/me HTTP/1.1'),
      head('GET /v1/me?surprise=1 HTTP/1.1'),
      head('GET /nowhere HTTP/1.1'),
      head('GET /v1/tokens HTTP/1.1', 'Connection: close'),
    ];
    const answers = await send(Buffer.concat(requests.map(({ lines }) => message(lines))));
    expect(answers.map(({ status, headers }) => [status, headers.get('x-request-id')])).toEqual(
      [200, 400, 404, 200].map((status, at) => [status, requests[at]!.id]),
    );
    expect(await inBatches(requests, ({ id }) => eventsOf(id))).toEqual([
      ['me.read success '],
      ['me.read failure invalid_request'],
      [],
      ['token.list success '],
    ]);
  });

  it.each([
    ['no Host', []],
    ['two Hosts', ['Host: a', 'Host: b']],
    ['the same Host twice', ['Host: a', 'Host: a']],
  ])('%s is refused and recorded (RFC 9112 §3.2)', async (_what, hosts) => {
    const { id, lines } = head('GET /v1/me HTTP/1.1', 'Connection: close');
    const [answer] = await send(message([...lines.filter((line) => !line.startsWith('Host')), ...hosts]));
    expect(problemIn(answer!, id)).toEqual({ status: 400, code: 'invalid_request', fields: ['Host'] });
    expect(await eventsOf(id)).toEqual(['me.read failure invalid_request']);
  });

  it('an expectation nobody knows changes nothing of the answer', async () => {
    const { id, lines } = head('GET /v1/me HTTP/1.1', 'Expect: tea', 'Connection: close');
    expect((await send(message(lines))).map(({ status }) => status)).toEqual([200]);
    expect(await eventsOf(id)).toEqual(['me.read success ']);
  });

  it('no number of headers hides a second credential', async () => {
    const filler = Array<string>(2200).fill('a:');
    const { id, lines } = head(
      'GET /v1/me HTTP/1.1',
      ...filler,
      `Authorization: Bearer ${world.rootKey}`,
      'Connection: close',
    );
    const [answer] = await send(message(lines));
    expect(problemIn(answer!, id)).toEqual({ status: 401, code: 'unauthorized', fields: undefined });
    expect(await eventsOf(id)).toEqual(['me.read denied malformed_credential']);
  });

  it.each([
    ['the whole URL', 'GET http://elsewhere.example/v1/me HTTP/1.1', 200],
    ['an offer to change the protocol', 'GET /v1/me HTTP/1.1', 200],
    ['a path with two dots', 'GET /v1/tokens/../me HTTP/1.1', 404],
    ['a doubled slash', 'GET //v1/me HTTP/1.1', 404],
    ['a closing slash', 'GET /v1/me/ HTTP/1.1', 404],
    ['a semicolon', 'GET /v1/me;a=b HTTP/1.1', 404],
    ['an asterisk', 'OPTIONS * HTTP/1.1', 404],
    ['a fragment', 'GET /v1/me#a HTTP/1.1', 400],
  ])('%s is read as it stands', async (_what, requestLine, status) => {
    const { id, lines } = head(requestLine, 'Upgrade: websocket', 'Connection: close, upgrade');
    const answers = await send(message(lines));
    expect(answers.map((answer) => [answer.status, answer.headers.get('x-request-id')])).toEqual([
      [status, id],
    ]);
    expect(await eventsOf(id)).toHaveLength(status === 404 ? 0 : 1);
  });

  it('a connection without a request, or with half of one, does not hold up the end', async () => {
    const ending = await World.start();
    const kept = [
      '',
      'GET /v1/me HTTP/1.1\r\n',
      'POST /v1/me HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{',
    ];
    let connected = 0;
    const conversations = kept.map((bytes) => converse(ending.urls[0]!, bytes, () => connected++));
    while (connected < kept.length) await ending.root.get('/livez');
    await ending.close();
    expect(await Promise.all(conversations)).toHaveLength(kept.length);
  });
});
