import { Global, Module } from '@nestjs/common';
import { CredentialLookup } from './credential-lookup.js';
import { CredentialsByHash } from './credentials-by-hash.js';
import { SecretStore } from './secret-store.js';

const DOORS = [CredentialLookup, CredentialsByHash, SecretStore];

/** The one door for secrets. */
@Global()
@Module({ providers: DOORS, exports: DOORS })
export class CredentialsModule {}
