import { Button, Group, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { call } from '../../api/call.ts';
import { sessionQuery, useReader } from '../../api/session.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';

export function ProfileForm(): ReactNode {
  const { user } = useReader();
  const [name, setName] = useState(user.name);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => call('PATCH', '/v1/account', { name: name.trim() }),
    meta: { showsError: true },
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: 'Saved' });
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Section title="Profile">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="As others see you, and as the log names you"
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
          />
          <TextInput label="E-mail" value={user.email} readOnly />
          <Problem error={save.error} />
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={save.isPending}
              disabled={name.trim() === '' || name === user.name}
            >
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
