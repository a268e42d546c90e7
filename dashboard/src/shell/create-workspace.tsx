import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { call } from '../api/call.ts';
import { sessionQuery } from '../api/session.ts';
import { Problem } from '../pieces/problem.tsx';

interface CreateWorkspaceProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (id: string) => Promise<void>;
}

export function CreateWorkspace({ opened, onClose, onCreated }: CreateWorkspaceProps): ReactNode {
  const [name, setName] = useState('');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => call<{ id: string }>('POST', '/v1/workspaces', { name: name.trim() }),
    meta: { showsError: true },
    onSuccess: async ({ id }) => {
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      setName('');
      onClose();
      await onCreated(id);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="New workspace">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="Keys, tokens and the log of one workspace are invisible to every other."
            placeholder="Example Ltd"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={120}
            required
            data-autofocus
          />
          <Problem error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
