import { Center, Loader } from '@mantine/core';
import type { ReactNode } from 'react';

export function Waiting(): ReactNode {
  return (
    <Center h="60vh">
      <Loader type="dots" aria-label="Loading" />
    </Center>
  );
}
