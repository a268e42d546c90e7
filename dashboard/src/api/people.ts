import { call } from './call.ts';
import type { Person, Role } from './session.ts';
import type { Page } from './types.ts';

/** Who belongs to the workspace. */
export interface Member extends Person {
  role: Role;
  joined_at: string;
}

/** Who was let in and has not come yet. */
export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

/** A browser in which one is signed in. */
export interface BrowserSession {
  id: string;
  current: boolean;
  signed_in_at: string;
  last_seen_at: string;
  expires_at: string;
  ip: string;
  user_agent: string | null;
  second_factor: boolean;
}

export const ROLES: { value: Role; label: string; description: string }[] = [
  { value: 'owner', label: 'Owner', description: 'Everything, other owners included' },
  { value: 'admin', label: 'Admin', description: 'Everything but owners' },
  { value: 'developer', label: 'Developer', description: 'Tokens and scopes, no API keys' },
  { value: 'auditor', label: 'Auditor', description: 'Reads the audit log, nothing else' },
];

function page(path: string, cursor: string | undefined): string {
  return cursor === undefined
    ? `${path}?limit=100`
    : `${path}?limit=100&cursor=${encodeURIComponent(cursor)}`;
}

export function listMembers(cursor: string | undefined): Promise<Page<Member>> {
  return call('GET', page('/v1/members', cursor));
}

export function changeRole(id: string, role: Role): Promise<Member> {
  return call('PATCH', `/v1/members/${id}`, { role });
}

export function removeMember(id: string): Promise<void> {
  return call('DELETE', `/v1/members/${id}`);
}

export function listInvitations(cursor: string | undefined): Promise<Page<Invitation>> {
  return call('GET', page('/v1/members/invitations', cursor));
}

/** The link is shown in this answer only. */
export function invite(email: string, role: Role): Promise<Invitation & { link: string }> {
  return call('POST', '/v1/members/invitations', { email, role });
}

export function takeBack(id: string): Promise<void> {
  return call('DELETE', `/v1/members/invitations/${id}`);
}

export function listSessions(cursor: string | undefined): Promise<Page<BrowserSession>> {
  return call('GET', page('/v1/sessions', cursor));
}

export function endSession(id: string): Promise<void> {
  return call('DELETE', `/v1/sessions/${id}`);
}
