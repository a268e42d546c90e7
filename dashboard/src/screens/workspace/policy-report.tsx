import { Box, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { usePlace } from '../../api/place.ts';
import { listPolicyReport, type ReportItem } from '../../api/workspace.ts';
import { TextLink } from '../../pieces/links.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';

/** Key of the report's query: to be read anew when the policies change. */
export const REPORT_KEY = ['policy-report'];

/** Which tokens go on working although they would be refused now. */
export function PolicyReport(): ReactNode {
  const { environment } = usePlace();
  const pages = usePages(REPORT_KEY, listPolicyReport);
  return (
    <Section
      title="Would be refused today"
      description={`Tokens of the ${environment} environment that go on working, and could not be issued again as they are`}
      flush
    >
      <Rows
        bare
        pages={pages}
        label="Tokens that the policies would refuse"
        minWidth={520}
        phoneWidth={320}
        head={
          <>
            <Table.Th>Token</Table.Th>
            <Table.Th visibleFrom="sm">Ends</Table.Th>
            <Table.Th>Why</Table.Th>
          </>
        }
        row={(item) => <Row key={item.id} item={item} />}
        empty={
          <Text size="sm" c="dimmed">
            {pages.hasMore
              ? 'None among the newest tokens. There are more to look at.'
              : 'None: every token meets the policies.'}
          </Text>
        }
      />
    </Section>
  );
}

function Row({ item }: { item: ReportItem }): ReactNode {
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 170, sm: 280 }}>
        <Stack gap={0}>
          <TextLink
            to="/tokens/$tokenId"
            params={{ tokenId: item.id }}
            fw={550}
            size="sm"
            truncate
            c="var(--mantine-color-text)"
          >
            {item.name}
          </TextLink>
          <Text size="xs" c="dimmed" className="mono truncate">
            {item.hint}
            {item.subject !== null && ` · ${item.subject}`}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={item.expires_at} size="sm" />
      </Table.Td>
      <Table.Td fz="sm">
        {item.violations.map((violation) => (
          <Box key={violation.policy}>{reason(violation)}</Box>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}

function reason({ policy, message }: ReportItem['violations'][number]): string {
  if (policy === 'max_token_ttl') return 'Lives for too long';
  if (policy === 'require_expiry') return 'Has no expiry';
  return message.charAt(0).toUpperCase() + message.slice(1);
}
