import type { UseFormReturnType } from '@mantine/form';
import type { Workspace } from '../../api/types.ts';
import type { UpdateWorkspace } from '../../api/workspace.ts';

/** Units of a lifetime, in seconds, the largest first. */
export const UNITS = [
  { value: '86400', label: 'days' },
  { value: '3600', label: 'hours' },
  { value: '60', label: 'minutes' },
  { value: '1', label: 'seconds' },
] as const;

type Unit = (typeof UNITS)[number]['value'];

export interface WorkspaceForm {
  name: string;
  /** Empty: without limit. */
  lifetime: number | string;
  lifetimeUnit: Unit;
  requireExpiry: boolean;
  strictScopes: boolean;
  prefix: string;
  reusePolicy: Workspace['reuse_policy'];
  /** Empty: never. */
  inactiveDays: number | string;
  addresses: string[];
}

export type WorkspaceFormControl = UseFormReturnType<WorkspaceForm>;

/** A lifetime is shown in the largest unit that it is a whole number of. */
export function formOf(workspace: Workspace): WorkspaceForm {
  const { max_token_ttl: ttl } = workspace;
  const unit = UNITS.find(({ value }) => (ttl ?? 0) % Number(value) === 0)?.value ?? '1';
  return {
    name: workspace.name,
    lifetime: ttl === null ? '' : ttl / Number(unit),
    lifetimeUnit: unit,
    requireExpiry: workspace.require_expiry,
    strictScopes: workspace.strict_scopes,
    prefix: workspace.default_prefix ?? '',
    reusePolicy: workspace.reuse_policy,
    inactiveDays: workspace.inactive_after_days ?? '',
    addresses: workspace.allowed_management_ips ?? [],
  };
}

/** The body of `PATCH /v1/workspace`: what the reader has changed, so that nobody else's change is taken back. */
export function changeBetween(before: WorkspaceForm, after: WorkspaceForm): UpdateWorkspace {
  const old: Readonly<Record<string, unknown>> = { ...bodyOf(before) };
  const changed = Object.entries(bodyOf(after)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
  );
  return Object.fromEntries(changed);
}

function bodyOf(form: WorkspaceForm): UpdateWorkspace {
  const { lifetime, inactiveDays } = form;
  const prefix = form.prefix.trim();
  return {
    name: form.name.trim(),
    max_token_ttl: lifetime === '' ? null : Number(lifetime) * Number(form.lifetimeUnit),
    require_expiry: form.requireExpiry,
    strict_scopes: form.strictScopes,
    default_prefix: prefix === '' ? null : prefix,
    reuse_policy: form.reusePolicy,
    inactive_after_days: inactiveDays === '' ? null : Number(inactiveDays),
    allowed_management_ips: form.addresses.length === 0 ? null : form.addresses,
  };
}

const FIELDS: Readonly<Record<string, keyof WorkspaceForm>> = {
  name: 'name',
  max_token_ttl: 'lifetime',
  require_expiry: 'requireExpiry',
  strict_scopes: 'strictScopes',
  default_prefix: 'prefix',
  reuse_policy: 'reusePolicy',
  inactive_after_days: 'inactiveDays',
  allowed_management_ips: 'addresses',
};

/** Where in the form a fault of the API belongs, and in which words. */
export function faultOf(
  { field, message }: { field: string; message: string },
  { addresses }: WorkspaceForm,
): [keyof WorkspaceForm, string] | null {
  const [first = '', index] = field.split(/[.[\]]/);
  const name = FIELDS[first];
  if (name === undefined) return null;
  const item = name === 'addresses' && index !== undefined ? addresses[Number(index)] : undefined;
  return [
    name,
    item === undefined ? message.charAt(0).toUpperCase() + message.slice(1) : `${item} ${message}`,
  ];
}
