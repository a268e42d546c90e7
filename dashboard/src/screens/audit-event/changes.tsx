import { Code, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../../api/types.ts';

/** What was before and what is since. */
export function Changes({ changes }: { changes: NonNullable<AuditEvent['changes']> }): ReactNode {
  return (
    <Table.ScrollContainer
      minWidth={380}
      mt="md"
      type="native"
      tabIndex={0}
      role="region"
      aria-label="Changes"
    >
      <Table withTableBorder>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ field, from, to }) => (
            <Table.Tr key={field}>
              <Table.Td>
                <Text size="sm" className="mono">
                  {field}
                </Text>
              </Table.Td>
              <Table.Td>
                <Value value={from} />
              </Table.Td>
              <Table.Td>
                <Value value={to} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Value({ value }: { value: unknown }): ReactNode {
  if (value === null || value === undefined) {
    return (
      <Text size="sm" c="dimmed">
        none
      </Text>
    );
  }
  return <Code>{typeof value === 'string' ? value : JSON.stringify(value)}</Code>;
}
