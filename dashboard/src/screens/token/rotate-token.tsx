import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useIdempotencyKey } from '../../api/idempotency.ts';
import { rotateToken } from '../../api/tokens.ts';
import type { NewToken, Token } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';

interface RotateTokenProps {
  token: Token;
  opened: boolean;
  onClose: () => void;
  onDone: (token: NewToken) => void;
}

const HOUR = 3600;
const GRACES = [
  { value: '0', label: 'None: it is refused at once' },
  { value: String(HOUR), label: 'An hour' },
  { value: String(24 * HOUR), label: 'A day' },
  { value: String(7 * 24 * HOUR), label: 'A week' },
  { value: String(30 * 24 * HOUR), label: '30 days' },
];

/** A new value, and how long the one it has now goes on working beside it. */
export function RotateToken({ opened, onClose, ...rest }: RotateTokenProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={`Rotate ${rest.token.name}`}>
      <Form onClose={onClose} {...rest} />
    </Modal>
  );
}

function Form({ token, onClose, onDone }: Omit<RotateTokenProps, 'opened'>): ReactNode {
  const [grace, setGrace] = useState(String(24 * HOUR));
  const queries = useQueryClient();
  const key = useIdempotencyKey(grace);
  const rotate = useMutation({
    mutationFn: () => rotateToken(token.id, Number(grace), key),
    meta: { showsError: true },
    onSuccess: async (rotated) => {
      onDone(rotated);
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rotate.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          The token gets a new value, shown once. Give the value it has now a grace, so that nothing stops
          working while the new one is put in place; this page then tells who still uses it.
        </Text>
        <Select
          label="Grace for the value it has now"
          data={GRACES}
          value={grace}
          onChange={(value) => setGrace(value ?? '0')}
          allowDeselect={false}
          data-autofocus
        />
        {grace === '0' && token.last_used_at !== null && (
          <Alert color="yellow">
            Last used <Time at={token.last_used_at} />. Whoever uses it is refused at once.
          </Alert>
        )}
        <Problem error={rotate.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" leftSection={<RefreshCw size={15} />} loading={rotate.isPending}>
            Rotate
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
