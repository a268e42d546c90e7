import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Page } from '../../pieces/page.tsx';
import { PasswordForm } from './password-form.tsx';
import { ProfileForm } from './profile-form.tsx';
import { SecondFactors } from './second-factors.tsx';
import { Sessions } from './sessions.tsx';

/** One's own name, password, second factors and sessions, the same in every workspace. */
export function Account(): ReactNode {
  return (
    <Page title="My account" description="The same in every workspace you belong to.">
      <Stack gap="lg" maw={760}>
        <ProfileForm />
        <PasswordForm />
        <SecondFactors />
        <Sessions />
      </Stack>
    </Page>
  );
}
