import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { listInvitations, takeBack } from '../../api/people.ts';
import { Rows } from '../../pieces/rows.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { RoleBadge } from './role-badge.tsx';

/** Who was invited and has not come yet. */
export function Invitations(): ReactNode {
  const queries = useQueryClient();
  const pages = usePages(['invitations'], listInvitations);
  const back = useMutation({
    mutationFn: takeBack,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  if (pages.items.length === 0 && pages.error === null) return null;
  return (
    <Section title="Open invitations" flush>
      <Rows
        bare
        pages={pages}
        label="Open invitations"
        minWidth={560}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Address</Table.Th>
            <Table.Th visibleFrom="sm">Role</Table.Th>
            <Table.Th visibleFrom="sm">Ends</Table.Th>
            <Table.Th w={110}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </>
        }
        row={({ id, email, role, expires_at: end }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {email}
              </Text>
              <Text size="xs" c="dimmed" hiddenFrom="sm" component="div">
                <RoleBadge role={role} /> ends <Time at={end} />
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <RoleBadge role={role} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={end} size="sm" />
            </Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                loading={back.isPending && back.variables === id}
                onClick={() => back.mutate(id)}
              >
                Take back
              </Button>
            </Table.Td>
          </Table.Tr>
        )}
        empty={null}
      />
    </Section>
  );
}
