import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { removeScope } from '../../api/scopes.ts';
import type { Scope } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';

/** @param props.scope null while none is to be removed. */
export function RemoveScope({ scope, onClose }: { scope: Scope | null; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (name: string) => removeScope(name),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['scopes'] });
    },
  });
  return (
    <Modal opened={scope !== null} onClose={onClose} title={`Remove ${scope?.name ?? ''}`}>
      <Stack>
        <Text size="sm">
          It leaves the catalogue. Tokens that carry it keep it and go on working; narrow or revoke them if
          they should not.
        </Text>
        <Problem error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => scope && remove.mutate(scope.name)}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
