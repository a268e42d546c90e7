import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import { startPresentedLookup } from '../credentials/presents-token.decorator.js';
import type { Principal } from '../credentials/principal.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/errors/problem.js';
import { Authenticator } from './authenticator.js';
import { authorize } from './authorize.js';
import { takeLegacyCredential } from './legacy-credential.js';
import { readAuthorization } from './read-credential.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the guard has looked at it, with whatever result. */
    guarded?: boolean;
  }
}

/** Stands before every handler: nothing declared means closed. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly lookup: CredentialLookup,
    private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.enter(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }

  /**
   * Lets the request's caller in or throws. The exception filter asks too, for a request whose body could not be
   * read and which therefore never came here.
   */
  async enter(request: FastifyRequest): Promise<void> {
    request.guarded = true;
    const policy = request.routeOptions.config.policy;
    if (policy?.public === true) return;
    if (policy?.requires === undefined) throw Problem.notFound();
    if (policy.presentsToken === true) startPresentedLookup(request, this.lookup);
    const principal = (request.principal = await this.admit(request));
    const refusal = authorize(principal, policy.requires);
    if (refusal === null) return;
    draftOf(request).reason = refusal.reason;
    throw refusal.problem;
  }

  private async admit(request: FastifyRequest): Promise<Principal> {
    const draft = draftOf(request);
    const header = readAuthorization(request.raw.headersDistinct.authorization);
    const { presented, refusal } = takeLegacyCredential(request, header, this.config.legacyCredentials);
    const principal = this.authenticator.authenticate(presented, request.facts?.ip ?? '', draft);
    if (refusal === null) return principal;
    // Refused for where it put a credential, whoever it is; the event still names a caller who is known.
    request.principal = await principal.catch(ignoreRefusal);
    draft.reason = refusal.code;
    throw refusal;
  }
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Problem && error.code === 'unauthorized')) throw error;
}

function draftOf(request: FastifyRequest): AuditDraft {
  if (request.auditDraft === undefined) throw new Error('a guarded route must be @Audited');
  return request.auditDraft;
}
