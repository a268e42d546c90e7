import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { regenerateApiKey } from '../../api/api-keys.ts';
import { useIdempotencyKey } from '../../api/idempotency.ts';
import type { ApiKey, NewApiKey } from '../../api/types.ts';
import { ConfirmByName } from '../../pieces/confirm-by-name.tsx';
import { WhatStops } from './what-stops.tsx';

interface RegenerateKeyProps {
  /** Null while nothing is to be regenerated. */
  apiKey: ApiKey | null;
  onClose: () => void;
  onDone: (key: NewApiKey) => void;
}

export function RegenerateKey({ apiKey, onClose, onDone }: RegenerateKeyProps): ReactNode {
  const queries = useQueryClient();
  // Of what it was when the dialog opened: another time is another value.
  const key = useIdempotencyKey([apiKey?.id, apiKey?.regenerated_at]);
  const regenerate = useMutation({
    mutationFn: (id: string) => regenerateApiKey(id, key),
    meta: { showsError: true },
    onSuccess: async (key) => {
      onDone(key);
      await queries.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <ConfirmByName
      opened={apiKey !== null}
      onClose={() => {
        regenerate.reset();
        onClose();
      }}
      title={`Regenerate ${apiKey?.name ?? ''}`}
      name={apiKey?.name ?? ''}
      action="Regenerate"
      isBusy={regenerate.isPending}
      error={regenerate.error}
      onConfirm={() => apiKey && regenerate.mutate(apiKey.id)}
    >
      {apiKey && (
        <WhatStops apiKey={apiKey}>
          The key gets a new value, shown once. The old value is refused on every server the moment you
          confirm: there is no grace period, so have the new one ready to be put in place.
        </WhatStops>
      )}
    </ConfirmByName>
  );
}
