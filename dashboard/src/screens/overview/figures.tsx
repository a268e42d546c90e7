import { Card, SimpleGrid, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EventStats, Token } from '../../api/types.ts';
import { totalsOf } from './range.ts';

/** The few numbers one comes for. */
export function Figures({
  stats,
  newest,
}: {
  stats: EventStats | undefined;
  newest: readonly Token[];
}): ReactNode {
  const { all, denied, success } = totalsOf(stats);
  const active = newest.filter(({ status }) => status === 'active').length;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'sm', md: 'lg' }}>
      <Figure label="Verifications" value={stats && number(all)} />
      <Figure label="Found valid" value={stats && share(success, all)} />
      <Figure label="Not valid" value={stats && number(denied)} isAlarming={denied > success} />
      <Figure label="Active tokens" value={newest.length >= 100 ? `${String(active)}+` : number(active)} />
    </SimpleGrid>
  );
}

interface FigureProps {
  label: string;
  value: string | undefined;
  isAlarming?: boolean;
}

function Figure({ label, value, isAlarming = false }: FigureProps): ReactNode {
  return (
    <Card padding="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton height={28} width={80} mt={6} />
      ) : (
        <Text
          fz={26}
          fw={640}
          lts="-0.02em"
          className="numbers"
          c={isAlarming ? 'var(--mantine-color-error)' : undefined}
        >
          {value}
        </Text>
      )}
    </Card>
  );
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function share(part: number, all: number): string {
  return all === 0 ? '–' : `${((part / all) * 100).toFixed(part === all ? 0 : 1)} %`;
}
