import { Box, Group, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../../api/types.ts';
import { EventIcon } from '../../events/event-icon.tsx';
import { EventLine } from '../../events/event-line.tsx';
import { Outcome } from '../../events/outcome.tsx';
import { Time } from '../../pieces/time.tsx';
import { TextLink } from '../../pieces/links.tsx';

export function EventRow({ event }: { event: AuditEvent }): ReactNode {
  return (
    <Table.Tr>
      <Table.Td>
        <Group wrap="nowrap" gap="sm">
          <EventIcon event={event} />
          <Stack gap={0} miw={0}>
            <TextLink
              to="/settings/audit-log/$eventId"
              params={{ eventId: event.id }}
              c="var(--mantine-color-text)"
              underline="hover"
            >
              <EventLine event={event} />
            </TextLink>
            <Text size="xs" c="dimmed" className="mono">
              {event.action}
              {event.index !== null && ` · #${String(event.index)}`}
            </Text>
            <Box hiddenFrom="sm">
              <Time at={event.occurred_at} as="second" size="xs" c="dimmed" />
            </Box>
          </Stack>
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Outcome outcome={event.outcome} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm" className="mono">
          {event.request?.ip ?? '–'}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={event.occurred_at} as="second" size="sm" />
      </Table.Td>
    </Table.Tr>
  );
}
