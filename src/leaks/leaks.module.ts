import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config/config.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { GithubAlertsService } from './github-alerts.service.js';
import { GithubKeys } from './github-keys.js';
import { LeaksController } from './leaks.controller.js';
import { LeaksService } from './leaks.service.js';
import { SecretFormatController } from './secret-format.controller.js';
import { SecretFormatService } from './secret-format.service.js';

/** Above the features, since a leaked value may be an API key's or a token's. */
@Module({
  imports: [ApiKeysModule, TokensModule],
  controllers: [LeaksController, SecretFormatController],
  providers: [
    LeaksService,
    GithubAlertsService,
    SecretFormatService,
    {
      provide: GithubKeys,
      useFactory: (config: Config, clock: Clock) => new GithubKeys(config.githubSecretScanningKeys, clock),
      inject: [Config, Clock],
    },
  ],
})
export class LeaksModule {}
