import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import type { ReactNode } from 'react';

export const PASSWORD_MIN = 12;

/** No rules but length: those of letters and signs make passwords worse (NIST SP 800-63B). */
export function NewPassword(props: PasswordInputProps): ReactNode {
  return (
    <PasswordInput
      label="Password"
      description="12 characters or more; a few unrelated words do well"
      autoComplete="new-password"
      minLength={PASSWORD_MIN}
      maxLength={128}
      required
      {...props}
    />
  );
}
