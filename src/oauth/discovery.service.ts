import { Injectable } from '@nestjs/common';
import { Problem } from '../platform/errors/problem.js';
import { isHandle } from '../platform/ids.js';
import type { JwksDto, MetadataDto } from './discovery.dto.js';
import { EXCHANGE_GRANT } from './grant.js';
import { Issuers } from './issuers.js';
import { KeyRing } from './keys/key-ring.js';

const WITH_SECRET = ['client_secret_basic', 'client_secret_post'];

/** Says where everything is, and with which keys it is verified. */
@Injectable()
export class DiscoveryService {
  constructor(
    private readonly issuers: Issuers,
    private readonly keyRing: KeyRing,
  ) {}

  root(): MetadataDto {
    return this.metadata(this.issuers.root);
  }

  /**
   * Of every workspace that could be, without a look whether there is one: nobody learns that here.
   *
   * @throws Problem `not_found`.
   */
  realm(workspaceId: string, environment: string): MetadataDto {
    if (!isHandle('ws', workspaceId)) throw Problem.notFound();
    if (environment !== 'live' && environment !== 'test') throw Problem.notFound();
    return this.metadata(this.issuers.of({ workspaceId, environment }));
  }

  async keys(): Promise<JwksDto> {
    return { keys: await this.keyRing.publicKeys() };
  }

  private metadata(issuer: string): MetadataDto {
    const { root } = this.issuers;
    return {
      issuer,
      token_endpoint: `${root}/oauth/token`,
      introspection_endpoint: `${root}/oauth/introspect`,
      revocation_endpoint: `${root}/oauth/revoke`,
      jwks_uri: `${root}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: ['client_credentials', EXCHANGE_GRANT],
      token_endpoint_auth_methods_supported: [...WITH_SECRET, 'none'],
      introspection_endpoint_auth_methods_supported: WITH_SECRET,
      revocation_endpoint_auth_methods_supported: WITH_SECRET,
      service_documentation: `${root}/docs`,
    };
  }
}
