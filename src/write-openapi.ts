import { mkdir, writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { buildDocument } from './openapi.js';
import { Clock } from './platform/clock.js';
import { readConfig } from './platform/config/config.js';
import { makeDataSource } from './platform/database/data-source.js';
import { Database } from './platform/database/database.js';
import { SecretHasher } from './platform/secrets/secret-hasher.js';

/** `npm run openapi`: writes openapi/openapi.json from the code. Nothing is started, not even a database. */
const databaseUrl = 'postgres://nobody@127.0.0.1/none';
const module = AppModule.with({
  config: readConfig({}, () => true),
  database: new Database(makeDataSource(databaseUrl, [])),
  databaseUrl,
  hasher: new SecretHasher(Buffer.alloc(32)),
  clock: new Clock(),
});
const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, preview: true });
const folder = new URL('../openapi/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('openapi.json', folder), `${JSON.stringify(buildDocument(app), null, 2)}\n`);
