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
        head={
          <>
            <Table.Th>Notice</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Last attempt</Table.Th>
            <Table.Th>Queued</Table.Th>
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
            </Table.Td>
            <Table.Td>
              <DeliveryBadge status={delivery.status} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c={delivery.last_attempt?.error ? undefined : 'dimmed'}>
                {delivery.last_attempt === null
                  ? 'None yet'
                  : (delivery.last_attempt.error ?? `Answered ${String(delivery.last_attempt.status)}`)}
              </Text>
              {delivery.next_attempt_at !== null && (
                <Text size="xs" c="dimmed">
                  again <Time at={delivery.next_attempt_at} />
                </Text>
              )}
            </Table.Td>
            <Table.Td>
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

export function DeliveryBadge({ status }: { status: DeliveryStatus }): ReactNode {
  return <Badge color={COLORS[status]}>{status.charAt(0).toUpperCase() + status.slice(1)}</Badge>;
}
