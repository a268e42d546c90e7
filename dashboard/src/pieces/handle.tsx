import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copy } from './copy.tsx';

/** An id, small and to be copied. */
export function Handle({ id, what = 'id' }: { id: string; what?: string }): ReactNode {
  return (
    <Group gap={2} wrap="nowrap" miw={0}>
      <Text span className="mono truncate" size="xs" c="dimmed">
        {id}
      </Text>
      <Copy value={id} what={what} />
    </Group>
  );
}
