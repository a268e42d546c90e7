import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { DASHBOARD, SCREENS } from '../../src/app.dashboard.js';
import { World } from '../support/world.js';

describe('the dashboard as it is served', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ dashboard: true });
  });
  afterAll(() => world.close());
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${world.urls[0]!}${path}`, { headers });

  it.each(SCREENS.map((path) => path.replace(':id', 'token_00000000000000000000000000')))(
    'is one page for the screen %s, which is never kept',
    async (path) => {
      const page = await get(path);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(await page.text()).toContain('<div id="root"></div>');
    },
  );

  it('lets in no script but its own files, and no style but those and its own of this very answer', async () => {
    const [first, second] = [await get('/'), await get('/')];
    const policy = first.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
    expect(policy).toContain(`script-src 'self';`);
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toContain('unsafe');
    expect(second.headers.get('content-security-policy')).not.toContain(nonce);
    const html = await first.text();
    expect(html).toContain(nonce);
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=| style=/);
    expect(first.headers.get('referrer-policy')).toBe('no-referrer');
    expect(first.headers.get('x-frame-options')).toBe('DENY');
  });

  it('names nothing that is not served here', async () => {
    const html = await (await get('/')).text();
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\//);
      expect({ link, status: (await get(link)).status }).toEqual({ link, status: 200 });
    }
  });

  it('has files that are kept for ever, since their names change with them, compressed when it was built', async () => {
    const name = readdirSync(join(DASHBOARD, 'assets')).find((file) => /^index-.*\.js$/.test(file))!;
    const plain = await raw(`/assets/${name}`, 'identity');
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    const br = await raw(`/assets/${name}`, 'gzip, deflate, br, zstd');
    const gzip = await raw(`/assets/${name}`, 'gzip');
    expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
    expect((await get(`/assets/${name}`, { 'if-none-match': plain.headers.etag! })).status).toBe(304);
  });

  it('is less than 500 kB of script in all, compressed, and less than 300 kB for who comes to sign in', () => {
    const scripts = readdirSync(join(DASHBOARD, 'assets')).filter((name) => name.endsWith('.js'));
    const signIn = scripts.find((name) => name.startsWith('sign-in-'))!;
    const first = new Set([...namedIn('index.html'), ...imported(signIn)]);
    expect(first.size).toBeGreaterThan(2);
    expect(gzipped([...first])).toBeLessThan(300_000);
    expect(gzipped(scripts)).toBeLessThan(500_000);
  });

  it.each([
    ['/nothing', 404],
    ['/settings/nothing', 404],
    ['/assets/nothing.js', 404],
    ['/assets/..%2findex.html', 404],
    ['/assets/%2e%2e%2f%2e%2e%2fpackage.json', 404],
    ['/index.html', 404],
    ['/v1/nothing', 404],
    ['/tokens/a/b', 404],
  ])('leaves the rest to the contract: %s is the same %d as ever', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: 'not_found',
      message: 'No such resource',
      request_id: answer.headers.get('x-request-id'),
    });
  });

  it('leaves no event', async () => {
    const count = async (): Promise<number> =>
      (await world.database.query('select from audit_events')).length;
    const before = await count();
    for (const path of ['/', '/tokens', '/favicon.svg', '/color-scheme.js', '/nothing']) await get(path);
    expect(await count()).toBe(before);
  });

  const gzipped = (names: string[]): number =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(DASHBOARD, 'assets', name))).length, 0);

  /** Scripts that the page itself loads, with all that these import. */
  function namedIn(page: string): string[] {
    const html = readFileSync(join(DASHBOARD, page), 'utf8');
    return [...html.matchAll(/\/assets\/([^"]+\.js)"/g)].flatMap(([, name]) => imported(name!));
  }

  /** The script and all that comes with it: not what it loads later, with `import()`. */
  function imported(name: string, found = new Set<string>()): string[] {
    if (found.has(name)) return [];
    found.add(name);
    const text = readFileSync(join(DASHBOARD, 'assets', name), 'utf8');
    for (const [, next] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      imported(next!, found);
    return [...found];
  }

  /** As it comes over the wire: fetch would decode it. */
  function raw(
    path: string,
    encoding: string,
  ): Promise<{ headers: Record<string, string | undefined>; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const headers = { 'accept-encoding': encoding };
      request(`${world.urls[0]!}${path}`, { headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            headers: response.headers as Record<string, string | undefined>,
            body: Buffer.concat(parts),
          }),
        );
      })
        .on('error', reject)
        .end();
    });
  }
});
