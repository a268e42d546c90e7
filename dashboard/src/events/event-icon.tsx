import { ThemeIcon } from '@mantine/core';
import {
  Activity,
  Ban,
  CircleCheck,
  FileSearch,
  KeyRound,
  RefreshCw,
  ShieldCheck,
  Tag,
  Ticket,
  Trash2,
  TriangleAlert,
  UserRound,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../api/types.ts';

const BY_ACTION: [RegExp, LucideIcon][] = [
  [/\.(?:delete|remove)$/, Trash2],
  [/\.revoke(?:_many)?$/, Ban],
  [/\.(?:rotate|regenerate)$/, RefreshCw],
  [/^token\.(?:verify|introspect)$/, CircleCheck],
  [/^audit\.prove$/, ShieldCheck],
  [/^audit\./, FileSearch],
  [/^api_key\./, KeyRound],
  [/^token\./, Ticket],
  [/^scope\./, Tag],
  [/^(?:session|member|account)\./, UserRound],
];

/** What kind of thing happened, at a glance; its words stand beside it. */
export function EventIcon({ event, size = 28 }: { event: AuditEvent; size?: number }): ReactNode {
  const Icon = iconOf(event);
  return (
    <ThemeIcon variant="light" radius="xl" size={size} color={colorOf(event)} aria-hidden>
      <Icon size={size * 0.52} />
    </ThemeIcon>
  );
}

function iconOf({ action, outcome }: AuditEvent): LucideIcon {
  if (outcome !== 'success') return TriangleAlert;
  return BY_ACTION.find(([pattern]) => pattern.test(action))?.[1] ?? Activity;
}

function colorOf({ action, outcome }: AuditEvent): string {
  if (outcome === 'denied') return 'red';
  if (outcome === 'failure') return 'orange';
  if (/\.(?:delete|remove|revoke|revoke_many)$/.test(action)) return 'gray';
  return action === 'token.verify' ? 'teal' : 'iris';
}
