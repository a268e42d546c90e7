import { Button, Divider, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useEffect, useState, type ChangeEvent, type ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { call } from '../api/call.ts';
import { answerConfirmation, onConfirmationAsked } from '../api/confirmation.ts';
import { canUsePasskeys, presentPasskey } from '../api/passkeys.ts';
import { accountQuery, type Account } from '../api/second-factors.ts';
import { Problem } from '../pieces/problem.tsx';

/** Before keys and second factors change: the password, a code or a passkey once more, good for ten minutes. */
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

type Proof = 'password' | 'code' | 'passkey';

function Question(): ReactNode {
  const { data: account } = useQuery(accountQuery);
  const [typing, setTyping] = useState<'password' | 'code'>('password');
  const [typed, setTyped] = useState('');
  const confirm = useMutation({
    mutationFn: async (how: Proof) =>
      call('POST', '/v1/session/sudo', { [how]: how === 'passkey' ? await presentPasskey() : typed.trim() }),
    meta: { showsError: true },
    onSuccess: () => answerConfirmation(true),
    onError: () => setTyped(''),
  });
  const field = {
    value: typed,
    onChange: (event: ChangeEvent<HTMLInputElement>) => setTyped(event.currentTarget.value),
    'data-autofocus': true,
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(typing);
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          What you are about to do changes who can get in. You will not be asked again for ten minutes.
        </Text>
        {typing === 'password' ? (
          <PasswordInput key="password" label="Password" autoComplete="current-password" {...field} />
        ) : (
          <TextInput
            key="code"
            label="Code"
            description="The six digits that your authenticator app shows now"
            autoComplete="one-time-code"
            inputMode="numeric"
            {...field}
          />
        )}
        <Problem error={confirm.error} advice={adviceOn(confirm.error)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => answerConfirmation(false)}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={confirm.isPending && confirm.variables !== 'passkey'}
            disabled={typed === ''}
          >
            Confirm
          </Button>
        </Group>
        {account && (account.totp || hasPasskey(account)) && (
          <>
            <Divider label="or" />
            <Group grow>
              {account.totp && (
                <Button
                  variant="default"
                  onClick={() => {
                    setTyping(typing === 'code' ? 'password' : 'code');
                    setTyped('');
                    confirm.reset();
                  }}
                >
                  {typing === 'code' ? 'Use the password' : 'Use a code'}
                </Button>
              )}
              {hasPasskey(account) && (
                <Button
                  variant="default"
                  leftSection={<Fingerprint size={16} />}
                  loading={confirm.isPending && confirm.variables === 'passkey'}
                  onClick={() => confirm.mutate('passkey')}
                >
                  Use a passkey
                </Button>
              )}
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}

function hasPasskey({ passkeys }: Account): boolean {
  return passkeys > 0 && canUsePasskeys();
}

function adviceOn(error: unknown): string | undefined {
  return error instanceof ApiError && error.status === 403
    ? 'Check what you typed and try again.'
    : undefined;
}
