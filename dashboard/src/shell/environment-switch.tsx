import { SegmentedControl } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { moveTo, usePlace, type Environment } from '../api/place.ts';

/** Live and test never meet: switching forgets what was read, and goes home. */
export function EnvironmentSwitch(): ReactNode {
  const { environment } = usePlace();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const choose = (value: Environment): void => {
    moveTo({ environment: value });
    // What is open may not exist over there.
    if (/\/(?:token_|evt_|wh_)/.test(location.pathname)) void navigate({ to: '/' });
    void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  };
  return (
    <SegmentedControl
      size="xs"
      value={environment}
      onChange={(value) => choose(value)}
      color={environment === 'test' ? '#b0440b' : undefined}
      data={[
        { value: 'live', label: 'Live' },
        { value: 'test', label: 'Test' },
      ]}
      aria-label="Environment"
    />
  );
}
