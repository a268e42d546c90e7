import type { LinkProps } from '@tanstack/react-router';
import {
  Activity,
  Building2,
  KeyRound,
  LayoutDashboard,
  Tag,
  Ticket,
  Users,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import type { Permission } from '../api/session.ts';

export interface Destination {
  to: NonNullable<LinkProps['to']>;
  label: string;
  icon: LucideIcon;
  needs: Permission;
}

export interface DestinationGroup {
  title: string | null;
  destinations: Destination[];
}

/** Everywhere one can go; who may not is not shown the way. */
export const DESTINATIONS: DestinationGroup[] = [
  {
    title: null,
    destinations: [
      { to: '/', label: 'Overview', icon: LayoutDashboard, needs: 'read tokens' },
      { to: '/tokens', label: 'Tokens', icon: Ticket, needs: 'read tokens' },
    ],
  },
  {
    title: 'Settings',
    destinations: [
      { to: '/settings/api-keys', label: 'API Keys', icon: KeyRound, needs: 'manage keys' },
      { to: '/settings/audit-log', label: 'Audit Log', icon: Activity, needs: 'read the log' },
      { to: '/settings/scopes', label: 'Scopes', icon: Tag, needs: 'read scopes' },
      { to: '/settings/webhooks', label: 'Webhooks', icon: Webhook, needs: 'manage webhooks' },
      { to: '/settings/members', label: 'Members', icon: Users, needs: 'manage members' },
      { to: '/settings/workspace', label: 'Workspace', icon: Building2, needs: 'read the workspace' },
    ],
  },
];
