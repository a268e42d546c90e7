import { Badge, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { TokenStatus as Status } from '../api/types.ts';

const LOOKS: Record<Status, { color: string; label: string; meaning: string }> = {
  active: { color: 'teal', label: 'Active', meaning: 'Verifies as valid' },
  revoked: { color: 'red', label: 'Revoked', meaning: 'Ended for good' },
  disabled: { color: 'orange', label: 'Suspended', meaning: 'Refused until it is enabled again' },
  expired: { color: 'gray', label: 'Expired', meaning: 'Its time is over' },
  pending: { color: 'blue', label: 'Not yet valid', meaning: 'Its time has not begun' },
  exhausted: { color: 'grape', label: 'Used up', meaning: 'All its uses are spent' },
};

/** In which state a token is. */
export function TokenStatus({ status }: { status: Status }): ReactNode {
  const { color, label, meaning } = LOOKS[status];
  return (
    <Tooltip label={meaning}>
      <Badge color={color}>{label}</Badge>
    </Tooltip>
  );
}

export const STATUS_OPTIONS = Object.entries(LOOKS).map(([value, { label }]) => ({ value, label }));
