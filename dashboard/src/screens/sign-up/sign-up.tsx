import { Loader } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../api/call.ts';
import { AccountForm, type NewAccount } from '../../entrance/account-form.tsx';
import { doorsQuery } from '../../entrance/doors.ts';
import { Entrance } from '../../entrance/entrance.tsx';
import { LinkOver } from '../../entrance/link-over.tsx';
import { useEnter } from '../../entrance/sign-in-answer.ts';
import { TextLink } from '../../pieces/links.tsx';

/** An account and a workspace of one's own, where the operator allows it. */
export function SignUp(): ReactNode {
  const { data: doors, isPending } = useQuery(doorsQuery);
  const enter = useEnter();
  const signUp = useMutation({
    mutationFn: (account: NewAccount) => call('POST', '/v1/signup', account),
    meta: { showsError: true },
    onSuccess: () => enter(),
  });
  if (isPending) {
    return (
      <Entrance title="Create an account">
        <Loader type="dots" aria-label="Loading" />
      </Entrance>
    );
  }
  if (doors?.signup !== 'open') {
    return (
      <LinkOver title="By invitation only">
        Nobody can sign up here by themselves. Ask an owner of your workspace for an invitation.
      </LinkOver>
    );
  }
  return (
    <Entrance
      title="Create an account"
      description="You get a workspace of your own."
      below={
        <>
          Have one already?{' '}
          <TextLink to="/sign-in" inherit underline="always">
            Sign in
          </TextLink>
        </>
      }
    >
      <AccountForm
        withWorkspace
        action="Create account"
        isBusy={signUp.isPending}
        error={signUp.error}
        onSubmit={(account) => signUp.mutate(account)}
      />
    </Entrance>
  );
}
