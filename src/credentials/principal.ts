import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Environment } from '../platform/secrets/secret.js';
import type {
  ApiKeyCredential,
  TokenCredential,
  UserCredential,
  WorkspaceFacts,
} from './credential-facts.js';
import { isImportable } from './imported-value.js';

/** Who is calling, once the guard has let them in. */
export interface Principal {
  type: 'api_key' | 'token' | 'user';
  id: string;
  name: string;
  /** Null for a person, whose session's value has none. */
  hint: string | null;
  environment: Environment;
  workspace: WorkspaceFacts;
  /** What it may do at all; for a token narrowed by its ancestors, for an API key everything, for a person by role. */
  scopes: readonly string[] | '*';
  /** Unix milliseconds; null = no expiry. */
  expiresAt: number | null;
  credential: ApiKeyCredential | TokenCredential | UserCredential;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; absent on public routes and on refused requests. */
    principal?: Principal | undefined;
    /** Set by the guard, together with the principal. */
    stillAdmitted?: StillAdmitted;
  }
}

/**
 * Whether the caller would be let in again now, by the database: for an answer that goes on for longer than a
 * credential may hold.
 */
export type StillAdmitted = () => Promise<boolean>;

/** The caller of a guarded route, as a handler's argument. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('a handler that asks for its caller must be guarded');
  return principal;
});

/** The guard's word for a handler whose answer takes long, as its argument. */
export const Admission = createParamDecorator((_data: unknown, context: ExecutionContext): StillAdmitted => {
  const { stillAdmitted } = context.switchToHttp().getRequest<FastifyRequest>();
  if (stillAdmitted === undefined) throw new Error('a handler that asks for its admission must be guarded');
  return stillAdmitted;
});

/** Whether the text may be the value of a token that the caller's workspace has imported. */
export function mayBeImported({ workspace }: Principal, text: string): boolean {
  return workspace.hasImports && isImportable(text);
}

/** How the caller is remembered in `created_by` and in events. */
export function createdBy(principal: Principal): {
  createdByType: string;
  createdById: string | null;
  createdByName: string | null;
} {
  return { createdByType: principal.type, createdById: principal.id, createdByName: principal.name };
}
