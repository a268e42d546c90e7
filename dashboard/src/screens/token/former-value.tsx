import { Alert, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Hourglass } from 'lucide-react';
import type { ReactNode } from 'react';
import { finishRotation } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Time } from '../../pieces/time.tsx';

interface FormerValueProps {
  token: Token;
  mayEnd: boolean;
}

/** While a former value still works: until when, who uses it, and the way to end it. */
export function FormerValue({ token, mayEnd }: FormerValueProps): ReactNode {
  const { previous } = token;
  const queries = useQueryClient();
  const finish = useMutation({
    mutationFn: () => finishRotation(token.id),
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: 'The former value is over' });
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  if (previous === null || Date.parse(previous.expires_at) <= Date.now()) return null;
  const isUsed = previous.uses_since_rotation > 0;
  return (
    <Alert
      color={isUsed ? 'yellow' : 'blue'}
      icon={<Hourglass size={18} />}
      title={
        <>
          The former value <span className="mono">{previous.hint}</span> works until{' '}
          <Time at={previous.expires_at} as="date" />
        </>
      }
    >
      <Group justify="space-between">
        <Text size="sm">
          {isUsed ? (
            <>
              Still used: {times(previous.uses_since_rotation)} since, last{' '}
              <Time at={previous.last_used_at} />
              {previous.last_used_ip !== null && (
                <>
                  {' from '}
                  <span className="mono">{previous.last_used_ip}</span>
                </>
              )}
              . Whoever that is needs the new value.
            </>
          ) : (
            'Nobody has used it since the rotation: it can be ended.'
          )}
        </Text>
        {mayEnd && (
          <Button
            size="compact-sm"
            variant="default"
            loading={finish.isPending}
            onClick={() => finish.mutate()}
          >
            End it now
          </Button>
        )}
      </Group>
    </Alert>
  );
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
}
