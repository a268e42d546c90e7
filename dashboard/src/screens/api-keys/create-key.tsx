import { Button, Group, Modal, SegmentedControl, Select, Stack, Input, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { createApiKey } from '../../api/api-keys.ts';
import { useIdempotencyKey } from '../../api/idempotency.ts';
import { usePlace, type Environment } from '../../api/place.ts';
import type { NewApiKey } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';

interface CreateKeyProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (key: NewApiKey) => void;
}

const EXPIRIES = [
  { value: '', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

export function CreateKey({ opened, onClose, onCreated }: CreateKeyProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Create API key">
      <Form onClose={onClose} onCreated={onCreated} />
    </Modal>
  );
}

function Form({ onClose, onCreated }: Omit<CreateKeyProps, 'opened'>): ReactNode {
  const place = usePlace();
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>(place.environment);
  const [days, setDays] = useState('');
  const queries = useQueryClient();
  const expiresAt = useMemo(
    () => (days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString()),
    [days],
  );
  const body = { name: name.trim(), environment, expires_at: expiresAt };
  const idempotencyKey = useIdempotencyKey(body);
  const create = useMutation({
    mutationFn: () => createApiKey(body, idempotencyKey),
    meta: { showsError: true },
    onSuccess: async (key) => {
      onCreated(key);
      await queries.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          description="What will use it, so that you know what stops when you delete it"
          placeholder="CI"
          maxLength={120}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Input.Wrapper
          label="Environment"
          labelElement="div"
          description={
            place.environment === 'test'
              ? 'Only from live can live keys be made'
              : 'A test key reaches test tokens and events only'
          }
        >
          <SegmentedControl
            fullWidth
            mt={6}
            value={environment}
            onChange={(value) => setEnvironment(value)}
            data={[
              { value: 'live', label: 'Live', disabled: place.environment === 'test' },
              { value: 'test', label: 'Test' },
            ]}
            aria-label="Environment"
          />
        </Input.Wrapper>
        <Select
          label="Expires"
          data={EXPIRIES}
          value={days}
          onChange={(value) => setDays(value ?? '')}
          allowDeselect={false}
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
  );
}
