import { Badge, Box, Button, SegmentedControl, Table, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { listDeliveries, type Delivery, type DeliveryStatus } from '../../api/webhooks.ts';
import { Rows } from '../../pieces/rows.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { DeliveryDrawer } from './delivery.tsx';

const COLORS: Record<DeliveryStatus, string> = { pending: 'blue', delivered: 'teal', failed: 'red' };
const CHOICES = [
  { value: 'all', label: 'All' },
  { value: 'pending', label: 'Pending' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'failed', label: 'Failed' },
];
const REFRESH_MS = 10_000;

/** Every notice of the last 30 days, and what became of it. */
export function Deliveries({ webhookId }: { webhookId: string }): ReactNode {
  const [filter, setFilter] = useState('all');
  const [shown, setShown] = useState<Delivery | null>(null);
  const status = filter === 'all' ? undefined : (filter as DeliveryStatus);
  const pages = usePages(
    ['deliveries', webhookId, filter],
    (cursor, signal) => listDeliveries(webhookId, status, cursor, signal),
    { refetchInterval: REFRESH_MS },
  );
  return (
    <Section
      title="Deliveries"
      description="The last 30 days"
      flush
      actions={
        <SegmentedControl size="xs" data={CHOICES} value={filter} onChange={setFilter} aria-label="Status" />
      }
    >
      <Rows
        bare
        pages={pages}
        label="Deliveries"
        minWidth={560}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Notice</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th visibleFrom="sm">Last attempt</Table.Th>
            <Table.Th visibleFrom="sm">Queued</Table.Th>
          </>
        }
        row={(delivery) => (
          <Table.Tr key={delivery.id}>
            <Table.Td>
              <Button
                variant="transparent"
                size="compact-sm"
                px={0}
                className="mono"
                onClick={() => setShown(delivery)}
              >
                {delivery.type}
              </Button>
              <Box hiddenFrom="sm">
                <LastAttempt delivery={delivery} />
              </Box>
            </Table.Td>
            <Table.Td>
              <DeliveryBadge status={delivery.status} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <LastAttempt delivery={delivery} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={delivery.created_at} size="sm" />
            </Table.Td>
          </Table.Tr>
        )}
        empty={
          <Box ta="center">
            <Text c="dimmed" size="sm">
              Nothing was sent yet.
            </Text>
          </Box>
        }
      />
      <DeliveryDrawer delivery={shown} onClose={() => setShown(null)} />
    </Section>
  );
}

function LastAttempt({ delivery }: { delivery: Delivery }): ReactNode {
  const { last_attempt: last, next_attempt_at: next } = delivery;
  return (
    <>
      <Text size="sm" c={last?.error ? undefined : 'dimmed'}>
        {last === null ? 'None yet' : (last.error ?? `Answered ${String(last.status)}`)}
      </Text>
      {next !== null && (
        <Text size="xs" c="dimmed">
          again <Time at={next} />
        </Text>
      )}
    </>
  );
}

export function DeliveryBadge({ status }: { status: DeliveryStatus }): ReactNode {
  return <Badge color={COLORS[status]}>{status.charAt(0).toUpperCase() + status.slice(1)}</Badge>;
}
