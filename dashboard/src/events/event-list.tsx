import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../api/types.ts';
import { Time } from '../pieces/time.tsx';
import { EventIcon } from './event-icon.tsx';
import { EventLine } from './event-line.tsx';
import classes from './event-list.module.css';
import { BlockLink } from '../pieces/links.tsx';

/** Events, short: sentence and time, each a link to all of it. */
export function EventList({ events, empty }: { events: readonly AuditEvent[]; empty: string }): ReactNode {
  if (events.length === 0) {
    return (
      <Text c="dimmed" size="sm" px="lg" pb="lg">
        {empty}
      </Text>
    );
  }
  return (
    <Stack gap={0} component="ul" className={classes.list}>
      {events.map((event) => (
        <li key={event.id}>
          <BlockLink
            className={classes.entry}
            to="/settings/audit-log/$eventId"
            params={{ eventId: event.id }}
          >
            <Group wrap="nowrap" gap="sm" align="center">
              <EventIcon event={event} />
              <div className={classes.sentence}>
                <EventLine event={event} />
              </div>
              <Time at={event.occurred_at} size="xs" c="dimmed" />
            </Group>
          </BlockLink>
        </li>
      ))}
    </Stack>
  );
}
