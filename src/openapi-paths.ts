import type { Json } from './openapi-problems.js';

interface PathParameter {
  description: string;
  schema: Json;
}

/** What stands for what in a path, by the path up to there. */
export const IN_PATH: Record<string, PathParameter> = {
  '/v1/api-keys/{id}': handle('key', 'Handle of the API key.'),
  '/v1/tokens/{id}': handle('token', 'Handle of the token.'),
  '/v1/members/{id}': handle('usr', 'Handle of the person.'),
  '/v1/members/invitations/{id}': handle('inv', 'Handle of the invitation.'),
  '/v1/account/passkeys/{id}': handle('passkey', 'Handle of the passkey.'),
  '/v1/sessions/{id}': handle('ses', 'Handle of the session.'),
  '/v1/audit-events/{id}': handle('evt', 'Handle of the event.'),
  '/.well-known/oauth-authorization-server/{workspace}': handle('ws', 'Handle of the workspace.'),
  '/.well-known/oauth-authorization-server/{workspace}/{environment}': {
    description: 'Its environment.',
    schema: { type: 'string', enum: ['live', 'test'], example: 'live' },
  },
  '/.well-known/tooken/status-lists/{id}': {
    description: 'As the `status` of a JWT has it.',
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$', example: '0123456789abcdef0123456789abcdef' },
  },
  '/v1/webhooks/{id}': handle('wh', 'Handle of the webhook.'),
  '/v1/webhooks/{id}/deliveries/{delivery_id}': handle('whd', 'Handle of the delivery.'),
  '/v1/scopes/{name}': {
    description: 'Name of the scope.',
    schema: { type: 'string', format: 'scope', example: 'invoices:read' },
  },
};

function handle(prefix: string, description: string): PathParameter {
  const pattern = `^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`;
  const example = `${prefix}_01k2qj6m4xf3v9n0e7w8r5t2ya`;
  return { description, schema: { type: 'string', pattern, example } };
}
