import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, MoreThan, Not } from 'typeorm';
import type { AuditDraft } from '../../audit-log/audit-draft.js';
import type { Principal } from '../../credentials/principal.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Problem } from '../../platform/errors/problem.js';
import { isHandle, newHandle } from '../../platform/ids.js';
import { Cursors } from '../../platform/pagination/cursor.js';
import { page } from '../../platform/pagination/page.js';
import type { PageQuery } from '../../platform/pagination/page.dto.js';
import { SecretHasher } from '../../platform/secrets/secret-hasher.js';
import { hashOf, newSecret } from '../links/person-secret.js';
import type { Browser } from './browser.js';
import { IDLE_MS, LIFE_MS, REMEMBERED_MS, SUDO_MS } from './session-life.js';
import { Session, type SessionEnd } from './session.entity.js';
import { renderSession, type SessionDto, type SessionPage } from './sessions.dto.js';
import { sessionOf } from './signed-in.js';

/** Sessions from sign-in to sign-out. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: Database,
    private readonly hasher: SecretHasher,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  /** Begins a session; one that the browser had before is over. */
  async begin(userId: string, browser: Browser, secondFactor: boolean): Promise<Session> {
    if (browser.session !== null) await this.endValue(browser.session, 'renewed');
    await this.forgetOld();
    const now = this.clock.now();
    return this.insert(browser, {
      userId,
      signedInAt: new Date(now),
      expiresAt: new Date(now + LIFE_MS),
      sudoUntil: null,
      secondFactor,
    });
  }

  /**
   * Gives the caller's session a new value, as whenever it becomes mightier: who has come to know the old one has
   * nothing.
   *
   * @param isConfirmed whether the person has just proven who they are.
   */
  async renew(caller: Principal, browser: Browser, isConfirmed: boolean): Promise<Session> {
    const { sessionId } = sessionOf(caller);
    const before = await this.database.rows(Session).findOne({
      where: { id: sessionId, userId: caller.id, endedAt: IsNull() },
      lock: { mode: 'pessimistic_write' },
    });
    if (before === null) throw new Problem('conflict', 'The session has ended meanwhile; sign in again');
    await this.end(caller.id, sessionId, 'renewed');
    const { userId, signedInAt, expiresAt, secondFactor } = before;
    const sudoUntil = isConfirmed ? new Date(this.clock.now() + SUDO_MS) : before.sudoUntil;
    return this.insert(browser, { userId, signedInAt, expiresAt, secondFactor, sudoUntil });
  }

  async list(caller: Principal, query: PageQuery): Promise<SessionPage> {
    const filters = ['sessions', caller.id];
    const after = query.cursor === undefined ? undefined : this.cursors.decode(query.cursor, filters)[0];
    const now = this.clock.now();
    const rows = await this.database.rows(Session).find({
      where: {
        userId: caller.id,
        endedAt: IsNull(),
        expiresAt: MoreThan(new Date(now)),
        lastSeenAt: MoreThan(new Date(now - IDLE_MS)),
        ...(after !== undefined && { id: LessThan(after) }),
      },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    const { sessionId } = sessionOf(caller);
    const { data, next_cursor } = page(rows, query.limit, (row) => this.cursors.encode([row.id], filters));
    return { data: data.map((row): SessionDto => renderSession(row, sessionId)), next_cursor };
  }

  /** Ends one of the caller's own sessions. */
  async revoke(caller: Principal, id: string, event: AuditDraft): Promise<void> {
    if (!isHandle('ses', id)) throw Problem.notFound();
    event.target = { type: 'session', id, name: null };
    if (!(await this.end(caller.id, id, 'revoked'))) throw Problem.notFound();
  }

  async signOut(caller: Principal, browser: Browser, event: AuditDraft): Promise<void> {
    const { sessionId } = sessionOf(caller);
    event.target = { type: 'session', id: sessionId, name: null };
    await this.end(caller.id, sessionId, 'signed_out');
    browser.forgetSession();
  }

  /** Ends all sessions of a person, but for one. */
  async endAll(userId: string, reason: SessionEnd, exceptId = ''): Promise<void> {
    await this.database
      .rows(Session)
      .update(
        { userId, endedAt: IsNull(), id: Not(exceptId) },
        { endedAt: new Date(this.clock.now()), endedReason: reason },
      );
  }

  /** Whoever may do something else from now on proves anew who they are before it counts. */
  async endSudo(userId: string): Promise<void> {
    await this.database.rows(Session).update({ userId, endedAt: IsNull() }, { sudoUntil: null });
  }

  private async end(userId: string, id: string, reason: SessionEnd): Promise<boolean> {
    const change = { endedAt: new Date(this.clock.now()), endedReason: reason };
    const { affected } = await this.database.rows(Session).update({ id, userId, endedAt: IsNull() }, change);
    return affected === 1;
  }

  private async endValue(value: string, reason: SessionEnd): Promise<void> {
    await this.database
      .rows(Session)
      .update(
        { hash: hashOf(this.hasher, 'session', value), endedAt: IsNull() },
        { endedAt: new Date(this.clock.now()), endedReason: reason },
      );
  }

  private async insert(
    browser: Browser,
    from: Pick<Session, 'userId' | 'signedInAt' | 'expiresAt' | 'sudoUntil' | 'secondFactor'>,
  ): Promise<Session> {
    const now = this.clock.now();
    const value = newSecret();
    const row = Object.assign(new Session(), from, {
      hash: hashOf(this.hasher, 'session', value),
      id: newHandle('ses', now),
      lastSeenAt: new Date(now),
      ip: browser.ip,
      userAgent: browser.userAgent,
      endedAt: null,
      endedReason: null,
    });
    await this.database.rows(Session).insert(row);
    browser.keepSession(value, now, row.expiresAt.getTime());
    return row;
  }

  /** A few at a time, since somebody is waiting. */
  private async forgetOld(): Promise<void> {
    await this.database.query(
      `delete from sessions where hash in (
         select hash from sessions where expires_at < $1 order by expires_at limit 100 for update skip locked)`,
      [new Date(this.clock.now() - REMEMBERED_MS)],
    );
  }
}
