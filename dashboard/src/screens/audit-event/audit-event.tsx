import { Code, Grid, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { eventQuery } from '../../api/audit.ts';
import type { AuditEvent } from '../../api/types.ts';
import { EventLine } from '../../events/event-line.tsx';
import { Outcome } from '../../events/outcome.tsx';
import { Handle } from '../../pieces/handle.tsx';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { CodeBlock } from '../../pieces/code-block.tsx';
import { Section } from '../../pieces/section.tsx';
import { Changes } from './changes.tsx';
import { EventFacts } from './event-facts.tsx';
import { Proof } from './proof.tsx';
import { Related } from './related.tsx';
import { TextLink } from '../../pieces/links.tsx';

const route = getRouteApi('/shell/settings/audit-log/$eventId');

/** One event: as a sentence, in parts, as it is, and proven. */
export function AuditEventScreen(): ReactNode {
  const { eventId } = route.useParams();
  const {
    data: event,
    error,
    refetch,
  } = useQuery({
    ...eventQuery(eventId),
    // It gets its place within a second.
    refetchInterval: ({ state }) => (state.data?.index === null ? 1000 : false),
  });
  const crumbs = [
    <TextLink key="log" to="/settings/audit-log" size="sm">
      Audit Log
    </TextLink>,
    event?.action ?? '…',
  ];
  return (
    <Page
      title={event?.action ?? 'Event'}
      beside={event && <Outcome outcome={event.outcome} />}
      description={<Handle id={eventId} what="event id" />}
      crumbs={crumbs}
    >
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {event === undefined && error === null && <Skeleton height={320} radius="md" />}
      {event && <Filled event={event} />}
    </Page>
  );
}

function Filled({ event }: { event: AuditEvent }): ReactNode {
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap="lg">
          <Section title="What happened">
            <EventLine event={event} />
            {event.changes !== null && event.changes.length > 0 && <Changes changes={event.changes} />}
          </Section>
          <Proof event={event} />
          <Section title="JSON" description="Exactly what the API answers">
            <CodeBlock code={JSON.stringify(event, null, 2)} label="event as JSON" />
          </Section>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="lg">
          <EventFacts event={event} />
          <Related event={event} />
          {event.details !== null && Object.keys(event.details).length > 0 && (
            <Section title="Details">
              <Stack gap="xs">
                {Object.entries(event.details).map(([name, value]) => (
                  <div key={name}>
                    <Text size="xs" c="dimmed">
                      {name}
                    </Text>
                    <Code>{typeof value === 'string' ? value : JSON.stringify(value)}</Code>
                  </div>
                ))}
              </Stack>
            </Section>
          )}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
