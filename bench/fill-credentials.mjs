import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyRow, timeOf, withoutIndexes } from './bulk.mjs';
import { built } from './product.mjs';

/** When the first was made, and how long after it each next one: five million in less than a year. */
const FIRST_MS = Date.now() - 365 * 86_400_000;
const APART_MS = 5_000;
/** By number, what the product stores of the values that are known. */
const TABLE = 'bench_known';

/**
 * Issues tokens past the product: copies of one of the same workspace, made over a year, in the order of their numbers.
 * Of some of them, spread over all, the values are known, so that they can be verified.
 *
 * @param like handle of a token that the product has issued.
 * @param from the first number and the last one: no number may be filled twice.
 * @returns the known values.
 */
export async function fillTokens(client, product, { like, from, to, known, say }) {
  const count = to - from + 1;
  const wanted = Math.min(known, count);
  const numbers = Array.from({ length: wanted }, (_, at) => from + Math.floor((at * count) / wanted));
  const tokens = await knownSecrets(client, product, 'token', numbers);
  say(`tokens ${from.toLocaleString('en-US')} to ${to.toLocaleString('en-US')}`);
  await withoutIndexes(client, ['tokens', 'credential_secrets'], say, () =>
    copyTokens(client, { like, numbers: `generate_series(${from}, ${to})` }),
  );
  await settle(client, say);
  return tokens;
}

/**
 * Founds workspaces past the product, each with one key and one token, whose values are all known.
 *
 * @returns `{ keys, tokens }`, in the same order.
 */
export async function fillWorkspaces(client, product, { like, key, count, say }) {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const all = `generate_series(1, ${count})`;
  const workspaceId = handle('ws');
  say(`${count.toLocaleString('en-US')} workspaces`);
  await copyRow(client, 'workspaces', {
    where: 'r.operator',
    beside: numbered(all),
    changes: { id: workspaceId, operator: 'false', name: `'Workspace ' || n`, slug: `'bench-' || n` },
  });
  const tokens = await knownSecrets(client, product, 'token', numbers);
  await copyTokens(client, { like, numbers: all, changes: { workspace_id: workspaceId } });
  const keys = await knownSecrets(client, product, 'api_key', numbers);
  const changes = { workspace_id: workspaceId };
  const keyId = handle('key');
  await copyRow(client, 'api_keys', {
    where: `r.id = '${key}'`,
    beside: numbered(all),
    changes: { ...changes, id: keyId },
  });
  await copySecrets(client, { like: key, numbers: all, changes: { ...changes, owner_id: keyId } });
  await settle(client, say);
  return { keys, tokens };
}

async function copyTokens(client, { like, numbers, changes = {} }) {
  const id = handle('token');
  await copyRow(client, 'tokens', {
    where: `r.id = '${like}'`,
    beside: numbered(numbers),
    // Not one of them is to be told that it expires soon.
    changes: { ...changes, id, subject: `'partner_' || n`, expires_at: `now() + interval '1 year'` },
  });
  await copySecrets(client, { like, numbers, changes: { ...changes, owner_id: id } });
}

function copySecrets(client, { like, numbers, changes }) {
  return copyRow(client, 'credential_secrets', {
    where: `r.owner_id = '${like}'`,
    beside: `(select n.*, k.hash as known from ${numbered(numbers)} left join ${TABLE} k using (n)) as n`,
    changes: { ...changes, hash: `coalesce(known, sha256(convert_to('nobody knows ' || n, 'UTF8')))` },
  });
}

/** Makes values, and the table of what the product stores of them. */
async function knownSecrets(client, { folder }, kind, numbers) {
  const { makeSecret } = await built('platform/secrets/secret.js');
  const { SecretHasher } = await built('platform/secrets/secret-hasher.js');
  const key = await readFile(join(folder, 'data', 'secret.key'), 'utf8');
  const hasher = new SecretHasher(Buffer.from(key, 'base64'));
  const secrets = numbers.map(() => makeSecret(kind, 'live'));
  await client.query(`drop table if exists ${TABLE}`);
  await client.query(`create temporary table ${TABLE} (n bigint, hash bytea)`);
  await client.query(`insert into ${TABLE} select * from unnest($1::bigint[], $2::bytea[])`, [
    numbers,
    secrets.map((secret) => `\\x${hasher.hash(secret)}`),
  ]);
  await client.query(`analyze ${TABLE}`);
  return secrets;
}

/** What a database that grew slowly has had all along. */
async function settle(client, say) {
  say('vacuum');
  await client.query('vacuum (analyze) workspaces, api_keys, tokens, credential_secrets');
  await client.query('checkpoint');
}

/** Numbers with the moment that is theirs, of which their handles are made. */
const numbered = (numbers) =>
  `(select n, ${FIRST_MS} + n * ${APART_MS}::bigint as ms from ${numbers} as n) as n`;

const handle = (prefix) => `'${prefix}_' || ${timeOf('ms')} || left(md5(n::text), 16)`;
