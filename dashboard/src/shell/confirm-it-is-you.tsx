import { Button, Divider, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { call } from '../api/call.ts';
import { answerConfirmation, onConfirmationAsked } from '../api/confirmation.ts';
import { canUsePasskeys, presentPasskey } from '../api/passkeys.ts';
import { Problem } from '../pieces/problem.tsx';

/** Before keys and second factors change: the password or a passkey once more, good for ten minutes. */
export function ConfirmItIsYou(): ReactNode {
  const [isAsked, setAsked] = useState(false);
  useEffect(() => onConfirmationAsked(setAsked), []);
  return (
    <Modal
      opened={isAsked}
      onClose={() => answerConfirmation(false)}
      title="Confirm it is you"
      zIndex={400}
      size="sm"
    >
      <Question />
    </Modal>
  );
}

function Question(): ReactNode {
  const [password, setPassword] = useState('');
  const confirm = useMutation({
    mutationFn: async (how: 'password' | 'passkey') =>
      call(
        'POST',
        '/v1/session/sudo',
        how === 'password' ? { password } : { passkey: await presentPasskey() },
      ),
    meta: { showsError: true },
    onSuccess: () => answerConfirmation(true),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate('password');
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          What you are about to do changes who can get in. You will not be asked again for ten minutes.
        </Text>
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          data-autofocus
        />
        <Problem error={confirm.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => answerConfirmation(false)}>
            Cancel
          </Button>
          <Button type="submit" loading={confirm.isPending} disabled={password === ''}>
            Confirm
          </Button>
        </Group>
        {canUsePasskeys() && (
          <>
            <Divider label="or" />
            <Button
              variant="default"
              leftSection={<Fingerprint size={16} />}
              onClick={() => confirm.mutate('passkey')}
            >
              Use a passkey
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}
