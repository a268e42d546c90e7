import { EmptyState, Skeleton } from '@mantine/core';
import { ChartColumn } from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import type { EventStats } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { RANGES, totalsOf, type RangeKey } from './range.ts';

// The largest part of the dashboard's script, and nothing else waits for it.
const VerificationChart = lazy(async () => ({
  default: (await import('../../pieces/verification-chart.tsx')).VerificationChart,
}));

interface VerificationsProps {
  stats: EventStats | undefined;
  error: Error | null;
  range: RangeKey;
}

/** Verifications over time by outcome. */
export function Verifications({ stats, error, range }: VerificationsProps): ReactNode {
  return (
    <Section title="Verifications" description="How often your services asked, and what they were told">
      {error !== null && <Problem error={error} />}
      {stats && totalsOf(stats).all === 0 && (
        <EmptyState
          py="lg"
          icon={<ChartColumn size={26} />}
          title="No verification in this time"
          description="Each call of POST /v1/tokens/verify is counted here."
        />
      )}
      {stats && totalsOf(stats).all > 0 && (
        <Suspense fallback={<Skeleton height={240} />}>
          <VerificationChart stats={stats} tick={RANGES[range].tick} />
        </Suspense>
      )}
      {!stats && error === null && <Skeleton height={240} />}
    </Section>
  );
}
