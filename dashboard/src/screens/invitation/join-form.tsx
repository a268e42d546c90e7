import { Button, PasswordInput, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Problem } from '../../pieces/problem.tsx';

interface JoinFormProps {
  isBusy: boolean;
  error: unknown;
  onSubmit: (password: string) => void;
}

/** For who has an account already. */
export function JoinForm({ isBusy, error, onSubmit }: JoinFormProps): ReactNode {
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(password);
      }}
    >
      <Stack>
        <PasswordInput
          label="Password of your account"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          autoFocus
        />
        <Problem error={error} />
        <Button type="submit" loading={isBusy}>
          Join
        </Button>
      </Stack>
    </form>
  );
}
