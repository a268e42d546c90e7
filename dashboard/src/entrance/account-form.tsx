import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Problem } from '../pieces/problem.tsx';
import { NewPassword } from './new-password.tsx';

export interface NewAccount {
  email: string;
  name: string;
  password: string;
  /** Empty where none is asked for. */
  workspace: string;
}

interface AccountFormProps {
  /** Given when it is settled already, by an invitation. */
  email?: string;
  /** Whether it comes with a workspace of its own, which needs a name. */
  withWorkspace?: boolean;
  action: string;
  isBusy: boolean;
  error: unknown;
  onSubmit: (account: NewAccount) => void;
}

/** What a new account needs. */
export function AccountForm({
  email: given,
  withWorkspace = false,
  action,
  isBusy,
  error,
  onSubmit,
}: AccountFormProps): ReactNode {
  const [email, setEmail] = useState(given ?? '');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [workspace, setWorkspace] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ email: email.trim(), name: name.trim(), password, workspace: workspace.trim() });
      }}
    >
      <Stack>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          readOnly={given !== undefined}
          required
          autoFocus={given === undefined}
        />
        <TextInput
          label="Name"
          autoComplete="name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          autoFocus={given !== undefined}
        />
        {withWorkspace && (
          <TextInput
            label="Workspace"
            description="Your company or project"
            autoComplete="organization"
            maxLength={120}
            value={workspace}
            onChange={(event) => setWorkspace(event.currentTarget.value)}
            required
          />
        )}
        <NewPassword value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Problem error={error} />
        <Button type="submit" fullWidth loading={isBusy}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
