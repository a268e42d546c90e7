/** What was tried, as in “tried to …”, by the action's name in the log. */
const DEEDS: Record<string, string> = {
  'api_key.create': 'create the API key',
  'api_key.list': 'list API keys',
  'api_key.read': 'read the API key',
  'api_key.update': 'rename the API key',
  'api_key.regenerate': 'regenerate the API key',
  'api_key.delete': 'delete the API key',
  'api_key.revoke': 'stop an API key by its value',
  'token.issue': 'issue the token',
  'token.import': 'import tokens',
  'token.list': 'list tokens',
  'token.read': 'read the token',
  'token.update': 'change the token',
  'token.rotate': 'rotate the token',
  'token.finish_rotation': 'end the grace period of the token',
  'token.revoke': 'revoke the token',
  'token.revoke_many': 'revoke tokens',
  'token.suspend': 'suspend the token',
  'token.expiring': 'notice the coming end of the token',
  'token.verify': 'verify the token',
  'token.introspect': 'introspect the token',
  'token.exchange': 'exchange the token',
  'secret.report': 'report the leaked value of',
  'secret.describe': 'ask for the form of secrets',
  'setup.read': 'ask whether there is an owner',
  'setup.link': 'make a link for the first owner',
  'setup.complete': 'make the first owner',
  'account.signup': 'sign up',
  'account.reset_link': 'make a link for a new password of',
  'scope.list': 'list scopes',
  'scope.create': 'add the scope',
  'scope.update': 'describe the scope',
  'scope.delete': 'remove the scope',
  'audit.list': 'list audit events',
  'audit.read': 'read from the audit log',
  'audit.export': 'export the audit log',
  'audit.tail': 'follow the audit log',
  'audit.stats': 'count audit events',
  'audit.search': 'search the log by a secret',
  'audit.prove': 'ask for a proof of the log',
  'audit.scrub': 'check the whole log',
  'audit.open_epoch': 'begin the signed history anew',
  'audit.retain': 'drop an old month of the log',
  'audit.erase': 'erase personal data from the log',
  'me.read': 'ask who it is',
  'workspace.create': 'create the workspace',
  'workspace.read': 'read the workspace',
  'workspace.update': 'change the workspace',
  'session.login': 'sign in',
  'session.read': 'ask who is signed in',
  'session.logout': 'sign out',
  'session.sudo': 'confirm who they are',
  'session.list': 'list their sessions',
  'session.revoke': 'end a session',
  'session.mfa_enroll': 'add a second factor',
  'session.mfa_remove': 'remove a second factor',
  'session.challenge': 'begin with a second factor',
  'session.recovery_codes': 'make new recovery codes',
  'session.password_change': 'change their password',
  'session.password_reset': 'reset their password',
  'account.read': 'read their account',
  'account.update': 'change their account',
  'member.list': 'list members',
  'member.invite': 'invite',
  'member.join': 'join the workspace',
  'member.update': 'change the role of',
  'member.remove': 'remove',
  'invitation.list': 'list invitations',
  'invitation.read': 'read an invitation',
  'invitation.revoke': 'take back an invitation',
  'webhook.create': 'create the webhook',
  'webhook.list': 'list webhooks',
  'webhook.read': 'read the webhook',
  'webhook.update': 'change the webhook',
  'webhook.delete': 'delete the webhook',
  'webhook.rotate_secret': 'rotate the secret of the webhook',
  'webhook.test': 'test the webhook',
  'webhook.replay': 'send again to the webhook',
};

/** Verbs whose past is neither `-ed` nor `-d`. */
const IRREGULAR: Record<string, string> = {
  begin: 'began',
  make: 'made',
  drop: 'dropped',
  read: 'read',
  send: 'sent',
  stop: 'stopped',
  take: 'took',
  verify: 'verified',
};

const REASONS: Record<string, string> = {
  missing_credential: 'no credential was sent',
  malformed_credential: 'the credential is malformed',
  unknown_credential: 'the credential is unknown',
  regenerated_key: 'the key had been regenerated',
  deleted_key: 'the key had been deleted',
  revoked_key: 'the key had been stopped',
  expired_key: 'the key has expired',
  expired_token: 'the token has expired',
  revoked_token: 'the token is revoked',
  disabled_token: 'the token is suspended',
  rotated_value: 'the value had been rotated out',
  insufficient_scope: 'a scope is missing',
  credential_type: 'that kind of credential may not do this',
  ip_not_allowed: 'the address is not allowed',
  rate_limited: 'too many in too short a time',
  malformed: 'it is malformed',
  not_found: 'there is no such thing',
  revoked: 'it is revoked',
  disabled: 'it is suspended',
  expired: 'it has expired',
  not_yet_valid: 'its time has not begun',
  exhausted: 'its uses are spent',
  invalid_request: 'the request has faults',
  forbidden: 'it is not allowed',
  unauthorized: 'not authenticated',
  conflict: 'something had changed meanwhile',
  method_not_allowed: 'the method is not allowed',
  payload_too_large: 'the body was too large',
  unsupported_media_type: 'the body was not JSON',
  unknown_scope: 'the scope is not in the catalogue',
  wrong_password: 'the password is wrong',
  unknown_user: 'there is no account of this address',
  no_workspace: 'they belong to no workspace',
  unknown_session: 'the session is unknown',
  ended_session: 'the session had ended',
  expired_session: 'the session has expired',
  insufficient_role: 'the role does not include this',
  sudo_required: 'they have not confirmed who they are',
  second_factor_required: 'the second factor is still to come',
  wrong_code: 'the code is wrong or was used before',
  wrong_passkey: 'the passkey is not the account’s',
  unknown_ticket: 'the sign-in took too long',
  csrf: 'the request came from another site',
};

/** `token.issue` → “issue the token”; an action newer than this page as it is. */
export function deed(action: string): string {
  return DEEDS[action] ?? plain(action.replace('.', ' '));
}

/** `token.issue` → “issued the token”. */
export function deedDone(action: string): string {
  const known = DEEDS[action];
  if (known === undefined) return plain(action.replace('.', ' '));
  const [verb = '', ...rest] = known.split(' ');
  return [past(verb), ...rest].join(' ');
}

/** `insufficient_scope` → “a scope is missing”. */
export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? plain(reason);
}

/** `ip_not_allowed` → “IP not allowed”. */
export function title(name: string): string {
  const words = plain(name)
    .replace(/\bapi\b/g, 'API')
    .replace(/\bip\b/g, 'IP');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function past(verb: string): string {
  return IRREGULAR[verb] ?? (verb.endsWith('e') ? `${verb}d` : `${verb}ed`);
}

function plain(name: string): string {
  return name.replaceAll('_', ' ');
}
