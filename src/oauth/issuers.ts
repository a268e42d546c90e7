import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import type { Environment } from '../platform/secrets/secret.js';

/** Whose a JWT is: every workspace and environment is an authorization server of its own. */
export interface Realm {
  workspaceId: string;
  environment: Environment;
}

/** The addresses under which verifiers and clients know this installation. */
@Injectable()
export class Issuers {
  constructor(private readonly config: Config) {}

  /** The installation itself, for clients that only look for its endpoints. */
  get root(): string {
    return this.config.publicUrl;
  }

  /** The `iss` of a realm's JWTs. One for all would let every tenant sign for the audiences of every other. */
  of({ workspaceId, environment }: Realm): string {
    return `${this.config.publicUrl}/${workspaceId}/${environment}`;
  }

  /** Where a status list is read; also its `sub`. */
  statusList(id: string): string {
    return `${this.config.publicUrl}/.well-known/tooken/status-lists/${id}`;
  }
}
