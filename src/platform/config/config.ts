import { Buffer } from 'node:buffer';
import { resolve } from 'node:path';
import { parseCidr } from '../addresses.js';
import { readPublicKeys, type PublicKeys } from './public-keys.js';
import { passwordFault } from '../passwords/password-rules.js';

export type LegacyCredential = 'query' | 'body';
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything the operator can set (contract §7), already checked. */
export class Config {
  readonly host!: string;
  /** TCP port; 0 lets the system choose one. */
  readonly port!: number;
  /** Under which callers reach this installation, an origin without a slash at its end. */
  readonly publicUrl!: string;
  /** The same if it was set; null: it is only what is listened on. */
  readonly givenPublicUrl!: string | null;
  /** Connection URL of the app's role; null = the embedded PostgreSQL. */
  readonly databaseUrl!: string | null;
  /** Connection URL of a stronger role that owns the tables; null = the same role as the app. */
  readonly databaseMigrationUrl!: string | null;
  /** Absolute path of the data folder. */
  readonly dataDir!: string;
  /** At least 32 bytes; null only with the embedded database, which keeps its own in the data folder. */
  readonly secretKey!: Buffer | null;
  /** 32 bytes, the seed of the Ed25519 key that signs checkpoints; null = derived from the secret key. */
  readonly signingKey!: Buffer | null;
  /** Value of the very first API key, instead of a random one. */
  readonly bootstrapApiKey!: string | null;
  /** Of the first owner, who is made at the first start; null: the terminal shows a link instead. */
  readonly adminEmail!: string | null;
  readonly adminPassword!: string | null;
  /** Whether anybody may make themselves an account, with a workspace of their own. */
  readonly signup!: 'open' | 'closed';
  /** Where credentials are accepted besides the header (contract §3). */
  readonly legacyCredentials!: readonly LegacyCredential[];
  /** Days after which events are dropped, in whole months; null = never. */
  readonly auditRetentionDays!: number | null;
  /** The keys that GitHub's secret scanning signs its alerts with; `fetch` = asked of GitHub; null = no alerts. */
  readonly githubSecretScanningKeys!: 'fetch' | PublicKeys | null;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy!: readonly string[];
  /** Ranges that are not public and that webhooks may be sent to all the same, also over plain HTTP. */
  readonly webhookAllowPrivate!: readonly string[];
  readonly logLevel!: (typeof LOG_LEVELS)[number];
}

/** The environment has faults; the message lists all of them, one a line. */
export class ConfigFault extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration has faults:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigFault';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment (contract §7).
 *
 * @param isApiKey whether a text is a well-formed API key: passed in, because secrets are not known here.
 * @throws ConfigFault with every fault at once.
 */
export function readConfig(env: Environment, isApiKey: (text: string) => boolean): Config {
  const faults: string[] = [];
  const text = (name: string): string | null => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const checked = <T>(
    name: string,
    fallback: T,
    read: (value: string) => T | undefined,
    wanted: string,
  ): T => {
    const value = text(name);
    if (value === null) return fallback;
    const result = read(value);
    if (result === undefined) faults.push(`${name} must be ${wanted}`);
    return result ?? fallback;
  };

  const host = text('HOST') ?? '127.0.0.1';
  const port = checked('PORT', 3000, readPort, 'a port number from 0 to 65535');
  const givenPublicUrl = checked(
    'TOOKEN_PUBLIC_URL',
    null,
    readOrigin,
    'an origin such as https://tokens.example.org, without a path',
  );
  const databaseUrl = checked('DATABASE_URL', null, readDatabaseUrl, DATABASE_URL_FORM);
  const config: Config = {
    host,
    port,
    publicUrl: givenPublicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`,
    givenPublicUrl,
    databaseUrl,
    databaseMigrationUrl: checked('DATABASE_MIGRATION_URL', null, readDatabaseUrl, DATABASE_URL_FORM),
    dataDir: resolve(text('TOOKEN_DATA_DIR') ?? 'data'),
    secretKey: checked(
      'TOOKEN_SECRET_KEY',
      null,
      readSecretKey,
      '32 or more bytes in base64 (openssl rand -base64 32)',
    ),
    signingKey: checked(
      'TOOKEN_SIGNING_KEY',
      null,
      readSigningKey,
      'exactly 32 bytes in base64 (openssl rand -base64 32)',
    ),
    bootstrapApiKey: checked(
      'TOOKEN_BOOTSTRAP_API_KEY',
      null,
      (value) => (isApiKey(value) ? value : undefined),
      'a well-formed API key: tok_live_ or tok_test_, 30 characters and their checksum',
    ),
    adminEmail: checked(
      'TOOKEN_ADMIN_EMAIL',
      null,
      (value) => (/^\S+@\S+$/.test(value) ? value : undefined),
      'an e-mail address',
    ),
    adminPassword: readAdminPassword(text('TOOKEN_ADMIN_PASSWORD'), faults),
    signup: checked('TOOKEN_SIGNUP', 'closed', readSignup, 'open or closed'),
    legacyCredentials: checked('TOOKEN_LEGACY_CREDENTIALS', [], readLegacy, 'a list of "query" and "body"'),
    auditRetentionDays: checked(
      'TOOKEN_AUDIT_RETENTION_DAYS',
      null,
      readDays,
      'a whole number of days, from 1 to 99999',
    ),
    githubSecretScanningKeys: checked(
      'TOOKEN_GITHUB_SECRET_SCANNING_KEYS',
      null,
      readPublicKeys,
      "fetch, or GitHub's document of its public keys, or the path of a file that holds it",
    ),
    trustProxy: checked(
      'TOOKEN_TRUST_PROXY',
      [],
      readCidrs,
      'a comma-separated list of addresses or CIDR ranges',
    ),
    webhookAllowPrivate: checked(
      'TOOKEN_WEBHOOK_ALLOW_PRIVATE',
      [],
      readCidrs,
      'a comma-separated list of addresses or CIDR ranges',
    ),
    logLevel: checked('LOG_LEVEL', 'info', readLogLevel, `one of ${LOG_LEVELS.join(', ')}`),
  };
  if (text('DATABASE_URL') !== null && text('TOOKEN_SECRET_KEY') === null) {
    faults.push(
      'TOOKEN_SECRET_KEY is required with DATABASE_URL: secrets are stored under a key derived from it',
    );
  }
  if (text('DATABASE_MIGRATION_URL') !== null && text('DATABASE_URL') === null) {
    faults.push('DATABASE_MIGRATION_URL has no meaning without DATABASE_URL');
  }
  if ((text('TOOKEN_ADMIN_EMAIL') === null) !== (text('TOOKEN_ADMIN_PASSWORD') === null)) {
    faults.push('TOOKEN_ADMIN_EMAIL and TOOKEN_ADMIN_PASSWORD have a meaning only together');
  }
  if (faults.length > 0) throw new ConfigFault(faults);
  return config;
}

const DATABASE_URL_FORM = 'a connection URL such as postgres://user:password@host:5432/database';

function readDatabaseUrl(value: string): string | undefined {
  try {
    const url = new URL(value);
    return /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1 ? value : undefined;
  } catch {
    return undefined;
  }
}

function readOrigin(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : undefined;
}

function readAdminPassword(value: string | null, faults: string[]): string | null {
  const fault = value === null ? null : passwordFault(value);
  if (fault !== null) faults.push(`TOOKEN_ADMIN_PASSWORD ${fault}`);
  return value;
}

function readSignup(value: string): Config['signup'] | undefined {
  return value === 'open' || value === 'closed' ? value : undefined;
}

function readPort(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? Number(value) : undefined;
}

function readDays(value: string): number | undefined {
  return /^[1-9]\d{0,4}$/.test(value) ? Number(value) : undefined;
}

function readSecretKey(value: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return undefined;
  const key = Buffer.from(value, 'base64');
  return key.length >= 32 ? key : undefined;
}

function readSigningKey(value: string): Buffer | undefined {
  const key = readSecretKey(value);
  return key?.length === 32 ? key : undefined;
}

function readLegacy(value: string): LegacyCredential[] | undefined {
  const parts = value.split(',').map((part) => part.trim());
  const known = parts.filter((part) => part === 'query' || part === 'body');
  return known.length === parts.length ? known : undefined;
}

function readCidrs(value: string): string[] | undefined {
  const ranges = value.split(',').map((part) => parseCidr(part.trim()));
  const good = ranges.filter((range) => range !== null);
  return good.length === ranges.length ? good : undefined;
}

function readLogLevel(value: string): Config['logLevel'] | undefined {
  return LOG_LEVELS.find((level) => level === value.toLowerCase());
}
