import { Button, Drawer, Group, Skeleton, Stack, Text, Timeline } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useReader } from '../../api/session.ts';
import { readDelivery, replayDelivery, type Delivery } from '../../api/webhooks.ts';
import { CodeBlock } from '../../pieces/code-block.tsx';
import { TextLink } from '../../pieces/links.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';

interface DeliveryDrawerProps {
  /** Null while none is shown. */
  delivery: Delivery | null;
  onClose: () => void;
}

/** What was sent, and every attempt. */
export function DeliveryDrawer({ delivery, onClose }: DeliveryDrawerProps): ReactNode {
  return (
    <Drawer opened={delivery !== null} onClose={onClose} title={delivery?.type} size="lg">
      {delivery && <Detail delivery={delivery} onClose={onClose} />}
    </Drawer>
  );
}

function Detail({ delivery, onClose }: { delivery: Delivery; onClose: () => void }): ReactNode {
  const { may } = useReader();
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['delivery', delivery.id],
    queryFn: ({ signal }) => readDelivery(delivery.webhook_id, delivery.id, signal),
  });
  const replay = useMutation({
    mutationFn: () => replayDelivery(delivery.webhook_id, delivery.id),
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: 'It is sent again' });
      onClose();
      await queries.invalidateQueries({ queryKey: ['deliveries', delivery.webhook_id] });
    },
  });
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <Skeleton height={260} />;
  return (
    <Stack>
      <Group>
        <Button
          variant="light"
          leftSection={<RotateCcw size={15} />}
          loading={replay.isPending}
          onClick={() => replay.mutate()}
        >
          Send again
        </Button>
        {may('read the log') && (
          <TextLink to="/settings/audit-log/$eventId" params={{ eventId: delivery.event_id }} size="sm">
            The event it tells of
          </TextLink>
        )}
      </Group>
      <Timeline bulletSize={16} lineWidth={2} active={data.attempts.length}>
        {data.attempts.map((attempt) => (
          <Timeline.Item
            key={attempt.at}
            color={attempt.error === null ? 'teal' : 'red'}
            title={attempt.error ?? `Answered ${String(attempt.status)}`}
          >
            <Text size="xs" c="dimmed">
              <Time at={attempt.at} as="exact" />, {attempt.duration_ms} ms
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {data.attempts.length === 0 && (
        <Text size="sm" c="dimmed">
          Not tried yet.
        </Text>
      )}
      <CodeBlock code={JSON.stringify(data.payload, null, 2)} label="body" />
    </Stack>
  );
}
