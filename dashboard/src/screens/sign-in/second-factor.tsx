import { Anchor, Button, Center, Group, PinInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { canUsePasskeys, presentPasskey } from '../../api/passkeys.ts';
import { Entrance } from '../../entrance/entrance.tsx';
import type { SecondFactor, SignInAnswer } from '../../entrance/sign-in-answer.ts';
import { Problem } from '../../pieces/problem.tsx';

interface SecondFactorFormProps {
  answer: SignInAnswer;
  onDone: () => Promise<void>;
  onBack: () => void;
}

const DESCRIPTIONS: Record<SecondFactor, string> = {
  totp: 'The six digits that your authenticator app shows now',
  recovery_code: 'One of the codes you saved; it works once',
  passkey: 'The passkey of this account',
};

const OTHERWISE: Record<SecondFactor, string> = {
  totp: 'Use the authenticator app',
  recovery_code: 'Use a recovery code',
  passkey: 'Use a passkey',
};

function adviceFor(error: unknown, method: SecondFactor): string | undefined {
  if (!(error instanceof ApiError) || error.status !== 401) return undefined;
  if (method === 'totp')
    return 'Wait for the next code and type that; if it took long, go back and begin again.';
  return 'Each is good for one time only; if it took long, go back and begin again.';
}

/** The second step of signing in. */
export function SecondFactorForm({ answer, onDone, onBack }: SecondFactorFormProps): ReactNode {
  const methods = answer.methods
    .filter((method) => method !== 'passkey' || canUsePasskeys())
    // What one carries comes before what one has put away.
    .toSorted((a, b) => Number(a === 'recovery_code') - Number(b === 'recovery_code'));
  const [method, setMethod] = useState<SecondFactor>(methods[0] ?? 'recovery_code');
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: async (typed: string) =>
      call<SignInAnswer>('POST', '/v1/session/second-factor', {
        ticket: answer.ticket,
        ...(method === 'passkey' && { passkey: await presentPasskey() }),
        ...(method === 'totp' && { code: typed }),
        ...(method === 'recovery_code' && { recovery_code: typed.trim() }),
      }),
    meta: { showsError: true },
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const choose = (next: SecondFactor): void => {
    setMethod(next);
    setCode('');
    confirm.reset();
  };
  return (
    <Entrance title="Second factor" description={DESCRIPTIONS[method]}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate(code);
        }}
      >
        <Stack>
          {method === 'totp' && (
            <Center>
              <PinInput
                length={6}
                type="number"
                oneTimeCode
                autoFocus
                value={code}
                onChange={setCode}
                onComplete={(typed) => confirm.mutate(typed)}
                aria-label="Code"
                getInputProps={(index) => ({ 'aria-label': `Digit ${String(index + 1)}` })}
              />
            </Center>
          )}
          {method === 'recovery_code' && (
            <TextInput
              label="Recovery code"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="off"
              autoFocus
              required
            />
          )}
          <Problem error={confirm.error} advice={adviceFor(confirm.error, method)} />
          <Button
            type="submit"
            fullWidth
            loading={confirm.isPending}
            leftSection={method === 'passkey' ? <Fingerprint size={16} /> : undefined}
          >
            {method === 'passkey' ? 'Use the passkey' : 'Sign in'}
          </Button>
        </Stack>
      </form>
      <Group justify="space-between">
        <Anchor component="button" type="button" size="sm" onClick={onBack}>
          Back
        </Anchor>
        {methods
          .filter((other) => other !== method)
          .map((other) => (
            <Anchor key={other} component="button" type="button" size="sm" onClick={() => choose(other)}>
              {OTHERWISE[other]}
            </Anchor>
          ))}
      </Group>
    </Entrance>
  );
}
