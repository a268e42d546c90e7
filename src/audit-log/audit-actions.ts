interface ActionEntry {
  /** What the event tells, in one sentence. */
  description: string;
  /** Whether success changes something: then the change and its event are one transaction. */
  changes: boolean;
}

const reads = (description: string): ActionEntry => ({ description, changes: false });
const changes = (description: string): ActionEntry => ({ description, changes: true });

/**
 * Every action an event can name (contract §6). The same action whether it succeeded or not: a refused attempt
 * to create a key is `api_key.create` too.
 */
export const AUDIT_ACTIONS = {
  'api_key.create': changes('An API key was created'),
  'api_key.list': reads('API keys were listed'),
  'api_key.read': reads('An API key was read'),
  'api_key.update': changes('An API key was renamed'),
  'api_key.regenerate': changes('An API key got a new value; the old one died'),
  'api_key.delete': changes('An API key was deleted'),
  'api_key.revoke': changes('An API key was stopped by its value'),
  'token.issue': changes('A token was issued'),
  'token.import': changes('A token was imported, with the value it had elsewhere'),
  'token.list': reads('Tokens were listed'),
  'token.read': reads('A token was read'),
  'token.update': changes('A token was changed'),
  'token.rotate': changes('A token got a new value'),
  'token.finish_rotation': changes('The former value of a rotated token was ended before its grace was over'),
  'token.revoke': changes('A token was revoked, with its descendants'),
  'token.revoke_many': changes('Tokens were revoked by value or by filter'),
  'token.verify': reads('A token was verified'),
  'token.introspect': reads('A token was introspected (RFC 7662)'),
  'token.exchange': changes('A token was exchanged for a JWT (RFC 8693, RFC 6749 §4.4)'),
  'secret.report': changes('A secret value was reported as leaked; what it opened was stopped'),
  'secret.describe': reads('The form of secrets was read'),
  'token.suspend': changes('A token was suspended by the system'),
  'token.expiring': changes('A token was found to expire within 30, 7 or 1 days'),
  'scope.list': reads('Scopes were listed'),
  'scope.create': changes('A scope was created'),
  'scope.update': changes('A scope was changed'),
  'scope.delete': changes('A scope was deleted'),
  'audit.list': reads('Audit events were listed'),
  'audit.read': reads('An audit event, or the list of actions, was read'),
  'audit.export': reads('Audit events were exported'),
  'audit.tail': reads('Audit events were followed'),
  'audit.stats': reads('Audit events were counted'),
  'audit.search': reads('Audit events were searched by a secret'),
  'audit.prove': reads('A proof of the audit log was read'),
  'audit.scrub': reads('The logs were read again and recomputed'),
  'audit.open_epoch': changes('The signed history of the log was begun anew'),
  'audit.retain': changes('A month of the log was dropped, its events being older than they are kept'),
  'audit.erase': changes('What is personal was erased from events of the log'),
  'me.read': reads('A caller asked who it is'),
  'workspace.create': changes('A workspace was created'),
  'workspace.read': reads('The workspace was read'),
  'workspace.update': changes('The workspace was changed'),
  'setup.read': reads('Somebody asked whether an owner is still to be made'),
  'setup.link': changes('A link for making the first owner was made'),
  'setup.complete': changes('The first owner was made'),
  'account.signup': changes('A person signed up, with a workspace of their own'),
  'account.read': reads('A person read their account, or listed their passkeys'),
  'account.update': changes('A person changed their account'),
  'account.reset_link': changes('A link for setting a new password was made'),
  'session.login': changes('A person signed in'),
  'session.logout': changes('A person signed out'),
  'session.read': reads('A person asked who they are signed in as'),
  'session.list': reads('A person listed their sessions'),
  'session.revoke': changes('A person ended one of their sessions'),
  'session.sudo': changes('A person confirmed that it is they'),
  'session.mfa_enroll': changes('A second factor was added'),
  'session.mfa_remove': changes('A second factor was removed'),
  'session.password_change': changes('A password was changed'),
  'session.challenge': changes('An authenticator app was offered, or a challenge for a passkey made'),
  'session.recovery_codes': changes('Recovery codes were made anew'),
  'session.password_reset': changes('A forgotten password was replaced'),
  'member.list': reads('The people of the workspace were listed'),
  'member.invite': changes('A person was invited'),
  'member.join': changes('A person joined'),
  'member.update': changes("A person's role was changed"),
  'member.remove': changes('A person was removed'),
  'webhook.create': changes('A webhook was created'),
  'webhook.list': reads('Webhooks were listed'),
  'webhook.read': reads('A webhook, or its deliveries, were read'),
  'webhook.update': changes('A webhook was changed'),
  'webhook.delete': changes('A webhook was deleted'),
  'webhook.rotate_secret': changes('A webhook got a new signing secret'),
  'webhook.test': changes('A test notice was queued for a webhook'),
  'webhook.replay': changes('A delivery of a webhook was queued anew'),
  'invitation.list': reads('Invitations were listed'),
  'invitation.read': reads('An invitation was read by who has its link'),
  'invitation.revoke': changes('An invitation was taken back'),
} as const satisfies Record<string, ActionEntry>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS) as AuditAction[];

export const AUDIT_OUTCOMES = ['success', 'denied', 'failure'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export const ACTOR_TYPES = ['api_key', 'token', 'user', 'system', 'anonymous'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

export const TARGET_TYPES = [
  'api_key',
  'token',
  'scope',
  'workspace',
  'audit_event',
  'user',
  'webhook',
  'session',
  'invitation',
  'passkey',
] as const;
export type TargetType = (typeof TARGET_TYPES)[number];
