import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { AccessTokens } from './access-tokens.js';
import { DiscoveryController } from './discovery.controller.js';
import { DiscoveryService } from './discovery.service.js';
import { ExchangeService } from './exchange.service.js';
import { FormerValues } from './former-values.js';
import { IntrospectionService } from './introspection.service.js';
import { Issuers } from './issuers.js';
import { KeyRing } from './keys/key-ring.js';
import { OAuthController } from './oauth.controller.js';
import { PresentedTokens } from './presented-tokens.js';
import { RevocationService } from './revocation.service.js';
import { IssuedJwts } from './statuses/issued-jwts.js';
import { StatusListsService } from './statuses/status-lists.service.js';

/** Above the features: what tokens and verification say, in the words of OAuth. */
@Module({
  imports: [TokensModule],
  controllers: [OAuthController, DiscoveryController],
  providers: [
    Issuers,
    KeyRing,
    IssuedJwts,
    AccessTokens,
    PresentedTokens,
    FormerValues,
    IntrospectionService,
    RevocationService,
    ExchangeService,
    StatusListsService,
    DiscoveryService,
  ],
})
export class OAuthModule {}
