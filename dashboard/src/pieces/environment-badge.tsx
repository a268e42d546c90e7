import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';

export function EnvironmentBadge({ environment }: { environment: 'live' | 'test' }): ReactNode {
  return environment === 'live' ? <Badge color="iris">Live</Badge> : <Badge color="orange">Test</Badge>;
}
