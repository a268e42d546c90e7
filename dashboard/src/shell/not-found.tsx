import { EmptyState } from '@mantine/core';
import { MapPinOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { ButtonLink } from '../pieces/links.tsx';

export function NotFound(): ReactNode {
  return (
    <EmptyState
      py={120}
      icon={<MapPinOff size={28} />}
      title="There is nothing here"
      description="The address may be mistyped, or what it led to is gone."
    >
      <EmptyState.Actions>
        <ButtonLink to="/" variant="default">
          To the overview
        </ButtonLink>
      </EmptyState.Actions>
    </EmptyState>
  );
}
