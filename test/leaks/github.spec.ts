import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GithubKeys } from '../../src/leaks/github-keys.js';
import { parsePublicKeys, readPublicKeys } from '../../src/platform/config/public-keys.js';
import { Problem } from '../../src/platform/errors/problem.js';
import type { Answer } from '../support/caller.js';
import { everythingStored } from '../support/everything-stored.js';
import { unissued } from '../support/secret-format.js';
import { TestClock } from '../support/test-clock.js';
import { World, type Json } from '../support/world.js';

const ID = 'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const documentOf = (key: string, id = ID): string =>
  JSON.stringify({ public_keys: [{ key_identifier: id, key, is_current: true }] });
const DOCUMENT = documentOf(publicKey.export({ type: 'spki', format: 'pem' }).toString());

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

describe('alerts of GitHub’s secret scanning', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { TOOKEN_GITHUB_SECRET_SCANNING_KEYS: DOCUMENT } });
  });
  afterAll(() => world.close());
  // A minute of its own for each test: refusals of one minute may fold.
  beforeEach(() => {
    world.clock.advance(60_000);
  });

  const send = (
    body: unknown,
    headers: Record<string, string> = {},
    key = privateKey,
  ): Promise<Answer<Json[]>> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return world
      .anonymous()
      .with({
        'github-public-key-identifier': ID,
        'github-public-key-signature': sign('sha256', Buffer.from(text), key).toString('base64'),
        ...headers,
      })
      .post<Json[]>('/v1/leaks/github', text);
  };
  const alert = (token: string, more: object = {}) => ({
    token,
    type: 'tooken_token',
    source: 'commit',
    url: 'https://example.com/x',
    ...more,
  });

  it('stop what each value opens, and say of each whether it was issued here', async () => {
    const { id: workspace_id, key } = await world.workspace('Owner');
    const owner = world.as(key);
    const token = await world.token({}, owner);
    const dead = await world.token({}, owner);
    await owner.delete(`/v1/tokens/${dead.id}`);
    const unknown = unissued('tkn');
    const url = `https://example.com/search?q=${token.token}`;

    const answer = await send([
      alert(token.token, { url }),
      alert(unknown),
      alert(dead.token),
      { token: 'x', future: 1 },
    ]);

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      { token_hash: hashOf(token.token), token_type: 'tooken_token', label: 'true_positive' },
      { token_hash: hashOf(unknown), token_type: 'tooken_token', label: 'false_positive' },
      { token_hash: hashOf(dead.token), token_type: 'tooken_token', label: 'true_positive' },
      { token_hash: hashOf('x'), token_type: '', label: 'false_positive' },
    ]);
    expect(await world.verify(token.token, {}, owner)).toMatchObject({ code: 'revoked' });
    const events = await world.eventsOf(answer.requestId);
    expect(events.map((event) => [event.workspace_id, event.target_id, event.action, event.count])).toEqual([
      [workspace_id, token.id, 'secret.report', 1],
      ['instance', null, 'secret.report', 1],
      [workspace_id, dead.id, 'secret.report', 1],
      ['instance', null, 'secret.report', 1],
    ]);
    expect(events[0]!.details).toEqual({
      known: true,
      hint: token.hint,
      reporter: 'github',
      type: 'tooken_token',
      source: 'commit',
      url: 'https://example.com/search?q=…',
      stopped: true,
      revoked: 1,
      revoked_ids: [token.id],
    });
    const stored = await everythingStored(world.database);
    for (const value of [token.token, unknown]) expect(stored).not.toContain(value.slice(9));
  });

  it('may name one value twice', async () => {
    const { token } = await world.token();
    const { body } = await send([alert(token), alert(token)]);
    expect(body.map(({ label }) => label)).toEqual(['true_positive', 'true_positive']);
  });

  it('count only with a signature of GitHub’s over the very bytes', async () => {
    const { token } = await world.token();
    const text = JSON.stringify([alert(token)]);
    const good = sign('sha256', Buffer.from(text), privateKey).toString('base64');
    const without = world.anonymous();
    const refused = [
      await send(text, {}, stranger),
      await send(text, { 'github-public-key-identifier': 'unknown' }),
      await send(text, { 'github-public-key-identifier': '../../etc' }),
      await send(text, { 'github-public-key-signature': 'AAAA' }),
      await send(text, { 'github-public-key-signature': '' }),
      await send(`${text} `, { 'github-public-key-signature': good }),
      await send(text.replace('commit', 'Commit'), { 'github-public-key-signature': good }),
      await without.post<Json[]>('/v1/leaks/github', text),
      await without.post<Json[]>('/v1/leaks/github'),
      await world.root.post<Json[]>('/v1/leaks/github', text),
    ];
    for (const answer of refused) {
      expect(answer).toBeProblem('unauthorized');
      await expect(answer).toHaveAudited(world, {
        action: 'secret.report',
        outcome: 'denied',
        workspace_id: 'instance',
      });
    }
    expect(await world.verify(token)).toMatchObject({ valid: true });
    expect((await send(text, { 'github-public-key-signature': good })).status).toBe(200);
  });

  it.each([
    ['{', ['']],
    [{}, ['']],
    [[], ['']],
    ['', ['']],
    [Array(501).fill({ token: 'x' }), ['']],
    [
      ['x', {}, { token: 7 }, { token: '' }],
      ['[0]', '[1].token', '[2].token', '[3].token'],
    ],
    ['[{"token":"a","token":"b"}]', ['[0].token']],
  ])('refuse what cannot be read, and then stop nothing: %j', async (body, fields) => {
    const answer = await send(body);
    expect(answer).toBeProblem('invalid_request', fields);
    await expect(answer).toHaveAudited(world, { action: 'secret.report', reason: 'invalid_request' });
  });

  it('refuse a body above 64 KiB and one that is no JSON by its type', async () => {
    expect(await send([alert('x'.repeat(70_000))])).toBeProblem('payload_too_large');
    expect(await send('[]', { 'content-type': 'text/plain' })).toBeProblem('unsupported_media_type');
  });

  it('are not served unless the operator has said by which keys', async () => {
    const closed = await World.start();
    try {
      const answer = await closed.anonymous().post('/v1/leaks/github', [alert('x')]);
      expect(answer).toBeProblem('not_found');
      await expect(answer).toHaveAudited(closed, { action: 'secret.report', reason: 'not_found' });
    } finally {
      await closed.close();
    }
  });
});

describe('the keys of GitHub’s secret scanning', () => {
  it('verify the example of GitHub’s own documentation', () => {
    const text =
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==';
    const key = parsePublicKeys(
      documentOf(`-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`),
    )!.get(ID)!;
    const payload =
      '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]';
    const signature =
      'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==';
    expect(verify('sha256', Buffer.from(payload), key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('can be given in a file, and are refused if they are none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tooken-keys-'));
    try {
      writeFileSync(join(folder, 'keys.json'), DOCUMENT);
      expect([...(readPublicKeys(join(folder, 'keys.json')) as Map<string, unknown>).keys()]).toEqual([ID]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({
      type: 'spki',
      format: 'pem',
    });
    for (const text of [
      '',
      '{}',
      '{"public_keys":[]}',
      '{"public_keys":[{}]}',
      documentOf(other.toString()),
    ]) {
      expect(parsePublicKeys(text)).toBeUndefined();
    }
  });

  it('are fetched once for all who wait, kept for an hour, and asked for anew for an unknown id, once a minute', async () => {
    let asked = 0;
    let status = 200;
    const server = createServer((_request, response) => {
      asked++;
      response.writeHead(status).end(DOCUMENT);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const clock = new TestClock();
    clock.hold();
    const keys = new GithubKeys('fetch', clock, async () => {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error('away');
      return answer.text();
    });
    try {
      const found = await Promise.all([keys.find(ID), keys.find(ID), keys.find('unknown')]);
      expect([found.map((key) => key !== null), asked]).toEqual([[true, true, false], 1]);
      clock.advance(59_999);
      expect([await keys.find('unknown'), asked]).toEqual([null, 1]);
      clock.advance(1);
      expect([await keys.find('unknown'), asked]).toEqual([null, 2]);
      status = 500;
      clock.advance(3_599_999);
      expect(await keys.find(ID)).not.toBeNull();
      clock.advance(1);
      const failure: unknown = await keys.find(ID).catch((error: unknown) => error);
      expect(failure instanceof Problem && failure.code).toBe('unavailable');
      status = 200;
      expect([await keys.find(ID), asked]).toEqual([expect.anything(), 4]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
