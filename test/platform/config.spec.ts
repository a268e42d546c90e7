import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigFault, readConfig } from '../../src/platform/config/config.js';
import { parseSecret } from '../../src/platform/secrets/secret.js';
import { mistyped, unissued } from '../support/secret-format.js';

type Environment = Record<string, string | undefined>;

const KEY = Buffer.alloc(32, 0xfb).toString('base64');
const DATABASE = 'postgres://tooken:pass@db:5432/tooken';
const read = (env: Environment) => readConfig(env, (text) => parseSecret(text)?.kind === 'api_key');

function faultsOf(env: Environment): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigFault) return error.faults;
    throw error;
  }
  return [];
}

/** Values that are faults, of every variable that can have one. */
const faulty: Record<string, string[]> = {
  PORT: ['65536', '-1', '80.5', 'http', '0x50', '1e3'],
  DATABASE_URL: [
    'db',
    'mysql://db/tooken',
    'postgres://db:5432',
    'postgres://db:5432/',
    'postgres://db:x/tooken',
  ],
  DATABASE_MIGRATION_URL: ['db', 'http://db/tooken'],
  TOOKEN_SECRET_KEY: ['short', Buffer.alloc(31, 1).toString('base64'), `${KEY.slice(0, -4)}!!!=`],
  TOOKEN_SIGNING_KEY: [
    'short',
    Buffer.alloc(31, 1).toString('base64'),
    Buffer.alloc(33, 1).toString('base64'),
  ],
  TOOKEN_BOOTSTRAP_API_KEY: ['tok_live_x', mistyped(unissued()), unissued('tkn'), `${unissued()} x`],
  TOOKEN_ADMIN_EMAIL: ['nobody', 'a b@c', '@', 'a@'],
  TOOKEN_SIGNUP: ['yes', 'OPEN', 'open,closed'],
  TOOKEN_LEGACY_CREDENTIALS: ['cookie', 'query;body', 'query,', 'QUERY'],
  TOOKEN_AUDIT_RETENTION_DAYS: ['0', '-1', '1.5', '365 days', '010', '100000', 'never'],
  TOOKEN_GITHUB_SECRET_SCANNING_KEYS: ['yes', '/nowhere/keys.json', '{}', '{"public_keys":[]}'],
  TOOKEN_TRUST_PROXY: ['proxy', '10.0.0.0/33', '10.0.0.1,', '10.1', 'true'],
  TOOKEN_PUBLIC_URL: ['tooken.example.com', 'ftp://x', 'https://x/path', 'https://x/?q', 'https://u:p@x'],
  TOOKEN_WEBHOOK_ALLOW_PRIVATE: ['proxy', '10.0.0.0/33', '10.0.0.1,', '10.1', 'true'],
  LOG_LEVEL: ['loud', '30', 'info,debug'],
};

describe('the configuration', () => {
  it('needs nothing: every variable has a default', () => {
    expect(read({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      givenPublicUrl: null,
      databaseUrl: null,
      databaseMigrationUrl: null,
      dataDir: resolve('data'),
      secretKey: null,
      signingKey: null,
      bootstrapApiKey: null,
      adminEmail: null,
      adminPassword: null,
      signup: 'closed',
      legacyCredentials: [],
      auditRetentionDays: null,
      githubSecretScanningKeys: null,
      trustProxy: [],
      webhookAllowPrivate: [],
      logLevel: 'info',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const names = [...Object.keys(faulty), 'HOST', 'TOOKEN_DATA_DIR', 'TOOKEN_ADMIN_PASSWORD'];
    expect(read(Object.fromEntries(names.map((name, at) => [name, at % 2 ? '' : ' '])))).toEqual(read({}));
  });

  it('reads every variable', () => {
    const bootstrap = unissued();
    const config = read({
      HOST: '::',
      PORT: '0',
      TOOKEN_PUBLIC_URL: 'https://Tooken.example.com:443/',
      DATABASE_URL: DATABASE,
      DATABASE_MIGRATION_URL: 'postgresql://owner@db/tooken',
      TOOKEN_DATA_DIR: '/var/lib/tooken',
      TOOKEN_SECRET_KEY: ` ${KEY} `,
      TOOKEN_SIGNING_KEY: Buffer.alloc(32, 5).toString('base64url'),
      TOOKEN_BOOTSTRAP_API_KEY: bootstrap,
      TOOKEN_ADMIN_EMAIL: 'admin@example.com',
      TOOKEN_ADMIN_PASSWORD: 'correct horse battery',
      TOOKEN_SIGNUP: 'open',
      TOOKEN_LEGACY_CREDENTIALS: 'query, body',
      TOOKEN_AUDIT_RETENTION_DAYS: '400',
      TOOKEN_GITHUB_SECRET_SCANNING_KEYS: 'fetch',
      TOOKEN_TRUST_PROXY: '10.1.2.3/8, ::1',
      TOOKEN_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
      LOG_LEVEL: 'WARN',
    });
    expect(config).toEqual({
      host: '::',
      port: 0,
      publicUrl: 'https://tooken.example.com',
      givenPublicUrl: 'https://tooken.example.com',
      databaseUrl: DATABASE,
      databaseMigrationUrl: 'postgresql://owner@db/tooken',
      dataDir: '/var/lib/tooken',
      secretKey: Buffer.alloc(32, 0xfb),
      signingKey: Buffer.alloc(32, 5),
      bootstrapApiKey: bootstrap,
      adminEmail: 'admin@example.com',
      adminPassword: 'correct horse battery',
      signup: 'open',
      legacyCredentials: ['query', 'body'],
      auditRetentionDays: 400,
      githubSecretScanningKeys: 'fetch',
      trustProxy: ['10.0.0.0/8', '::1/128'],
      webhookAllowPrivate: ['127.0.0.0/8'],
      logLevel: 'warn',
    });
  });

  it.each(Object.entries(faulty).flatMap(([name, values]) => values.map((value) => [name, value])))(
    'refuses %s=%s in one sentence that names it and does not quote it',
    (name, value) => {
      const needed = {
        DATABASE_URL: DATABASE,
        TOOKEN_SECRET_KEY: KEY,
        TOOKEN_ADMIN_EMAIL: 'admin@example.com',
        TOOKEN_ADMIN_PASSWORD: 'correct horse battery',
      };
      const [fault, ...more] = faultsOf({ ...needed, [name]: value });
      expect(more).toEqual([]);
      expect(fault).toMatch(new RegExp(`^${name} must be `));
      if (value.length > 6) expect(fault).not.toContain(value);
    },
  );

  it('lists every fault at once, one a line', () => {
    const env = {
      ...Object.fromEntries(Object.entries(faulty).map(([name, [value]]) => [name, value])),
      TOOKEN_ADMIN_PASSWORD: 'correct horse battery',
    };
    const faults = faultsOf(env);
    expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual(Object.keys(faulty).sort());
    expect(() => read(env)).toThrow(
      `The configuration has faults:\n${faults.map((each) => `  - ${each}`).join('\n')}`,
    );
  });

  it('requires the secret key beside a database of one’s own, also where the URL is a fault itself', () => {
    expect(faultsOf({ DATABASE_URL: DATABASE })).toEqual([
      expect.stringMatching(/^TOOKEN_SECRET_KEY is required with DATABASE_URL/),
    ]);
    expect(faultsOf({ DATABASE_URL: 'db' })).toHaveLength(2);
  });

  it('wants a password for the first owner that is not guessed first, and only with an address', () => {
    const email = { TOOKEN_ADMIN_EMAIL: 'admin@example.com' };
    for (const password of ['short', 'password1234', 'x'.repeat(129)]) {
      const [fault, ...more] = faultsOf({ ...email, TOOKEN_ADMIN_PASSWORD: password });
      expect(more).toEqual([]);
      expect(fault).toMatch(/^TOOKEN_ADMIN_PASSWORD (must have|is one)/);
      expect(fault).not.toContain(password);
    }
    const together = expect.stringMatching(/only together$/);
    expect(faultsOf(email)).toEqual([together]);
    expect(faultsOf({ TOOKEN_ADMIN_PASSWORD: 'correct horse battery' })).toEqual([together]);
  });

  it('has no use for a migration URL without a database URL', () => {
    expect(faultsOf({ DATABASE_MIGRATION_URL: DATABASE })).toEqual([
      expect.stringMatching(/^DATABASE_MIGRATION_URL /),
    ]);
  });
});
