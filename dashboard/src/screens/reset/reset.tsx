import { Button, Code, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { call } from '../../api/call.ts';
import { Entrance } from '../../entrance/entrance.tsx';
import { useFragmentSecret } from '../../entrance/fragment.ts';
import { LinkOver } from '../../entrance/link-over.tsx';
import { NewPassword } from '../../entrance/new-password.tsx';
import { Problem } from '../../pieces/problem.tsx';

/** A new password for who has forgotten theirs, by a link that the operator has made. */
export function Reset(): ReactNode {
  const token = useFragmentSecret();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => call('POST', '/v1/account/password/reset', { token, new_password: password }),
    meta: { showsError: true },
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: 'Your password is changed. Sign in with it.' });
      await navigate({ to: '/sign-in' });
    },
  });
  if (token === '') {
    return (
      <LinkOver title="Link needed">
        Your operator makes one, which works for 30 minutes:
        <Code block mt="xs">
          npm run -s tooken -- user reset-password you@example.com
        </Code>
      </LinkOver>
    );
  }
  return (
    <Entrance title="New password" description="All your sessions end, on every device.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate();
        }}
      >
        <Stack>
          <NewPassword
            label="New password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoFocus
          />
          <Problem error={reset.error} />
          <Button type="submit" loading={reset.isPending}>
            Change password
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
