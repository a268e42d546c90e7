import { Code } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../api/call.ts';
import { AccountForm, type NewAccount } from '../../entrance/account-form.tsx';
import { Entrance } from '../../entrance/entrance.tsx';
import { useFragmentSecret } from '../../entrance/fragment.ts';
import { LinkOver } from '../../entrance/link-over.tsx';
import { useEnter } from '../../entrance/sign-in-answer.ts';

/** The first account of all, by the link that the terminal has shown. */
export function Setup(): ReactNode {
  const token = useFragmentSecret();
  const enter = useEnter();
  const setUp = useMutation({
    mutationFn: ({ email, name, password }: NewAccount) =>
      call('POST', '/v1/setup', { token, email, name, password }),
    meta: { showsError: true },
    onSuccess: () => enter(),
  });
  if (token === '') {
    return (
      <LinkOver title="Set-up link needed">
        The terminal in which Tooken was started shows a link that works for 30 minutes. For another one:{' '}
        <Code block mt="xs">
          npm run -s tooken -- setup-link
        </Code>
      </LinkOver>
    );
  }
  return (
    <Entrance
      title="Set up Tooken"
      description="You become the owner: of the first workspace, and of this installation."
    >
      <AccountForm
        action="Create the owner’s account"
        isBusy={setUp.isPending}
        error={setUp.error}
        onSubmit={(account) => setUp.mutate(account)}
      />
    </Entrance>
  );
}
