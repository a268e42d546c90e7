import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Time } from './time.tsx';

/** When and from where something was last used. */
export function LastUse({ at, ip }: { at: string | null; ip: string | null }): ReactNode {
  return (
    <Stack gap={0}>
      <Time at={at} none="Never used" />
      {ip !== null && (
        <Text size="xs" c="dimmed" className="mono">
          {ip}
        </Text>
      )}
    </Stack>
  );
}
