import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ExportCheck } from '../../src/audit-log/streams/check-export.js';
import { cleanUp, emptyFolder, processesOn, Product, type Program, run } from '../support/product.js';

jest.setTimeout(120_000);

const dataDir = emptyFolder();
const settings = { TOOKEN_DATA_DIR: dataDir };
const tooken = (...args: string[]): Promise<Program> => run(['dist/bundle/cli.js', ...args], settings);

interface NewWorkspace {
  id: string;
  slug: string;
  api_key: string;
}

let alone: Program;
let product: Product;
beforeAll(async () => {
  alone = await tooken('workspace', 'create', 'Made before the first start');
  product = await Product.start(settings);
});
afterAll(cleanUp);

describe('without a running product, on an empty folder', () => {
  it('workspace create prints the workspace and its first key as JSON, and nothing else', () => {
    expect(alone.exitCode).toBe(0);
    expect(alone.errors).toBe('');
    expect(JSON.parse(alone.output)).toEqual({
      id: expect.stringMatching(/^ws_[0-9a-z]{26}$/),
      name: 'Made before the first start',
      slug: 'made-before-the-first-start',
      strict_scopes: false,
      max_token_ttl: null,
      require_expiry: false,
      default_prefix: null,
      reuse_policy: 'alert',
      inactive_after_days: null,
      allowed_management_ips: null,
      created_at: expect.stringMatching(/Z$/),
      api_key: expect.stringMatching(/^tok_live_[0-9A-Za-z]{36}$/),
    });
  });

  it('the key works once the product runs', async () => {
    const { id, api_key: key } = JSON.parse(alone.output) as NewWorkspace;
    expect((await product.as(key).get('/v1/me')).body).toMatchObject({ workspace: { id } });
  });

  it('does not take the first start’s part: that still makes the operator workspace and prints its key', async () => {
    expect(product.key).not.toBeNull();
    const { body } = await product.as(product.key!).get('/v1/me');
    expect(body).toMatchObject({ workspace: { slug: 'default' } });
  });
});

describe('beside the running product', () => {
  it('workspace create, by npm run, makes a workspace whose key works at once', async () => {
    const made = await run(
      ['npm', 'run', '--silent', 'tooken', '--', 'workspace', 'create', 'Beside'],
      settings,
      { cwd: process.cwd() },
    );

    expect(made).toMatchObject({ exitCode: 0 });
    const { id, slug, api_key: key } = JSON.parse(made.output) as NewWorkspace;
    const { status, body } = await product.as(key).get('/v1/me');
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'api_key', environment: 'live', workspace: { id, slug } });
  });

  it('api-key create makes a key of the workspace "default", or of another, in either environment', async () => {
    const [plain, other] = await Promise.all([
      tooken('api-key', 'create', 'Spare'),
      tooken(
        ...['api-key', 'create', 'Spare', '--workspace', 'made-before-the-first-start'],
        ...['--environment', 'test'],
      ),
    ]);

    for (const [made, workspace, environment] of [
      [plain, 'default', 'live'],
      [other, 'made-before-the-first-start', 'test'],
    ] as const) {
      expect(made).toMatchObject({ exitCode: 0, errors: '' });
      const { key, name } = JSON.parse(made.output) as { key: string; name: string };
      expect(name).toBe('Spare');
      expect((await product.as(key).get('/v1/me')).body).toMatchObject({
        environment,
        workspace: { slug: workspace },
      });
    }
  });

  it('tokens import imports a file, or says what is wrong in which line; tried dry, it leaves nothing', async () => {
    const file = join(emptyFolder(), 'keys.ndjson');
    const item = (value: string, more = {}) =>
      JSON.stringify({ name: 'Acme', scopes: ['invoices:read'], value, ...more });
    const values = Array.from({ length: 501 }, (_each, at) => `acme-${String(at)}-8f14e45fceea467f`);
    const verify = async (token: string) =>
      (await product.as(product.key!).post('/v1/tokens/verify', { token })).body.valid;

    await writeFile(
      file,
      `${item(values[0]!)}\n\n${item('short')}\n{"name":\n${item('x'.repeat(9), { hash: 'sha256' })}`,
    );
    const faulty = await tooken('tokens', 'import', file);
    expect(faulty.exitCode).toBe(1);
    expect(JSON.parse(faulty.output)).toMatchObject({
      ok: false,
      imported: 0,
      faults: [
        { line: 3, field: 'value' },
        { line: 4, field: '' },
        { line: 5, field: 'value' },
      ],
    });

    await writeFile(file, values.map((value) => item(value)).join('\n'));
    const dry = await tooken('tokens', 'import', file, '--dry-run');
    expect(JSON.parse(dry.output)).toMatchObject({ ok: true, imported: 501, existing: 0 });
    expect(await verify(values[0]!)).toBe(false);

    const done = await tooken('tokens', 'import', file);
    expect(done).toMatchObject({ exitCode: 0, errors: '' });
    const again = await tooken('tokens', 'import', file);
    expect(JSON.parse(again.output)).toMatchObject({ ok: true, imported: 0, existing: 501 });
    for (const value of [values[0]!, values[500]!]) expect(await verify(value)).toBe(true);
    const { body } = await product.as(product.key!).post('/v1/tokens/verify', { token: values[500] });
    const { data } = (
      await product
        .as(product.key!)
        .get<{ data: unknown[] }>(
          `/v1/audit-events?action=token.import&actor_type=system&target_id=${String(body.token_id)}`,
        )
    ).body;
    expect(data).toMatchObject([{ details: { status: 'exists' } }, { details: { status: 'imported' } }]);
  });

  it('audit verify proves an export with the key, says that nothing is proven without, and refuses what is not signed', async () => {
    const folder = emptyFolder();
    const caller = product.as(product.key!);
    const { body: key } = await caller.get('/v1/audit-log/public-key');
    const { text: exported } = await caller.get('/v1/audit-events/export?format=ndjson');
    const unsigned = exported.replace(/"checkpoint":"[^"]*"/, '"checkpoint":null');
    expect(unsigned).not.toBe(exported);
    const fileOf = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const [whole, forged, keyFile, noKey] = await Promise.all([
      fileOf('export.ndjson', exported),
      fileOf('unsigned.ndjson', unsigned),
      fileOf('key.json', JSON.stringify(key)),
      fileOf('no-key.txt', 'nonsense\n'),
    ]);
    const verify = async (...args: string[]): Promise<unknown> => {
      const { exitCode, output, errors } = await tooken('audit', 'verify', ...args);
      const { ok, proven, size, fault } = JSON.parse(output) as ExportCheck;
      return { exitCode, ok, isProven: ok && size > 0 && proven === size, fault: fault?.message, errors };
    };
    const unproven = {
      exitCode: 0,
      ok: true,
      isProven: false,
      errors: expect.stringMatching(/^Nothing is proven: /),
    };
    const refused = { exitCode: 1, ok: false, isProven: false, errors: '' };

    expect(await verify(whole, '--public-key', keyFile)).toEqual({
      exitCode: 0,
      ok: true,
      isProven: true,
      errors: '',
    });
    expect(await verify(whole)).toEqual(unproven);
    expect(await verify(forged)).toEqual(unproven);
    expect(await verify(forged, '--public-key', keyFile)).toEqual({
      ...refused,
      fault: expect.stringMatching(/^the export has no signed checkpoint/),
    });
    for (const file of [whole, forged]) {
      expect(await verify(file, '--public-key', noKey)).toEqual({
        ...refused,
        fault: 'the public key cannot be read: malformed verifier key',
      });
    }
  });

  it('workspace lift-ips lets credentials call from anywhere again', async () => {
    const policy = { allowed_management_ips: ['127.0.0.1/32'] };
    const set = await product.as(product.key!).patch('/v1/workspace', policy);
    expect(set.body).toMatchObject(policy);

    const lifted = await tooken('workspace', 'lift-ips', 'default');
    expect(lifted).toMatchObject({ exitCode: 0, errors: '' });
    expect(JSON.parse(lifted.output)).toMatchObject({ slug: 'default', allowed_management_ips: null });
    const { body } = await product.as(product.key!).get('/v1/workspace');
    expect(body).toMatchObject({ allowed_management_ips: null });
  });

  it('lets people in: a link for the first owner, invitations, and a new password for who has lost theirs', async () => {
    const secretIn = ({ exitCode, output }: Program): string => {
      expect(exitCode).toBe(0);
      return (JSON.parse(output) as { link: string }).link.split('#')[1]!;
    };
    const password = 'grey kettle, seven spoons';
    const owner = { email: 'ada@example.com', name: 'Ada', password };
    const setup = secretIn(await tooken('setup-link'));
    const made = await product.anonymous.post('/v1/setup', { token: setup, ...owner });
    expect(made.body).toMatchObject({
      status: 'signed_in',
      workspaces: [{ slug: 'default', role: 'owner' }],
    });
    expect(await tooken('setup-link')).toMatchObject({ exitCode: 2, output: '' });

    const invitation = secretIn(await tooken('user', 'invite', 'grace@example.com', '--role', 'auditor'));
    const guest = { token: invitation, name: 'Grace', password };
    const joined = await product.anonymous.post('/v1/invitations/accept', guest);
    expect(joined.body).toMatchObject({ status: 'signed_in', workspaces: [{ role: 'auditor' }] });

    const reset = secretIn(await tooken('user', 'reset-password', 'Ada@Example.com'));
    const renewed = { token: reset, new_password: 'nine brass doorknobs, humming' };
    expect((await product.anonymous.post('/v1/account/password/reset', renewed)).status).toBe(204);
    expect(await tooken('user', 'reset-password', 'nobody@example.com')).toMatchObject({ exitCode: 2 });
  });

  it('leaves an event of the system’s in the workspace’s log', async () => {
    const { body } = await product
      .as(product.key!)
      .get<{ data: { target: { name: string } }[] }>(
        '/v1/audit-events?action=api_key.create&actor_type=system',
      );
    expect(body.data.map(({ target }) => target.name)).toEqual(['Spare', 'First key']);
  });

  it('leaves the product and its database running', async () => {
    expect((await product.anonymous.get('/readyz')).status).toBe(200);
  });
});

describe('after the product has ended', () => {
  it('makes a key for who has lost the last one, and leaves nothing running', async () => {
    const { body } = await product.as(product.key!).get<{ id: string }>('/v1/me');
    await product.as(product.key!).delete(`/v1/api-keys/${body.id}`);
    expect(await product.stop()).toBe(0);

    const made = await tooken('api-key', 'create', 'A way back in');
    expect(made).toMatchObject({ exitCode: 0, errors: '' });
    expect(processesOn(dataDir)).toEqual([]);

    const { key } = JSON.parse(made.output) as { key: string };
    product = await Product.start(settings);
    expect(product.key).toBeNull();
    expect((await product.as(key).get('/v1/me')).status).toBe(200);
  });
});

describe('what it does not understand', () => {
  it.each([
    ['nothing', []],
    ['an unknown command', ['workspace', 'destroy', 'x']],
    ['an unknown thing', ['key', 'create', 'x']],
    ['no name', ['workspace', 'create']],
    ['an empty name', ['workspace', 'create', ' ']],
    ['a name that is too long', ['workspace', 'create', 'x'.repeat(121)]],
    ['a word too many', ['workspace', 'create', 'Example', 'Ltd']],
    ['an unknown option', ['api-key', 'create', 'x', '--scopes', 'y']],
    ['an unknown environment', ['api-key', 'create', 'x', '--environment', 'staging']],
    ['an unknown workspace', ['api-key', 'create', 'x', '--workspace', 'nowhere']],
    ['a workspace for a workspace', ['workspace', 'create', 'x', '--workspace', 'default']],
    ['an environment for a workspace', ['workspace', 'create', 'x', '--environment', 'test']],
    ['no file', ['tokens', 'import']],
    ['two files', ['tokens', 'import', 'a', 'b']],
    ['a file for nowhere', ['tokens', 'import', 'a', '--workspace', 'nowhere']],
    ['a role that is none', ['user', 'invite', 'ada@example.com', '--role', 'king']],
    ['an address that is none', ['user', 'reset-password', 'ada']],
    ['a control character', ['workspace', 'create', 'x\ny']],
  ])('%s: exit code 2, usage on standard error, nothing on standard output', async (_what, args) => {
    const failed = await tooken(...args);

    expect(failed.exitCode).toBe(2);
    expect(failed.output).toBe('');
    expect(failed.errors).toContain('Usage: npm run -s tooken -- COMMAND');
  });

  it('is told from a fault of the configuration: exit code 1, and no usage', async () => {
    const failed = await run(['dist/bundle/cli.js', 'workspace', 'create', 'x'], {
      ...settings,
      LOG_LEVEL: 'loud',
    });

    expect(failed).toMatchObject({ exitCode: 1, output: '' });
    expect(failed.errors).toMatch(/^The configuration has faults:\n {2}- LOG_LEVEL must be .*\n$/);
  });

  it('is told from a database that is not there: exit code 1, one sentence', async () => {
    const failed = await run(['dist/bundle/cli.js', 'workspace', 'create', 'x'], {
      DATABASE_URL: 'postgres://tooken:hidden@127.0.0.1:1/tooken',
      TOOKEN_SECRET_KEY: Buffer.alloc(32).toString('base64'),
    });

    expect(failed).toMatchObject({ exitCode: 1, output: '' });
    expect(failed.errors).toMatch(/^The database cannot be reached: \S.*\n$/);
    expect(failed.errors).not.toContain('hidden');
  });
});
