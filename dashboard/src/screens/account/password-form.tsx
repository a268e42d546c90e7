import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { call } from '../../api/call.ts';
import { NewPassword } from '../../entrance/new-password.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';

export function PasswordForm(): ReactNode {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => call('POST', '/v1/account/password', { current_password: current, new_password: next }),
    meta: { showsError: true },
    onSuccess: async () => {
      setCurrent('');
      setNext('');
      notifications.show({ color: 'teal', message: 'Your password is changed' });
      await queries.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  return (
    <Section title="Password" description="Changing it ends your sessions in all other browsers">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            required
          />
          <NewPassword
            label="New password"
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          <Problem error={change.error} />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={current === '' || next === ''}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
