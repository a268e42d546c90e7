import { EmptyState } from '@mantine/core';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { useReader } from '../api/session.ts';

export function Forbidden(): ReactNode {
  const { workspace } = useReader();
  return (
    <EmptyState
      py={80}
      icon={<Lock size={28} />}
      title="Not for your role"
      description={`You are ${workspace.role} of ${workspace.name}. Ask an owner if you need to see this.`}
    />
  );
}
