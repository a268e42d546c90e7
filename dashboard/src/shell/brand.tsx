import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function Brand(): ReactNode {
  return (
    <Link to="/" className="plain-link" aria-label="Tooken, overview">
      <Group gap={9} wrap="nowrap">
        <Mark size={26} />
        <Text fw={700} fz="md" visibleFrom="xs" lts="-0.02em">
          Tooken
        </Text>
      </Group>
    </Link>
  );
}

export function Mark({ size }: { size: number }): ReactNode {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}
