import type { UseFormReturnType } from '@mantine/form';
import type { IssueToken } from '../../api/types.ts';
import { expiryOf, type ExpiryPreset } from './expiry.ts';

export interface IssueForm {
  name: string;
  scopes: string[];
  expiry: ExpiryPreset;
  expiresAt: string | null;
  subject: string;
  description: string;
  addresses: string[];
  notBefore: string | null;
  maxUses: number | string;
  rateLimit: number | string;
  rateWindow: number | string;
  prefix: string;
  metadata: string;
}

export type IssueFormControl = UseFormReturnType<IssueForm>;

export const EMPTY_FORM: IssueForm = {
  name: '',
  scopes: [],
  expiry: '90',
  expiresAt: null,
  subject: '',
  description: '',
  addresses: [],
  notBefore: null,
  maxUses: '',
  rateLimit: '',
  rateWindow: 60,
  prefix: '',
  metadata: '',
};

/** What is plainly wrong is said before it is sent; the server judges the rest. */
export const VALIDATE = {
  name: (name: string) => (name.trim() === '' ? 'Give it a name' : null),
  scopes: (scopes: string[]) => (scopes.length === 0 ? 'Choose at least one scope' : null),
  expiresAt: (at: string | null, { expiry }: IssueForm) =>
    expiry === 'at' && at === null ? 'Choose when it ends' : null,
  metadata: (text: string) => (text.trim() === '' || isObject(text) ? null : 'Must be a JSON object'),
};

/** The body of `POST /v1/tokens`: what was left empty is left out. */
export function bodyOf(form: IssueForm): IssueToken {
  const { expiry, expiresAt, notBefore } = form;
  const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
  const body = {
    name: form.name.trim(),
    scopes: form.scopes,
    ...expiryOf(expiry, expiresAt),
    subject: text(form.subject),
    description: text(form.description),
    allowed_ips: form.addresses.length === 0 ? undefined : form.addresses,
    not_before: notBefore === null ? undefined : new Date(notBefore).toISOString(),
    max_uses: form.maxUses === '' ? undefined : Number(form.maxUses),
    rate_limit:
      form.rateLimit === ''
        ? undefined
        : { limit: Number(form.rateLimit), window_seconds: Number(form.rateWindow) },
    prefix: text(form.prefix),
    metadata:
      text(form.metadata) === undefined ? undefined : (JSON.parse(form.metadata) as Record<string, unknown>),
  };
  return body;
}

/** Where in the form a fault of the API belongs. */
export function fieldOf(apiField: string): keyof IssueForm | null {
  const [first = ''] = apiField.split(/[.[]/);
  const fields: Record<string, keyof IssueForm> = {
    name: 'name',
    scopes: 'scopes',
    expires_at: 'expiresAt',
    expires_in: 'expiresAt',
    subject: 'subject',
    description: 'description',
    allowed_ips: 'addresses',
    not_before: 'notBefore',
    max_uses: 'maxUses',
    rate_limit: 'rateLimit',
    prefix: 'prefix',
    metadata: 'metadata',
  };
  return fields[first] ?? null;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
