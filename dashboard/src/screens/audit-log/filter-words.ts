import { title } from '../../events/words.ts';
import type { EventSearch, ListField } from './search.ts';

export const LABELS: Record<ListField, string> = {
  action: 'Action',
  outcome: 'Outcome',
  reason: 'Reason',
  actor_type: 'Kind of actor',
  actor_id: 'Actor',
  target_type: 'Kind of target',
  target_id: 'Target',
  ip: 'Address',
  request_id: 'Request',
};

/** What most people come for. */
export const PRESETS: { label: string; filters: EventSearch }[] = [
  { label: 'Everything', filters: {} },
  { label: 'Refusals', filters: { outcome: ['denied'] } },
  { label: 'Verifications', filters: { action: ['token.verify'] } },
  {
    label: 'Token changes',
    filters: { action: ['token.issue', 'token.update', 'token.rotate', 'token.revoke', 'token.revoke_many'] },
  },
  {
    label: 'Key changes',
    filters: {
      action: ['api_key.create', 'api_key.update', 'api_key.regenerate', 'api_key.delete', 'api_key.revoke'],
    },
  },
  { label: 'People', filters: { action: ['session.*', 'member.*', 'account.*'] } },
];

export const SPAN_OPTIONS = [
  { value: '', label: 'All time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
];

export const CHOICES: Partial<Record<ListField, string[]>> = {
  outcome: ['success', 'denied', 'failure'],
  actor_type: ['api_key', 'token', 'user', 'system', 'anonymous'],
  target_type: [
    'api_key',
    'token',
    'scope',
    'workspace',
    'audit_event',
    'user',
    'webhook',
    'session',
    'invitation',
  ],
};

export const EXAMPLES: Partial<Record<ListField, string>> = {
  reason: 'insufficient_scope',
  actor_id: 'key_…, token_… or usr_…',
  target_id: 'token_…',
  ip: '203.0.113.7 or 203.0.113.0/24',
  request_id: 'req_…',
};

export function valueInWords(field: ListField, value: string): string {
  return ['outcome', 'reason', 'actor_type', 'target_type'].includes(field) ? title(value) : value;
}
