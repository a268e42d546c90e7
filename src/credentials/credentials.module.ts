import { Global, Module } from '@nestjs/common';
import { CredentialLookup } from './credential-lookup.js';
import { SecretStore } from './secret-store.js';

/** The one door for secrets. */
@Global()
@Module({ providers: [CredentialLookup, SecretStore], exports: [CredentialLookup, SecretStore] })
export class CredentialsModule {}
