import { Loader } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import type { Role } from '../../api/session.ts';
import { AccountForm } from '../../entrance/account-form.tsx';
import { Entrance } from '../../entrance/entrance.tsx';
import { useFragmentSecret } from '../../entrance/fragment.ts';
import { LinkOver } from '../../entrance/link-over.tsx';
import { useEnter, type SignInAnswer } from '../../entrance/sign-in-answer.ts';
import { Problem } from '../../pieces/problem.tsx';
import { SecondFactorForm } from '../sign-in/second-factor.tsx';
import { JoinForm } from './join-form.tsx';

interface Invited {
  workspace: string;
  email: string;
  role: Role;
  has_account: boolean;
}

/** Joining a workspace by a link, with a new account or the one there is. */
export function Invitation(): ReactNode {
  const token = useFragmentSecret();
  const enter = useEnter();
  const [half, setHalf] = useState<SignInAnswer | null>(null);
  const { data: invited, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => call<Invited>('POST', '/v1/invitations/read', { token }),
    enabled: token !== '',
    retry: false,
    gcTime: 0,
  });
  const accept = useMutation({
    mutationFn: (who: { name?: string; password: string }) =>
      call<SignInAnswer>('POST', '/v1/invitations/accept', { token, ...who }),
    meta: { showsError: true },
    onSuccess: async (answer) => {
      if (answer.status === 'second_factor_required') setHalf(answer);
      else await enter();
    },
  });
  if (half !== null) {
    return <SecondFactorForm answer={half} onDone={() => enter()} onBack={() => setHalf(null)} />;
  }
  if (token === '' || (error instanceof ApiError && [400, 404].includes(error.status))) {
    return (
      <LinkOver title="This invitation is over">
        It was accepted, taken back, or is older than seven days. Ask whoever invited you for a new one.
      </LinkOver>
    );
  }
  if (invited === undefined) {
    return (
      <Entrance title="Invitation">
        {error === null ? <Loader type="dots" aria-label="Loading" /> : <Problem error={error} />}
      </Entrance>
    );
  }
  return (
    <Entrance
      title={`Join ${invited.workspace}`}
      description={
        <>
          As {invited.role}, with the address <b>{invited.email}</b>
        </>
      }
    >
      {invited.has_account ? (
        <JoinForm
          isBusy={accept.isPending}
          error={accept.error}
          onSubmit={(password) => accept.mutate({ password })}
        />
      ) : (
        <AccountForm
          email={invited.email}
          action="Create account and join"
          isBusy={accept.isPending}
          error={accept.error}
          onSubmit={({ name, password }) => accept.mutate({ name, password })}
        />
      )}
    </Entrance>
  );
}
