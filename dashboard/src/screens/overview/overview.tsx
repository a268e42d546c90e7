import { SegmentedControl, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { statsQuery } from '../../api/audit.ts';
import { useReader } from '../../api/session.ts';
import { listTokens } from '../../api/tokens.ts';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { FirstToken } from './first-token.tsx';
import { Figures } from './figures.tsx';
import { NewestEvents } from './newest-events.tsx';
import { RANGES, rangeQuery, type RangeKey } from './range.ts';
import { Refusals } from './refusals.tsx';
import { ExpiringSoon, NeverUsed } from './token-lists.tsx';
import { Verifications } from './verifications.tsx';
import { ButtonLink } from '../../pieces/links.tsx';

/** How the workspace does, at a glance; for a newcomer the way to the first token. */
export function Overview(): ReactNode {
  const { may } = useReader();
  const tokens = useQuery({
    queryKey: ['tokens', 'newest'],
    queryFn: ({ signal }) => listTokens({ limit: 100 }, signal),
  });
  if (tokens.isPending) return <Loading />;
  if (tokens.error !== null) {
    return (
      <Page title="Overview">
        <Problem error={tokens.error} retry={() => void tokens.refetch()} />
      </Page>
    );
  }
  if (tokens.data.data.length === 0 && may('manage tokens')) return <FirstToken />;
  return (
    <Filled newest={tokens.data.data} mayReadLog={may('read the log')} mayIssue={may('manage tokens')} />
  );
}

type Newest = Awaited<ReturnType<typeof listTokens>>['data'];

function Filled({
  newest,
  mayReadLog,
  mayIssue,
}: {
  newest: Newest;
  mayReadLog: boolean;
  mayIssue: boolean;
}): ReactNode {
  const [range, setRange] = useState<RangeKey>('7d');
  const stats = useQuery({
    ...statsQuery(range, () => rangeQuery(range), { action: ['token.verify'] }),
    enabled: mayReadLog,
    refetchInterval: 60_000,
  });
  return (
    <Page
      title="Overview"
      actions={
        <>
          {mayReadLog && (
            <SegmentedControl
              size="xs"
              value={range}
              onChange={(value) => setRange(value as RangeKey)}
              data={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
              aria-label="Time range"
            />
          )}
          {mayIssue && (
            <ButtonLink to="/tokens/new" leftSection={<Plus size={16} />}>
              Issue token
            </ButtonLink>
          )}
        </>
      }
    >
      {mayReadLog && (
        <>
          <Figures stats={stats.data} newest={newest} />
          <Verifications stats={stats.data} error={stats.error} range={range} />
        </>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <ExpiringSoon />
        <NeverUsed newest={newest} />
        {mayReadLog && <Refusals range={range} />}
        {mayReadLog && <NewestEvents />}
      </SimpleGrid>
    </Page>
  );
}

function Loading(): ReactNode {
  return (
    <Page title="Overview">
      <Stack gap="lg" role="status" aria-label="Loading">
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          {Array.from({ length: 4 }, (_, n) => (
            <Skeleton key={n} height={96} radius="md" />
          ))}
        </SimpleGrid>
        <Skeleton height={300} radius="md" />
      </Stack>
    </Page>
  );
}
