import { Box, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface FactorRowProps {
  icon: ReactNode;
  title: ReactNode;
  note: ReactNode;
  action: ReactNode;
}

/** One way to show that it is oneself, and what can be done about it. */
export function FactorRow({ icon, title, note, action }: FactorRowProps): ReactNode {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" miw={0}>
        <Box flex="none">{icon}</Box>
        <Stack gap={0} miw={0}>
          <Text size="sm" fw={550} component="div">
            {title}
          </Text>
          <Text size="xs" c="dimmed" component="div">
            {note}
          </Text>
        </Stack>
      </Group>
      <Box flex="none">{action}</Box>
    </Group>
  );
}
