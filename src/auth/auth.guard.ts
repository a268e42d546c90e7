import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, INSTANCE_LOG, type AuditDraft } from '../audit-log/audit-draft.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import { startPresentedLookup } from '../credentials/presents-token.decorator.js';
import type { Principal } from '../credentials/principal.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/errors/problem.js';
import type { Requirement } from '../scopes/requires.decorator.js';
import { Authenticator, type Learned } from './authenticator.js';
import { authorize } from './authorize.js';
import { takeLegacyCredential } from './legacy-credential.js';
import { readAuthorization, readClient, type Presented } from './read-credential.js';

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
    if (policy?.public === true) {
      // Who presents a credential, though it needs none, must not be served as if it had none.
      if (policy.admitsClients === true && presentedBy(request).kind !== 'missing') {
        request.principal = await this.admit(request, 'any');
      }
      return;
    }
    if (policy?.requires === undefined) throw Problem.notFound();
    if (policy.presentsToken === true) startPresentedLookup(request, this.lookup);
    const principal = (request.principal = await this.admit(request, policy.requires));
    const refusal = authorize(principal, policy.requires);
    if (refusal === null) return;
    draftOf(request).reason = refusal.reason;
    throw refusal.problem;
  }

  private async admit(request: FastifyRequest, requires: Requirement): Promise<Principal> {
    const draft = draftOf(request);
    const header = presentedBy(request);
    const { presented, refusal } = takeLegacyCredential(request, header, this.config.legacyCredentials);
    const ip = request.facts?.ip ?? '';
    request.stillAdmitted = () => this.stillAdmits(presented, ip, requires);
    const principal = this.authenticator.authenticate(presented, ip, draft);
    if (refusal === null) return principal;
    // Refused for where it put a credential, whoever it is; the event still names a caller who is known.
    request.principal = await principal.catch(ignoreRefusal);
    draft.reason = refusal.code;
    throw refusal;
  }

  /** The same judgement once more, of which the event learns nothing. */
  private async stillAdmits(presented: Presented, ip: string, requires: Requirement): Promise<boolean> {
    const unheard: Learned = {
      id: null,
      workspaceId: INSTANCE_LOG,
      environment: null,
      actor: ANONYMOUS,
      reason: null,
      formerValues: [],
    };
    const principal = await this.authenticator.authenticate(presented, ip, unheard).catch(ignoreRefusal);
    return principal !== undefined && authorize(principal, requires) === null;
  }
}

function presentedBy(request: FastifyRequest): Presented {
  const { authorization } = request.raw.headersDistinct;
  return request.routeOptions.config.policy?.oauth === true
    ? readClient(authorization, request.body)
    : readAuthorization(authorization);
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Problem && error.code === 'unauthorized')) throw error;
}

function draftOf(request: FastifyRequest): AuditDraft {
  if (request.auditDraft === undefined) throw new Error('a guarded route must be @Audited');
  return request.auditDraft;
}
