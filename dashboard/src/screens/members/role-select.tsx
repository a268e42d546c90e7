import { Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ROLES } from '../../api/people.ts';
import { useReader, type Role } from '../../api/session.ts';

/** Roles with what they may; only owners make owners. */
export function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }): ReactNode {
  const { workspace } = useReader();
  return (
    <Radio.Group label="Role" value={value} onChange={(role) => onChange(role)}>
      <Stack gap="xs" mt={6}>
        {ROLES.map((role) => (
          <Radio
            key={role.value}
            value={role.value}
            label={role.label}
            description={role.description}
            disabled={role.value === 'owner' && workspace.role !== 'owner'}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
