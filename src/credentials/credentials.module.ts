import { Global, Module } from '@nestjs/common';
import { CredentialLookup } from './credential-lookup.js';
import { CredentialsByHash } from './credentials-by-hash.js';
import { ImportedValues } from './imported-values.js';
import { RotatedValueReuse } from './rotated-value-reuse.js';
import { SecretStore } from './secret-store.js';
import { TokenRevocation } from './token-revocation.js';

const DOORS = [
  CredentialLookup,
  CredentialsByHash,
  ImportedValues,
  SecretStore,
  TokenRevocation,
  RotatedValueReuse,
];

/** The one door for secrets. */
@Global()
@Module({ providers: DOORS, exports: DOORS })
export class CredentialsModule {}
