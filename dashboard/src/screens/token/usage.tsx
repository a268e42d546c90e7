import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import { statsQuery } from '../../api/audit.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { RANGES, rangeQuery, totalsOf } from '../overview/range.ts';

const VerificationChart = lazy(async () => ({
  default: (await import('../../pieces/verification-chart.tsx')).VerificationChart,
}));

/** How often this token was verified, by outcome. */
export function Usage({ tokenId }: { tokenId: string }): ReactNode {
  const { data, error } = useQuery(
    statsQuery('30d', () => rangeQuery('30d'), { action: ['token.verify'], target_id: [tokenId] }),
  );
  const isSilent = data !== undefined && totalsOf(data).all === 0;
  return (
    <Section title="Usage" description="Verifications in the last 30 days">
      {error !== null && <Problem error={error} />}
      {isSilent && (
        <Text size="sm" c="dimmed">
          It has not been verified in this time.
        </Text>
      )}
      {data && !isSilent && (
        <Suspense fallback={<Skeleton height={200} />}>
          <VerificationChart stats={data} tick={RANGES['30d'].tick} height={200} />
        </Suspense>
      )}
      {!data && error === null && <Skeleton height={200} />}
    </Section>
  );
}
