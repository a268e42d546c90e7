import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { screens } from './screenshots-screens.mjs';

/** Always the same day, so that pictures change only when screens do. */
const NOW = Date.parse('2026-11-20T14:30:00.000Z');
const DAY = 86_400_000;
const EMAIL = 'ada@example.com';
const PASSWORD = 'grey kettle, seven spoons';

/** A Tooken with two weeks of life behind it. */
export async function startExample() {
  const { Clock } = await import('../dist/platform/clock.js');
  class HeldClock extends Clock {
    at = NOW - 14 * DAY;
    now() {
      return this.at;
    }
  }
  const clock = new HeldClock();
  const { url, key, databaseUrl, close } = await startProduct(clock);
  const call = caller(url, key);
  const { keys, ...ids } = await live(call, clock);
  clock.at = NOW;
  const webhook = await watch(call, keys, databaseUrl);
  // The clock stands still; what is done every so often by itself goes on.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return {
    url: url.replace('127.0.0.1', 'localhost'),
    now: NOW,
    email: EMAIL,
    password: PASSWORD,
    ...screens({ ...ids, webhook }),
    stop: close,
  };
}

async function startProduct(clock) {
  const { createApp } = await import('../dist/app.js');
  const { setUpDashboard } = await import('../dist/app.dashboard.js');
  const { FoundingService } = await import('../dist/founding/founding.service.js');
  const { SetupService } = await import('../dist/founding/setup.service.js');
  const { readConfig } = await import('../dist/platform/config/config.js');
  const { migrate } = await import('../dist/platform/database/migrate.js');
  const { openDatabase } = await import('../dist/platform/database/open-database.js');
  const { makeLogger } = await import('../dist/platform/logger.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-screenshots-'));
  // As root PostgreSQL runs as another user, who must be able to enter.
  await chmod(dataDir, 0o711);
  const config = readConfig(
    {
      LOG_LEVEL: 'warn',
      TOOKEN_DATA_DIR: dataDir,
      TOOKEN_ADMIN_EMAIL: EMAIL,
      TOOKEN_ADMIN_PASSWORD: PASSWORD,
      TOOKEN_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
    },
    () => true,
  );
  const database = await openDatabase(config, () => undefined);
  await migrate(database.migrationUrl, database.appRole);
  const app = await createApp({
    config,
    databaseUrl: database.url,
    ownerUrl: database.migrationUrl,
    secretKey: database.secretKey,
    clock,
    logger: makeLogger(config.logLevel),
  });
  setUpDashboard(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { key } = await app.get(FoundingService).foundInstance();
  await app.get(SetupService).prepare();
  const close = async () => {
    await app.close();
    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: await app.getUrl(), key, databaseUrl: database.migrationUrl, close };
}

function caller(url, key) {
  return async (method, path, body, by = key) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${by}`,
        'user-agent': 'acme-deploy/2.4',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status >= 500) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
}

/** What happened there. */
async function live(call, clock) {
  await call('PATCH', '/v1/workspace', { name: 'Northwind' });
  for (const [name, description] of SCOPES) await call('POST', '/v1/scopes', { name, description });
  const keys = [];
  for (const name of ['Production API', 'CI', 'Old deploy script']) {
    keys.push(await call('POST', '/v1/api-keys', { name }));
  }
  await call('POST', '/v1/api-keys', { name: 'Staging', environment: 'test' });
  const tokens = [];
  for (const token of TOKENS) tokens.push(await call('POST', '/v1/tokens', token));
  const [acme, globex, initech, gateway, scanner, hooli, trial] = tokens;
  for (const name of ['Reseller North', 'Reseller South']) {
    await call('POST', '/v1/tokens', { name, scopes: ['invoices:read'] }, gateway.token);
  }
  await call('PATCH', '/v1/workspace', {
    max_token_ttl: inDays(180),
    require_expiry: true,
    inactive_after_days: 90,
    allowed_management_ips: ['127.0.0.0/8', '203.0.113.0/24'],
  });
  const verify = (token, scopes, ip = '203.0.113.7') =>
    call('POST', '/v1/tokens/verify', { token: token.token, scopes, client_ip: ip }, keys[0].key);
  const busy = [acme, acme, globex, initech, acme, hooli, gateway, acme, initech, scanner];
  for (let day = 13; day >= 0; day--) {
    // Weekends are quiet.
    const uses = [6, 0].includes(new Date(NOW - day * DAY).getUTCDay()) ? 14 : 34 + ((day * 7) % 16);
    for (let use = 0; use < uses; use++) {
      clock.at = NOW - day * DAY - 9 * 3_600_000 + use * 600_000;
      const isOdd = use % 11 === 5;
      await verify(
        busy[use % busy.length],
        isOdd ? ['admin:all'] : undefined,
        use % 17 === 3 ? '198.51.100.9' : undefined,
      );
    }
    if (day === 6) await call('PATCH', `/v1/tokens/${scanner.id}`, { enabled: false });
    if (day === 4) await call('POST', `/v1/tokens/${trial.id}/revoke`, { reason: 'The trial ended' });
    if (day < 4) await verify(trial);
    if (day === 2)
      await call('PATCH', `/v1/tokens/${acme.id}`, { allowed_ips: ['203.0.113.0/24', '2001:db8::/32'] });
  }
  clock.at = NOW - 5_400_000;
  await call('POST', `/v1/tokens/${globex.id}/rotate`, { grace_period_seconds: inDays(7) });
  clock.at = NOW - 2_400_000;
  for (let use = 0; use < 12; use++) await verify(globex);
  clock.at = NOW - 1_200_000;
  await call('GET', '/v1/tokens', undefined, keys[1].key);
  const { data } = await call('GET', '/v1/audit-events?action=token.update&limit=1');
  return { keys, token: acme.id, rotated: globex.id, family: gateway.id, event: data[0].id };
}

/** A webhook with notices, told to a receiver here under a name as people have. */
async function watch(call, keys, databaseUrl) {
  let answers = 0;
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead((answers += 1) === 3 ? 503 : 204).end());
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { id } = await call('POST', '/v1/webhooks', {
    url: `http://127.0.0.1:${receiver.address().port}`,
    description: 'On-call channel',
  });
  await call('POST', '/v1/webhooks', {
    url: 'https://siem.northwind.example/ingest',
    events: ['secret.leaked', 'token.value_reused'],
    enabled: false,
  });
  await call('POST', `/v1/webhooks/${id}/test`);
  await call('POST', '/v1/members/invitations', { email: 'grace@example.com', role: 'developer' });
  await call('POST', '/v1/members/invitations', { email: 'audit@accountants.example', role: 'auditor' });
  await call('POST', `/v1/api-keys/${keys[1].id}/regenerate`);
  await call('DELETE', `/v1/api-keys/${keys[2].id}`);
  while (answers < 3) await new Promise((resolve) => setTimeout(resolve, 100));
  receiver.close();
  // What became of the last one is written down a moment after it.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query('update webhooks set url = $2 where id = $1', [
    id,
    'https://hooks.northwind.example/tooken',
  ]);
  await database.query("update users set name = 'Ada Lovelace'");
  await database.end();
  return id;
}

const SCOPES = [
  ['invoices:read', 'Read invoices and their lines'],
  ['invoices:write', 'Create and change invoices'],
  ['customers:read', 'Look customers up'],
  ['orders:read', 'Read orders'],
  ['orders:write', 'Place and cancel orders'],
  ['reports:export', 'Export the monthly reports'],
];

const inDays = (days) => days * 86_400;

const TOKENS = [
  {
    name: 'Acme, invoice import',
    scopes: ['invoices:read', 'invoices:write', 'customers:read'],
    expires_in: inDays(23),
    subject: 'partner_42',
    description: 'Nightly import of invoices',
    metadata: { plan: 'pro', contact: 'ops@acme.example' },
  },
  { name: 'Globex reporting', scopes: ['reports:export'], expires_in: inDays(90), subject: 'partner_7' },
  {
    name: 'Initech sync',
    scopes: ['orders:*', 'customers:read'],
    expires_in: inDays(39),
    subject: 'partner_19',
  },
  {
    name: 'Partner gateway',
    scopes: ['tokens:write', 'tokens:read', 'invoices:read', 'orders:read'],
    expires_in: inDays(365),
  },
  { name: 'Warehouse scanner 3', scopes: ['orders:read'], subject: 'device_3' },
  {
    name: 'Hooli analytics',
    scopes: ['reports:export', 'invoices:read'],
    expires_in: inDays(200),
    subject: 'partner_88',
  },
  { name: 'Umbrella trial', scopes: ['customers:read'], expires_in: inDays(30), subject: 'partner_90' },
];
