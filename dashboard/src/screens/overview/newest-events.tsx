import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { actionsQuery, isReading, listEvents } from '../../api/audit.ts';
import { EventList } from '../../events/event-list.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { TextLink } from '../../pieces/links.tsx';

/** What would crowd out the rest. */
const FREQUENT = ['token.verify', 'token.exchange', 'session.sudo'];
/** As many as the API takes. */
const ACTIONS_AT_ONCE = 50;

/** What happened last, without what was only looked at, and without verifications, which are in the chart. */
export function NewestEvents(): ReactNode {
  const { data: actions } = useQuery(actionsQuery);
  const telling = actions
    ?.map(({ action }) => action)
    .filter((action) => !isReading(action) && !FREQUENT.includes(action));
  const { data, error } = useQuery({
    queryKey: ['events', 'newest'],
    queryFn: ({ signal }) => listEvents({ action: telling?.slice(0, ACTIONS_AT_ONCE), limit: 6 }, signal),
    enabled: telling !== undefined,
    refetchInterval: 30_000,
  });
  return (
    <Section
      title="Newest events"
      flush
      actions={
        <TextLink to="/settings/audit-log" size="sm">
          Audit log
        </TextLink>
      }
    >
      {error !== null && <Problem error={error} />}
      {data ? (
        <EventList events={data.data} empty="Nothing has happened yet." />
      ) : (
        <Skeleton height={200} m="lg" />
      )}
    </Section>
  );
}
