import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cleanUp, emptyFolder, logLines, processesOn, Product, run } from '../support/product.js';
import { unissued } from '../support/secret-format.js';

jest.setTimeout(120_000);
afterAll(cleanUp);

describe('npm start on an empty folder', () => {
  const dataDir = join(emptyFolder(), 'data');
  const settings = { TOOKEN_DATA_DIR: dataDir };
  let first: Product;
  beforeAll(async () => {
    first = await Product.start(settings, { command: ['npm', 'start'], cwd: process.cwd() });
  }, 120_000);

  it('prints where the API and its documentation are, and the first key, once', async () => {
    const { output, errors } = first.program;
    expect(output).toContain(`  API   ${first.url}\n  Docs  ${first.url}/docs\n`);
    expect(output.match(/tok_/g)).toHaveLength(1);
    expect(output).toContain('  Your first API key, shown this once and never again:\n');
    expect(errors).not.toContain('tok_');
    expect(output).toContain('  Make the first owner of the dashboard here, within 30 minutes:\n');
    expect(output).toMatch(new RegExp(`^ {2}${first.url}/setup#[\\w-]{43}$`, 'm'));
    expect(new URL(first.url).hostname).toBe('127.0.0.1');
    expect((await fetch(`${first.url}/docs`)).status).toBe(200);
  });

  it('gives a key with full access to the workspace "default"', async () => {
    const { status, body } = await first.as(first.key!).get('/v1/me');
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'api_key', scopes: '*', workspace: { slug: 'default' } });
    expect((await first.as(first.key!).post('/v1/workspaces', { name: 'another' })).status).toBe(201);
  });

  it('records the founding in the log of that workspace', async () => {
    const { body } = await first
      .as(first.key!)
      .get<{ data: { action: string; actor: object }[] }>('/v1/audit-events?actor_type=system&order=asc');
    expect(body.data.map(({ action }) => action)).toEqual([
      'workspace.create',
      'api_key.create',
      'setup.link',
    ]);
  });

  it('keeps its secret key readable by its owner only', () => {
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('secret.key'))).toEqual(['secret.key']);
  });

  it('is not done twice on the same folder: the second start says so in one sentence and leaves the first alone', async () => {
    const second = await run(['dist/bundle/main.js'], settings);

    expect(second.exitCode).toBe(1);
    expect(second.errors).toMatch(
      /^Tooken is already running on this folder \(pid \d+\); stop it first.*\n$/,
    );
    expect(second.output).toBe('');
    expect((await first.anonymous.get('/readyz')).status).toBe(200);
  });

  it('ends with npm, database included', async () => {
    await first.stop();
    expect(processesOn(dataDir)).toEqual([]);
  });

  it('is followed by starts that print no key, and on which the old key works', async () => {
    const second = await Product.start(settings);

    expect(second.key).toBeNull();
    expect(second.program.output).not.toContain('tok_');
    expect(second.program.output).toContain(`  API   ${second.url}\n  Docs  ${second.url}/docs\n`);
    expect((await second.as(first.key!).get('/v1/me')).status).toBe(200);
    expect(await second.stop()).toBe(0);
  });
});

describe('TOOKEN_BOOTSTRAP_API_KEY', () => {
  it('is the first key, in its own environment, and is not printed', async () => {
    const key = unissued('tok', 'test');
    const product = await Product.start({ TOOKEN_DATA_DIR: emptyFolder(), TOOKEN_BOOTSTRAP_API_KEY: key });

    const { body } = await product.as(key).get('/v1/me');
    expect(body).toMatchObject({ type: 'api_key', environment: 'test', workspace: { slug: 'default' } });
    expect(await product.stop()).toBe(0);
    expect(product.program.output).toContain(`tok_test_…${key.slice(-4)} (from TOOKEN_BOOTSTRAP_API_KEY)`);
    expect(`${product.program.output}${product.program.errors}`).not.toContain(key);
  });
});

describe('a first start whose port is taken', () => {
  let taken: Server;
  let port: number;
  const dataDir = emptyFolder();
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    ({ port } = taken.address() as AddressInfo);
  });
  afterAll(() => {
    taken.close();
  });

  it('says so in one sentence, and leaves nothing running', async () => {
    const failed = await run(['dist/bundle/main.js'], { TOOKEN_DATA_DIR: dataDir, PORT: String(port) });

    expect(failed.exitCode).toBe(1);
    expect(failed.errors).toBe(
      `Port ${String(port)} on 127.0.0.1 is taken; stop what uses it, or set PORT to another.\n`,
    );
    expect(logLines(failed.output)).toEqual([]);
    expect(processesOn(dataDir)).toEqual([]);
  });

  it('has not used up the first key: the next start shows it', async () => {
    const next = await Product.start({ TOOKEN_DATA_DIR: dataDir });

    expect(next.key).toMatch(/^tok_live_/);
    expect((await next.as(next.key!).get('/v1/me')).status).toBe(200);
    expect(await next.stop()).toBe(0);
  });
});

describe('a start with faults in its configuration', () => {
  it('lists all of them at once, quotes none, and starts nothing', async () => {
    const dataDir = join(emptyFolder(), 'data');
    const cwd = emptyFolder();
    const failed = await run(
      ['dist/bundle/main.js'],
      {
        TOOKEN_DATA_DIR: dataDir,
        PORT: '65536',
        DATABASE_URL: 'mysql://somebody:hidden@localhost/x',
        DATABASE_MIGRATION_URL: 'postgres:',
        TOOKEN_SECRET_KEY: 'aGlkZGVu',
        TOOKEN_BOOTSTRAP_API_KEY: 'tok_live_hidden',
        TOOKEN_ADMIN_EMAIL: 'nobody',
        TOOKEN_LEGACY_CREDENTIALS: 'cookie',
        TOOKEN_TRUST_PROXY: 'everybody',
        LOG_LEVEL: 'loud',
      },
      { cwd },
    );

    expect(failed.exitCode).toBe(1);
    const [headline, ...faults] = failed.errors.trimEnd().split('\n');
    expect(headline).toBe('The configuration has faults:');
    expect(faults.map((line) => /^ {2}- ([A-Z_]+) must be /.exec(line)?.[1]).sort()).toEqual([
      'DATABASE_MIGRATION_URL',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'TOOKEN_ADMIN_EMAIL',
      'TOOKEN_BOOTSTRAP_API_KEY',
      'TOOKEN_LEGACY_CREDENTIALS',
      'TOOKEN_SECRET_KEY',
      'TOOKEN_TRUST_PROXY',
    ]);
    expect(failed.errors).not.toMatch(/hidden|aGlkZGVu/);
    expect(failed.output).toBe('');
    expect(existsSync(dataDir)).toBe(false);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
