import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, INSTANCE_LOG, type AuditDraft } from '../audit-log/audit-draft.js';
import { CredentialLookup } from '../credentials/credential-lookup.js';
import { startPresentedLookup } from '../credentials/presents-token.decorator.js';
import type { Principal } from '../credentials/principal.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/errors/problem.js';
import { presentedSession } from '../people/sessions/browser.js';
import { isSameOrigin } from '../people/sessions/origin.js';
import { Clock } from '../platform/clock.js';
import { Authenticator, type Learned } from './authenticator.js';
import { authorize, type Door } from './authorize.js';
import { takeLegacyCredential } from './legacy-credential.js';
import { readAuthorization, readClient, type Presented } from './read-credential.js';
import { SessionAuthenticator, wishOf } from './session-authenticator.js';

/** Judges what the request presents, now. */
type Authenticate = (learned: Learned) => Promise<Principal>;

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
    private readonly sessions: SessionAuthenticator,
    private readonly lookup: CredentialLookup,
    private readonly config: Config,
    private readonly clock: Clock,
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
      if (policy.action !== undefined && policy.oauth !== true) this.admitAnybody(request);
      // Who presents a credential, though it needs none, must not be served as if it had none.
      if (policy.admitsClients === true && presentedBy(request).kind !== 'missing') {
        request.principal = await this.admit(request, { requires: 'any' });
      }
      return;
    }
    if (policy?.requires === undefined) throw Problem.notFound();
    if (policy.presentsToken === true) startPresentedLookup(request, this.lookup);
    const { requires, needsSudo } = policy;
    const door: Door = { requires, ...(needsSudo === true && { needsSudo }) };
    const principal = (request.principal = await this.admit(request, door));
    if (principal.type === 'user') refuseOtherSites(request, true);
    const refusal = authorize(principal, door, this.clock.now());
    if (refusal === null) return;
    draftOf(request).reason = refusal.reason;
    throw refusal.problem;
  }

  /** Whoever it is; but no secret where none may stand, and no page of another site. */
  private admitAnybody(request: FastifyRequest): void {
    refuseOtherSites(request, false);
    const { refusal } = takeLegacyCredential(request, { kind: 'missing' }, this.config.legacyCredentials);
    if (refusal !== null) throw refusal;
  }

  private async admit(request: FastifyRequest, door: Door): Promise<Principal> {
    const draft = draftOf(request);
    const header = presentedBy(request);
    const { presented, refusal } = takeLegacyCredential(request, header, this.config.legacyCredentials);
    const authenticate = this.authenticatorOf(request, presented);
    request.stillAdmitted = () => this.stillAdmits(authenticate, door);
    const principal = authenticate(draft);
    if (refusal === null) return principal;
    // Refused for where it put a credential, whoever it is; the event still names a caller who is known.
    request.principal = await principal.catch(ignoreRefusal);
    draft.reason = refusal.code;
    throw refusal;
  }

  /** By the cookie of a session only where there is nothing else, and not where OAuth's clients ask. */
  private authenticatorOf(request: FastifyRequest, presented: Presented): Authenticate {
    const mayBePerson = presented.kind === 'missing' && request.routeOptions.config.policy?.oauth !== true;
    const cookie = mayBePerson ? presentedSession(request) : null;
    const ip = request.facts?.ip ?? '';
    if (cookie === null) return (learned) => this.authenticator.authenticate(presented, ip, learned);
    return async (learned) => this.sessions.authenticate(cookie, wishOf(request), learned);
  }

  /** The same judgement once more, of which the event learns nothing. */
  private async stillAdmits(authenticate: Authenticate, door: Door): Promise<boolean> {
    const unheard: Learned = {
      id: null,
      workspaceId: INSTANCE_LOG,
      environment: null,
      actor: ANONYMOUS,
      reason: null,
      formerValues: [],
    };
    const principal = await authenticate(unheard).catch(ignoreRefusal);
    return principal !== undefined && authorize(principal, door, this.clock.now()) === null;
  }
}

/**
 * A browser sends a session's cookie along with whatever any page asks for: what changes something must come from our
 * own. Nor may another page sign its reader in, as somebody else.
 *
 * @param isCertain whether it must be shown, rather than not be disproven.
 */
function refuseOtherSites(request: FastifyRequest, isCertain: boolean): void {
  if (request.method === 'GET' || request.method === 'HEAD' || isSameOrigin(request, isCertain)) return;
  draftOf(request).reason = 'csrf';
  throw Problem.forbidden('This must be asked for by the dashboard itself', []);
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
