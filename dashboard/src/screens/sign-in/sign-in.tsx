import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Fingerprint } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { canUsePasskeys, presentPasskey } from '../../api/passkeys.ts';
import { Entrance } from '../../entrance/entrance.tsx';
import { useEnter, type SignInAnswer } from '../../entrance/sign-in-answer.ts';
import { doorsQuery } from '../../entrance/doors.ts';
import { Problem } from '../../pieces/problem.tsx';
import { SecondFactorForm } from './second-factor.tsx';
import { TextLink } from '../../pieces/links.tsx';

const route = getRouteApi('/sign-in');

const WRONG = 'Check what you typed. Who has forgotten it asks the operator for a link to set a new one.';

export function SignIn(): ReactNode {
  const { to } = route.useSearch();
  const enter = useEnter();
  const { data: doors } = useQuery(doorsQuery);
  const [half, setHalf] = useState<SignInAnswer | null>(null);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: async (how: 'password' | 'passkey') =>
      how === 'password'
        ? call<SignInAnswer>('POST', '/v1/session', { email: email.trim(), password })
        : call<SignInAnswer>('POST', '/v1/session/passkey', { passkey: await presentPasskey() }),
    meta: { showsError: true },
    onSuccess: async (answer) => {
      if (answer.status === 'signed_in') await enter(to);
      else setHalf(answer);
    },
  });
  if (half !== null) {
    return <SecondFactorForm answer={half} onDone={() => enter(to)} onBack={() => setHalf(null)} />;
  }
  return (
    <Entrance
      title="Sign in"
      below={
        <>
          {doors?.signup === 'open' ? (
            <>
              New here?{' '}
              <TextLink to="/sign-up" inherit underline="always">
                Create an account
              </TextLink>
            </>
          ) : (
            'No account? Ask an owner of your workspace for an invitation.'
          )}
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate('password');
        }}
      >
        <Stack>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username webauthn"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            required
            autoFocus
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
          />
          <Problem error={signIn.error} advice={isWrong(signIn.error) ? WRONG : undefined} />
          <Button type="submit" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
      {canUsePasskeys() && (
        <>
          <Divider label="or" />
          <Button
            variant="default"
            leftSection={<Fingerprint size={16} />}
            onClick={() => signIn.mutate('passkey')}
            disabled={signIn.isPending}
          >
            Sign in with a passkey
          </Button>
        </>
      )}
    </Entrance>
  );
}

function isWrong(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
