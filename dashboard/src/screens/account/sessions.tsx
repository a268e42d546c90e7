import { Badge, Button, Group, List, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { endSession, listSessions, type BrowserSession } from '../../api/people.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { browserName } from './browser-name.ts';

/** Where one is signed in, and the way to end it. */
export function Sessions(): ReactNode {
  const queries = useQueryClient();
  const pages = usePages(['sessions'], listSessions);
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <Section title="Sessions" description="Browsers in which you are signed in">
      <Problem error={pages.error} retry={pages.retry} />
      <List listStyleType="none" spacing="md" p={0}>
        {pages.items.map((session) => (
          <List.Item
            key={session.id}
            styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}
          >
            <Row
              session={session}
              isBusy={end.isPending && end.variables === session.id}
              onEnd={() => end.mutate(session.id)}
            />
          </List.Item>
        ))}
      </List>
      {pages.hasMore && (
        <Button
          variant="default"
          size="compact-sm"
          mt="md"
          onClick={pages.loadMore}
          loading={pages.isLoadingMore}
        >
          More
        </Button>
      )}
    </Section>
  );
}

interface RowProps {
  session: BrowserSession;
  isBusy: boolean;
  onEnd: () => void;
}

function Row({ session, isBusy, onEnd }: RowProps): ReactNode {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" miw={0}>
        <MonitorSmartphone size={20} aria-hidden />
        <Stack gap={0} miw={0}>
          <Group gap={6}>
            <Text size="sm" fw={550}>
              {browserName(session.user_agent)}
            </Text>
            {session.current && <Badge color="teal">This one</Badge>}
            {session.second_factor && <Badge color="gray">Second factor</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            <span className="mono">{session.ip}</span>, last seen <Time at={session.last_seen_at} />
          </Text>
        </Stack>
      </Group>
      {!session.current && (
        <Button size="compact-sm" variant="default" loading={isBusy} onClick={onEnd}>
          End
        </Button>
      )}
    </Group>
  );
}
