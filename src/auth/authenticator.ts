import { Injectable } from '@nestjs/common';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { CredentialFacts } from '../credentials/credential-facts.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import type { Principal } from '../credentials/principal.js';
import { RotatedValueReuse } from '../credentials/rotated-value-reuse.js';
import { effectiveScopes } from '../scopes/covers.js';
import { Clock } from '../platform/clock.js';
import { refusalReason } from './refusal-reason.js';
import type { Presented } from './read-credential.js';
import { unauthorized } from './unauthorized.js';

type PresentedSecret = Extract<Presented, { kind: 'secret' }>;

/** What an event learns of who is asking. */
export interface Learned extends Pick<
  AuditDraft,
  'workspaceId' | 'environment' | 'actor' | 'reason' | 'formerValues'
> {
  /** Its handle; null: there is none, as nobody presents anything anew. */
  readonly id: string | null;
}

/** Turns a presented credential into a principal, or refuses it; either way the event learns who it was. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly lookup: CredentialLookup,
    private readonly reuse: RotatedValueReuse,
    private readonly clock: Clock,
  ) {}

  /**
   * @param ip the caller's address, for tokens with `allowed_ips`.
   * @param draft gets the actor, also of a refused credential that is known, and the reason of a refusal.
   * @throws Problem `unauthorized`, the same for every reason (contract §3); `unavailable`.
   */
  async authenticate(presented: Presented, ip: string, draft: Learned): Promise<Principal> {
    if (presented.kind !== 'secret') {
      draft.reason = `${presented.kind}_credential`;
      throw unauthorized(presented.kind !== 'missing');
    }
    const credential = await this.lookup.find(presented.secret);
    if (credential === null) {
      draft.reason = 'unknown_credential';
      throw unauthorized(true, presented.isClient);
    }
    draft.workspaceId = credential.workspace.id;
    draft.environment = credential.environment;
    draft.actor = { type: credential.kind, id: credential.id, name: credential.name, hint: credential.hint };
    const reason = refusalReason(credential, userNameOf(presented, credential), ip, this.clock.now());
    if (reason !== null) {
      draft.reason = reason;
      if (reason === 'rotated_value' && credential.kind === 'token' && draft.id !== null) {
        await this.reuse.found(credential, draft.id);
      }
      throw unauthorized(true, presented.isClient);
    }
    if (credential.validUntil !== null) draft.formerValues = ['caller'];
    return toPrincipal(credential);
  }
}

/** As refusalReason judges it: an OAuth client may call itself by its handle. */
function userNameOf({ userName, isClient }: PresentedSecret, { id }: CredentialFacts): string | null {
  return isClient && userName === id ? '' : userName;
}

function toPrincipal(credential: CredentialFacts): Principal {
  return {
    type: credential.kind,
    id: credential.id,
    name: credential.name,
    hint: credential.hint,
    environment: credential.environment,
    workspace: credential.workspace,
    scopes:
      credential.kind === 'api_key' ? '*' : effectiveScopes(credential.chain.map((token) => token.scopes)),
    expiresAt: credential.expiresAt,
    credential,
  };
}
