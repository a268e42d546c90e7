import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { changeRole, type Member } from '../../api/people.ts';
import { sessionQuery } from '../../api/session.ts';
import { Problem } from '../../pieces/problem.tsx';
import { RoleSelect } from './role-select.tsx';

/** @param props.member null while nobody's role is to change. */
export function ChangeRole({ member, onClose }: { member: Member | null; onClose: () => void }): ReactNode {
  return (
    <Modal opened={member !== null} onClose={onClose} title={`Role of ${member?.name ?? ''}`}>
      {member && <Form member={member} onClose={onClose} />}
    </Modal>
  );
}

function Form({ member, onClose }: { member: Member; onClose: () => void }): ReactNode {
  const [role, setRole] = useState(member.role);
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => changeRole(member.id, role),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['members'] });
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Stack>
      <RoleSelect value={role} onChange={setRole} />
      <Problem error={change.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={change.isPending} disabled={role === member.role} onClick={() => change.mutate()}>
          Change
        </Button>
      </Group>
    </Stack>
  );
}
