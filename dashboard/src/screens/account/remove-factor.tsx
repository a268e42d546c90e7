import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Problem } from '../../pieces/problem.tsx';

interface RemoveFactorProps {
  /** What is to be removed, as within a sentence; null while nothing is. */
  name: string | null;
  remove: () => Promise<unknown>;
  /** Whether the password alone is left. */
  isLast: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Says what becomes of the account without it. */
export function RemoveFactor({ name, remove, isLast, onClose, onDone }: RemoveFactorProps): ReactNode {
  const removal = useMutation({
    mutationFn: remove,
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await onDone();
    },
  });
  return (
    <Modal opened={name !== null} onClose={onClose} title={`Remove ${name ?? ''}`}>
      <Stack>
        <Text size="sm">It is asked for no more. You will be signed out in all other browsers.</Text>
        {isLast && (
          <Alert color="yellow" title="It is the last one">
            From then on the password alone lets one in, and the recovery codes are worth nothing.
          </Alert>
        )}
        <Problem error={removal.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
