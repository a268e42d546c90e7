import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { cleanUp, Product } from '../support/product.js';

jest.setTimeout(120_000);

let database: EmptyDatabase;
let product: Product;
beforeAll(async () => {
  database = await emptyDatabase();
  product = await Product.start({
    DATABASE_URL: database.ownerUrl,
    TOOKEN_SECRET_KEY: randomBytes(32).toString('base64'),
  });
});
afterAll(async () => {
  await cleanUp();
  await database.drop();
});

describe('the documentation', () => {
  it('is a page whose every script, style and picture is served by the product itself', async () => {
    const page = await fetch(`${product.url}/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await page.text();

    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      const url = new URL(link, page.url);
      expect(url.origin).toBe(product.url);
      const asset = await fetch(url);
      const wanted = { css: /^text\/css/, js: /javascript/, png: /^image\/png/ }[link.split('.').at(-1)!];
      expect({ link, status: asset.status }).toEqual({ link, status: 200 });
      expect(asset.headers.get('content-type')).toMatch(wanted!);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
  });

  it('has the OpenAPI document beside it, which is the committed one', async () => {
    const { status, headers, body } = await product.anonymous.get('/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    const committed = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8');
    // Says only whether, since both are long: `npm run openapi` writes the committed one anew.
    expect(JSON.stringify(body) === JSON.stringify(JSON.parse(committed))).toBe(true);
  });
});

describe('the routes for orchestrators', () => {
  it.each(['/livez', '/readyz'])('%s says ok', async (path) => {
    const { status, body, headers } = await product.anonymous.get(path);
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'ok' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('/metrics speaks Prometheus, counts answers by route template and misses no event', async () => {
    await product.as(product.key!).get('/v1/tokens/token_00000000000000000000000000');
    const { status, headers, text } = await product.anonymous.get('/metrics');

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('http_answers_total{route="/v1/tokens/:id",method="GET",status="404"} 1');
    expect(text).toMatch(/^audit_missing_total 0$/m);
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^(?:|# (?:HELP|TYPE) \w+ .+|\w+(?:\{[^}]*\})? \S+)$/);
    }
  });

  it('leave no event', async () => {
    const { body } = await product
      .as(product.key!)
      .get<{ data: { request: { route: string } | null }[] }>('/v1/audit-events?limit=1000');
    const routes = body.data.map(({ request }) => request?.route ?? '/v1/');
    expect(routes.filter((route) => !route.startsWith('/v1/'))).toEqual([]);
  });
});
