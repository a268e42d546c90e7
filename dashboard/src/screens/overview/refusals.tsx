import { Box, Group, Progress, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { statsQuery } from '../../api/audit.ts';
import { title } from '../../events/words.ts';
import { Section } from '../../pieces/section.tsx';
import { rangeQuery, reasonsOf, type RangeKey } from './range.ts';

const SHOWN = 6;

/** Why callers and tokens were refused. */
export function Refusals({ range }: { range: RangeKey }): ReactNode {
  const { data } = useQuery(statsQuery(range, () => rangeQuery(range), { outcome: ['denied'] }));
  const reasons = reasonsOf(data);
  const most = reasons[0]?.count ?? 1;
  return (
    <Section title="Refusals by reason" description="Tokens not valid, and calls to Tooken refused">
      {data === undefined && <Skeleton height={120} />}
      {data !== undefined && reasons.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was refused in this time.
        </Text>
      )}
      <Stack gap="sm">
        {reasons.slice(0, SHOWN).map(({ reason, count }) => (
          <Box key={reason}>
            <Group justify="space-between" mb={4}>
              <Text size="sm">{title(reason)}</Text>
              <Text size="sm" c="dimmed" className="numbers">
                {count.toLocaleString('en')}
              </Text>
            </Group>
            <Progress value={(count / most) * 100} size={6} color="red.5" aria-label={title(reason)} />
          </Box>
        ))}
      </Stack>
    </Section>
  );
}
