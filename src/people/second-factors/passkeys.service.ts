import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isHandle, newHandle } from '../../platform/ids.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import { page } from '../../platform/pagination/page.js';
import type { PageQuery } from '../../platform/pagination/page.dto.js';
import { OneTimeLinks } from '../links/one-time-links.js';
import type { Browser } from '../sessions/browser.js';
import { sessionOf } from '../sessions/signed-in.js';
import { ALGORITHMS, readRegistration, webAuthn } from './ceremony.js';
import { Enrolments } from './enrolments.js';
import { Passkey } from './passkey.entity.js';
import { RelyingParty } from './relying-party.js';
import {
  renderPasskey,
  type AddPasskeyDto,
  type NewPasskeyDto,
  type PasskeyPage,
} from './second-factors.dto.js';

/** How long a person may take with their device. */
const CHALLENGE_MS = 5 * 60_000;
const MAX_PASSKEYS = 50;

/** Passkeys (WebAuthn): made, listed, removed. Each can be found by the device itself, so that it alone signs in. */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly database: Database,
    private readonly links: OneTimeLinks,
    private readonly enrolments: Enrolments,
    private readonly relyingParty: RelyingParty,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  /** For making one. */
  async creationOptions(caller: Principal, browser: Browser, event: AuditDraft): Promise<object> {
    event.target = { type: 'user', id: caller.id, name: caller.name };
    event.details = { method: 'passkey' };
    const existing = await this.database.rows(Passkey).findBy({ userId: caller.id });
    if (existing.length >= MAX_PASSKEYS)
      throw new Problem('conflict', `An account has at most ${String(MAX_PASSKEYS)} passkeys`);
    const challenge = await this.links.make('passkey_registration', caller.id, CHALLENGE_MS);
    const { email } = sessionOf(caller);
    const { generateRegistrationOptions } = await webAuthn();
    return generateRegistrationOptions({
      rpName: 'Tooken',
      rpID: this.relyingParty.certainSiteOf(browser).host,
      userName: email,
      userDisplayName: caller.name,
      userID: new TextEncoder().encode(caller.id),
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      attestationType: 'none',
      excludeCredentials: existing.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
  }

  /** For signing in, as a second factor, and for confirming that it is they. */
  async requestOptions(browser: Browser, event: AuditDraft): Promise<object> {
    event.details = { method: 'passkey' };
    const challenge = await this.links.make('passkey', null, CHALLENGE_MS);
    const { generateAuthenticationOptions } = await webAuthn();
    return generateAuthenticationOptions({
      rpID: this.relyingParty.certainSiteOf(browser).host,
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      userVerification: 'required',
    });
  }

  async add(
    caller: Principal,
    body: AddPasskeyDto,
    browser: Browser,
    event: AuditDraft,
  ): Promise<NewPasskeyDto> {
    const made = await readRegistration(body.passkey, this.relyingParty.certainSiteOf(browser));
    const isOurs =
      made !== null && (await this.links.isUsedNow('passkey_registration', made.challenge, caller.id));
    if (!isOurs) throw Problem.invalid([{ field: 'passkey', message: 'is no answer to options of ours' }]);
    const now = this.clock.now();
    const row = Object.assign(new Passkey(), {
      id: newHandle('passkey', now),
      userId: caller.id,
      credentialId: made.credential.id,
      publicKey: Buffer.from(made.credential.publicKey),
      counter: String(made.credential.counter),
      transports: made.credential.transports ?? [],
      name: body.name,
      backedUp: made.backedUp,
      createdAt: new Date(now),
      lastUsedAt: null,
    });
    if (!(await this.database.insertIfFree(Passkey, [row])))
      throw new Problem('conflict', 'This passkey is known already');
    event.target = { type: 'passkey', id: row.id, name: row.name };
    return {
      ...renderPasskey(row),
      recovery_codes: await this.enrolments.added(caller, 'passkey', browser, event),
    };
  }

  async list(caller: Principal, query: PageQuery): Promise<PasskeyPage> {
    const filters = ['passkeys', caller.id];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    const rows = await this.database.rows(Passkey).find({
      where: { userId: caller.id, ...(after !== undefined && { id: LessThan(after) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map(renderPasskey), next_cursor };
  }

  async remove(caller: Principal, id: string, browser: Browser, event: AuditDraft): Promise<void> {
    if (!isHandle('passkey', id)) throw Problem.notFound();
    event.target = { type: 'passkey', id, name: null };
    const [row] = await this.database.query<{ name: string }>(
      'delete from passkeys where id = $1 and user_id = $2 returning name',
      [id, caller.id],
    );
    if (row === undefined) throw Problem.notFound();
    event.target.name = row.name;
    await this.enrolments.removed(caller, 'passkey', browser, event);
  }
}
