import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { AuditDraft } from '../audit-log/audit-draft.js';
import type { CredentialSecret } from '../credentials/credential-secret.entity.js';
import { SecretStore } from '../credentials/secret-store.js';
import { hintOf, parseSecret } from '../platform/secrets/secret.js';
import { Revocation } from '../tokens/revocation.js';
import type { LeakReceivedDto } from './leaks.dto.js';

/** Where a value was found, as its finder says. */
export interface Finding {
  /** Who has found it, if we know. */
  reporter?: 'github';
  /** What kind of secret the finder takes it for. */
  type?: string;
  source?: string;
  url?: string;
}

/** An event names so many of the tokens it has ended, and counts the rest. */
const MAX_NAMED = 100;

/** Whoever a value belongs to that was never issued: it is looked for all the same, so that it takes as long. */
const NOBODY = { workspaceId: '', environment: 'live', kind: 'token', ownerId: '' } as const;

/**
 * Stops what a leaked value opens, whoever presents it: holding the value proves that it has leaked. The event stands in
 * the log of the workspace that the value belongs to; the finder learns nothing.
 */
@Injectable()
export class LeaksService {
  constructor(
    private readonly secrets: SecretStore,
    private readonly keys: ApiKeysService,
    private readonly revocation: Revocation,
  ) {}

  /** The same answer after the same work, whether the value is known, dead or never was. */
  async report(secret: string, event: AuditDraft): Promise<LeakReceivedDto> {
    await this.stop(secret, {}, event);
    return { received: true };
  }

  /** Stops what the value opens, in the open transaction; true if it was ever issued. */
  async stop(value: string, finding: Finding, event: AuditDraft): Promise<boolean> {
    const found = await this.secrets.find(value);
    const isHeld = async (): Promise<boolean> => (await this.secrets.find(value))?.isLiving === true;
    const { kind } = found ?? NOBODY;
    const result = await (kind === 'api_key' ? this.stopKey(found!, isHeld) : this.stopToken(found, isHeld));
    event.details = {
      known: found !== null,
      hint: found?.hint ?? plausibleHint(value),
      ...finding,
      ...result.details,
    };
    if (found === null) return false;
    event.workspaceId = found.workspaceId;
    event.environment = found.environment;
    event.target = { type: kind, id: found.ownerId, name: result.name };
    return true;
  }

  private async stopKey(
    { workspaceId, ownerId }: CredentialSecret,
    isHeld: () => Promise<boolean>,
  ): Promise<Stopped> {
    const key = await this.keys.leaked(workspaceId, ownerId, isHeld);
    return { name: key?.name ?? null, details: { stopped: key?.stopped === true } };
  }

  private async stopToken(found: CredentialSecret | null, isHeld: () => Promise<boolean>): Promise<Stopped> {
    const { workspaceId, environment, ownerId } = found ?? NOBODY;
    const token = await this.revocation.leaked({ workspaceId, environment }, ownerId, isHeld);
    const ids = token?.ids ?? [];
    const details = { stopped: ids.length > 0, revoked: ids.length, revoked_ids: ids.slice(0, MAX_NAMED) };
    return { name: token?.name ?? null, details: ids.length > 0 ? details : { stopped: false } };
  }
}

interface Stopped {
  name: string | null;
  details: Record<string, unknown>;
}

/** Of a value that has our form, so that an operator who finds it elsewhere recognises it. */
function plausibleHint(value: string): string | null {
  return parseSecret(value) === null ? null : hintOf(value);
}
