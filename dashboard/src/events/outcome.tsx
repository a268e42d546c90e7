import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../api/types.ts';

const LOOKS = {
  success: { color: 'teal', label: 'Success' },
  denied: { color: 'red', label: 'Denied' },
  failure: { color: 'orange', label: 'Failed' },
} as const;

export function Outcome({ outcome }: { outcome: AuditEvent['outcome'] }): ReactNode {
  const { color, label } = LOOKS[outcome];
  return <Badge color={color}>{label}</Badge>;
}
