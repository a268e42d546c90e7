import { Badge, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { ROLES } from '../../api/people.ts';
import type { Role } from '../../api/session.ts';

const COLORS: Record<Role, string> = { owner: 'iris', admin: 'blue', developer: 'teal', auditor: 'gray' };

export function RoleBadge({ role }: { role: Role }): ReactNode {
  const { label, description } = ROLES.find(({ value }) => value === role)!;
  return (
    <Tooltip label={description}>
      <Badge color={COLORS[role]}>{label}</Badge>
    </Tooltip>
  );
}
