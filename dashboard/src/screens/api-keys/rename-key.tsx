import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { renameApiKey } from '../../api/api-keys.ts';
import type { ApiKey } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';

/** @param props.apiKey null while nothing is to be renamed. */
export function RenameKey({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }): ReactNode {
  return (
    <Modal opened={apiKey !== null} onClose={onClose} title="Rename API key">
      {apiKey && <Form apiKey={apiKey} onClose={onClose} />}
    </Modal>
  );
}

function Form({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }): ReactNode {
  const [name, setName] = useState(apiKey.name);
  const queries = useQueryClient();
  const rename = useMutation({
    mutationFn: () => renameApiKey(apiKey.id, name.trim()),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          maxLength={120}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Problem error={rename.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={rename.isPending} disabled={name.trim() === ''}>
            Rename
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
