import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { ENTITIES } from './app.entities.js';
import { AppModule } from './app.module.js';
import { answerMalformedUrl, BODY_LIMIT, setUpHttp } from './app.setup.js';
import { answerUnreadable } from './app.unreadable.js';
import { inAnyRange } from './platform/addresses.js';
import type { Clock } from './platform/clock.js';
import type { Config } from './platform/config/config.js';
import { makeDataSource } from './platform/database/data-source.js';
import { Database } from './platform/database/database.js';
import { NestLogger } from './platform/logger.js';
import { SecretHasher } from './platform/secrets/secret-hasher.js';

export interface AppParts {
  config: Config;
  /** Connection URL of the app's role, to a database that is migrated. */
  databaseUrl: string;
  /** Connection URL of the role that owns the tables; left out, nothing is done that takes it. */
  ownerUrl?: string | undefined;
  /** What `TOOKEN_SECRET_KEY` says, or the key kept in the data folder. */
  secretKey: Buffer;
  clock: Clock;
  logger: Logger;
}

/** The product on a migrated database, ready to listen. */
export async function createApp(parts: AppParts): Promise<NestFastifyApplication> {
  const { config, databaseUrl, ownerUrl, secretKey, clock, logger } = parts;
  const database = new Database(makeDataSource(databaseUrl, ENTITIES));
  await database.connect();
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: (address: string) => inAnyRange(address, config.trustProxy),
    clientErrorHandler: answerUnreadable,
    // As long as Node lets a path be: an id that is too long is refused, and recorded, like any other that is none.
    routerOptions: { maxParamLength: 16 * 1024 },
    frameworkErrors: answerMalformedUrl,
    skipMiddie: true,
    keepAliveTimeout: 72_000,
    // While closing, what still comes on an open connection is answered like any other; Fastify's own 503 is not ours.
    return503OnClosing: false,
    requestTimeout: 30_000,
    // How often Node looks for requests that are late; its own 30 s would let them have twice their time.
    http: { connectionsCheckingInterval: 5_000 },
  });
  const module = AppModule.with({
    config,
    database,
    databaseUrl,
    ownerUrl,
    hasher: new SecretHasher(secretKey),
    clock,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  setUpHttp(app);
  return app;
}
