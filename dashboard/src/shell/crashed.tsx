import { Container } from '@mantine/core';
import type { ReactNode } from 'react';
import { Problem } from '../pieces/problem.tsx';

/** What could not be shown at all. */
export function Crashed({ error }: { error: unknown }): ReactNode {
  return (
    <Container size="sm" py="xl">
      <Problem error={error} retry={() => location.reload()} />
    </Container>
  );
}
