import { Button, Skeleton, Stack, Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import { listEvents } from '../../api/audit.ts';
import { usePages } from '../../api/pages.ts';
import type { Token } from '../../api/types.ts';
import { EventIcon } from '../../events/event-icon.tsx';
import { EventLine } from '../../events/event-line.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { TextLink } from '../../pieces/links.tsx';

/** What changed the token or ended it; its uses are in the chart. */
const TELLING = [
  ...[
    'token.issue',
    'token.update',
    'token.revoke',
    'token.rotate',
    'token.finish_rotation',
    'token.suspend',
    'token.exchange',
  ],
];

/** The life of a token, newest first. */
export function Life({ token }: { token: Token }): ReactNode {
  const pages = usePages(['events', 'life', token.id], (cursor, signal) =>
    listEvents({ target_id: [token.id], action: TELLING, limit: 20, cursor }, signal),
  );
  return (
    <Section
      title="Life"
      description="What changed it, by whom"
      actions={
        <TextLink to="/settings/audit-log" search={{ target_id: [token.id] }} size="sm">
          All events
        </TextLink>
      }
    >
      {pages.error !== null && <Problem error={pages.error} retry={pages.retry} />}
      {pages.isPending && <Skeleton height={120} />}
      <Timeline bulletSize={26} lineWidth={2} active={pages.items.length}>
        {pages.items.map((event) => (
          <Timeline.Item
            key={event.id}
            bullet={<EventIcon event={event} size={26} />}
            title={<EventLine event={event} />}
          >
            <Stack gap={2}>
              {event.changes !== null && event.changes.length > 0 && (
                <Text size="xs" c="dimmed">
                  {event.changes.map(({ field }) => field.replaceAll('_', ' ')).join(', ')}
                </Text>
              )}
              <Time at={event.occurred_at} size="xs" c="dimmed" />
            </Stack>
          </Timeline.Item>
        ))}
      </Timeline>
      {pages.hasMore && (
        <Button
          mt="md"
          variant="default"
          size="compact-sm"
          loading={pages.isLoadingMore}
          onClick={pages.loadMore}
        >
          Earlier
        </Button>
      )}
    </Section>
  );
}
