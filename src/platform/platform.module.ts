import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Clock } from './clock.js';
import { Config } from './config/config.js';
import { KnownRoutes } from './context/known-routes.js';
import { Database } from './database/database.js';
import { Lanes } from './database/lanes.js';
import { Owner } from './database/owner.js';
import { HealthController } from './health/health.controller.js';
import { Metrics } from './health/metrics.js';
import { Cursors } from './pagination/cursor.js';
import { SecretHasher } from './secrets/secret-hasher.js';

/** What the platform is made of, decided at start. */
export interface PlatformParts {
  config: Config;
  database: Database;
  databaseUrl: string;
  /** Connection URL of the role that owns the tables; left out, nothing is done that takes it. */
  ownerUrl?: string | undefined;
  hasher: SecretHasher;
  clock: Clock;
}

/** The ground floor: knows nothing of keys or tokens. */
@Global()
@Module({})
export class PlatformModule {
  static with({ config, database, databaseUrl, ownerUrl, hasher, clock }: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController],
      providers: [
        { provide: Config, useValue: config },
        { provide: Database, useValue: database },
        { provide: Lanes, useValue: new Lanes(databaseUrl) },
        { provide: Owner, useValue: new Owner(ownerUrl ?? null) },
        { provide: SecretHasher, useValue: hasher },
        { provide: Cursors, useValue: new Cursors(hasher.cursorKey) },
        { provide: Clock, useValue: clock },
        KnownRoutes,
        Metrics,
      ],
      exports: [Config, Lanes, Owner, SecretHasher, Cursors, Clock, Database, KnownRoutes, Metrics],
    };
  }
}
