import { ApiKey } from './api-keys/api-key.entity.js';
import { AuditEvent, AuditPersonal } from './audit-log/recording/audit-event.entity.js';
import {
  AuditHourStat,
  AuditLastUse,
  AuditName,
  AuditStat,
  AuditValueUse,
} from './audit-log/sequencing/summary.entities.js';
import {
  AuditCheckpoint,
  AuditEntryRow,
  AuditEpoch,
  AuditKeptLeaf,
  AuditPending,
  AuditTile,
  AuditTree,
} from './audit-log/sequencing/tree.entities.js';
import { CredentialSecret } from './credentials/credential-secret.entity.js';
import { IdempotentAnswer } from './idempotency/idempotent-answer.entity.js';
import { LeakReporter } from './leaks/leak-reporter.entity.js';
import { TokenCounter } from './credentials/token-counter.entity.js';
import { SigningKey } from './oauth/keys/signing-key.entity.js';
import { IssuedJwt } from './oauth/statuses/issued-jwt.entity.js';
import { StatusList } from './oauth/statuses/status-list.entity.js';
import { User } from './people/accounts/user.entity.js';
import { Invitation } from './people/invitations/invitation.entity.js';
import { OneTimeSecret } from './people/links/one-time-secret.entity.js';
import { Membership } from './people/members/membership.entity.js';
import { Passkey } from './people/second-factors/passkey.entity.js';
import { RecoveryCode } from './people/second-factors/recovery-code.entity.js';
import { TotpSecret } from './people/second-factors/totp-secret.entity.js';
import { Session } from './people/sessions/session.entity.js';
import { SignInAttempt } from './people/sessions/sign-in-attempt.entity.js';
import { Scope } from './scopes/scope.entity.js';
import { TokenExpiryNotice } from './tokens/expiring/token-expiry-notice.entity.js';
import { Token } from './tokens/token.entity.js';
import { WebhookCursor } from './webhooks/webhook-cursor.entity.js';
import { WebhookDelivery } from './webhooks/webhook-delivery.entity.js';
import { Webhook } from './webhooks/webhook.entity.js';
import { Workspace } from './workspaces/workspace.entity.js';

/** Every table with rows of its own. */
export const ENTITIES = [
  Workspace,
  ApiKey,
  Token,
  TokenCounter,
  Scope,
  CredentialSecret,
  IdempotentAnswer,
  User,
  Membership,
  Session,
  Invitation,
  OneTimeSecret,
  SignInAttempt,
  TotpSecret,
  RecoveryCode,
  Passkey,
  AuditEvent,
  AuditPersonal,
  AuditEntryRow,
  AuditPending,
  AuditTree,
  AuditTile,
  AuditKeptLeaf,
  AuditCheckpoint,
  AuditEpoch,
  AuditHourStat,
  AuditStat,
  AuditName,
  AuditLastUse,
  AuditValueUse,
  LeakReporter,
  SigningKey,
  StatusList,
  IssuedJwt,
  TokenExpiryNotice,
  Webhook,
  WebhookDelivery,
  WebhookCursor,
];
