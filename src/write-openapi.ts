import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { buildDocument } from './openapi.js';
import { Clock } from './platform/clock.js';
import { readConfig } from './platform/config/config.js';
import { makeDataSource } from './platform/database/data-source.js';
import { Database } from './platform/database/database.js';
import { SecretHasher } from './platform/secrets/secret-hasher.js';

/**
 * `npm run openapi`: writes openapi/openapi.json from the code, or the file it is told. Nothing is started, not even a
 * database.
 */
const databaseUrl = 'postgres://nobody@127.0.0.1/none';
const module = AppModule.with({
  config: readConfig({}, () => true),
  database: new Database(makeDataSource(databaseUrl, [])),
  databaseUrl,
  hasher: new SecretHasher(Buffer.alloc(32)),
  clock: new Clock(),
});
const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, preview: true });
const file = process.argv[2] ?? fileURLToPath(new URL('../openapi/openapi.json', import.meta.url));
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify(buildDocument(app), null, 2)}\n`);
