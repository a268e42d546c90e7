import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { deleteApiKey } from '../../api/api-keys.ts';
import type { ApiKey } from '../../api/types.ts';
import { ConfirmByName } from '../../pieces/confirm-by-name.tsx';
import { WhatStops } from './what-stops.tsx';

/** @param props.apiKey null while nothing is to be deleted. */
export function DeleteKey({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => deleteApiKey(id),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      notifications.show({ color: 'teal', message: `${apiKey?.name ?? 'The key'} is deleted` });
      await queries.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <ConfirmByName
      opened={apiKey !== null}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={`Delete ${apiKey?.name ?? ''}`}
      name={apiKey?.name ?? ''}
      action="Delete API key"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => apiKey && remove.mutate(apiKey.id)}
    >
      {apiKey && (
        <WhatStops apiKey={apiKey}>
          The key is refused everywhere at once and cannot be brought back. Tokens issued with it go on
          working, and its history stays in the audit log.
        </WhatStops>
      )}
    </ConfirmByName>
  );
}
