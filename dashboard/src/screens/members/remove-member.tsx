import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { removeMember, type Member } from '../../api/people.ts';
import { ConfirmByName } from '../../pieces/confirm-by-name.tsx';

/** @param props.member null while nobody is to be removed. */
export function RemoveMember({ member, onClose }: { member: Member | null; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => removeMember(id),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      notifications.show({ color: 'teal', message: `${member?.name ?? 'The person'} is removed` });
      await queries.invalidateQueries({ queryKey: ['members'] });
    },
  });
  return (
    <ConfirmByName
      opened={member !== null}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={`Remove ${member?.name ?? ''}`}
      name={member?.name ?? ''}
      action="Remove"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => member && remove.mutate(member.id)}
    >
      <Text size="sm">
        They lose access to this workspace with their next click. Keys and tokens that they made go on
        working; what they did stays in the log.
      </Text>
    </ConfirmByName>
  );
}
