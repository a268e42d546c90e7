/** What a webhook can be told of, and what each type means. A type is never renamed: receivers outlive versions. */
export const NOTICES = {
  'token.expiring': 'A token expires within 30, 7 or 1 days',
  'token.suspended': 'A token was suspended, by somebody or by the policy on inactivity',
  'token.revoked': 'Tokens were revoked, one with its descendants or many at once',
  'token.value_reused':
    'A value that rotation had ended was presented again; at most once an hour for each token',
  'secret.leaked': 'The value of a token or an API key was reported as leaked, and stopped',
  'api_key.regenerated': 'An API key got a new value',
  'api_key.deleted': 'An API key was deleted, by its handle or by its value',
} as const;

export type NoticeType = keyof typeof NOTICES;
export const NOTICE_TYPES = Object.keys(NOTICES) as NoticeType[];

/** What the owner asks for to try a webhook; every webhook gets it. */
export const TEST_NOTICE = 'webhook.test';

/** All that is ever sent. */
export type SentType = NoticeType | typeof TEST_NOTICE;
export const SENT_TYPES: readonly SentType[] = [...NOTICE_TYPES, TEST_NOTICE];
