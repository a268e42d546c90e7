import { Badge, Group, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

/** Scopes, the first few of them. */
export function ScopeList({ scopes, most = 2 }: { scopes: readonly string[]; most?: number }): ReactNode {
  const rest = scopes.slice(most);
  return (
    <Group gap={4} wrap={most > 5 ? 'wrap' : 'nowrap'}>
      {scopes.slice(0, most).map((scope) => (
        <Badge key={scope} color="gray" variant="default" className="mono shrinks" fw={450} maw={240}>
          {scope}
        </Badge>
      ))}
      {rest.length > 0 && (
        <Tooltip label={rest.join(', ')} multiline maw={360}>
          <Badge color="gray" variant="default" fw={500} tabIndex={0}>
            +{rest.length}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}
