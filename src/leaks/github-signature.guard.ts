import { verify } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../platform/errors/problem.js';
import '../platform/input/signed-body.decorator.js';
import { GithubKeys } from './github-keys.js';

export const KEY_HEADER = 'Github-Public-Key-Identifier';
export const SIGNATURE_HEADER = 'Github-Public-Key-Signature';

/**
 * Lets in only what GitHub has signed. A guard, since the keys may have to be fetched: nobody waits for the outside world
 * in a transaction, which the handler has.
 */
@Injectable()
export class GithubSignatureGuard implements CanActivate {
  constructor(private readonly keys: GithubKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!this.keys.isConfigured) throw Problem.notFound();
    const id = only(request, KEY_HEADER);
    const signature = only(request, SIGNATURE_HEADER);
    if (id === null || signature === null) throw refuse(request, 'missing_credential');
    const key = /^[\w-]{1,128}$/.test(id) ? await this.keys.find(id) : null;
    const bytes = request.signedBytes ?? Buffer.alloc(0);
    if (key === null || !verify('sha256', bytes, key, Buffer.from(signature, 'base64'))) {
      throw refuse(request, 'unknown_credential');
    }
    return true;
  }
}

/** The header's one value; null without it, or with two. */
function only(request: FastifyRequest, name: string): string | null {
  const values = request.raw.headersDistinct[name.toLowerCase()] ?? [];
  return values.length === 1 && values[0] !== '' ? values[0]! : null;
}

function refuse({ auditDraft }: FastifyRequest, reason: string): Problem {
  if (auditDraft !== undefined) auditDraft.reason = reason;
  return new Problem('unauthorized', 'The signature is missing or is not GitHub’s', {
    headers: { 'www-authenticate': 'Bearer realm="tooken"' },
  });
}
