import { Alert, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiKey } from '../../api/types.ts';
import { Time } from '../../pieces/time.tsx';

/** What will stop working, and how likely somebody notices. */
export function WhatStops({ apiKey, children }: { apiKey: ApiKey; children: ReactNode }): ReactNode {
  return (
    <>
      <Text size="sm">{children}</Text>
      {apiKey.last_used_at === null ? (
        <Alert color="gray">It has never been used, so nothing should notice.</Alert>
      ) : (
        <Alert color="yellow" icon={<TriangleAlert size={18} />}>
          Last used <Time at={apiKey.last_used_at} />
          {apiKey.last_used_ip !== null && (
            <>
              {' from '}
              <span className="mono">{apiKey.last_used_ip}</span>
            </>
          )}
          . Whatever runs there is refused from its next request on.
        </Alert>
      )}
    </>
  );
}
